// Package store is the server's memory and the only place with SQL. One set of
// queries (query/*.sql, generated into package db) runs on SQLite, for one
// machine, and on PostgreSQL, for several. What the two say differently stands
// in sqlite.go and postgres.go.
//
// It must not know what a record says, who a person is, what an operator may
// do, or what a stage means: it keeps bytes, counts and order, and it keeps
// them durably or says that it did not.
//
// # Transactions
//
// Update and View run a function inside a transaction. An Update's function
// may be run more than once (PostgreSQL retries after a serialization failure),
// so it must not keep results of an earlier run, and it must do nothing but
// database work: on SQLite all writers wait for it. It must not call Update.
// The first statement that fails ends the transaction on both databases.
//
// # Lock order
//
// Whoever changes a case takes locks in this order: LockCase (several cases by
// ascending id), then the journal, then NextVersion. The counter behind
// NextVersion and the journal's head are single rows which all writers share,
// so they come last and are held only until the commit. The order is checked
// on both databases: a call out of order fails.
package store
