// Package e2e holds the tests that boot the real product: the built program
// as child processes, real desks, and a real browser, on both databases. It
// has no code of its own, and nothing may import it.
package e2e
