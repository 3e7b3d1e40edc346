// Package bench measures the product from outside: a server in a process of
// its own, filled through its real door by a generator that has sealed and
// solved everything before the clock starts. What was acknowledged is looked
// for in the database after the server was killed.
package bench
