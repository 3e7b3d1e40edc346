// Package endure plays the whole product in one process, on a clock that the
// test sets: a month and more in the life of a hotline, and what breaks in it
// (a full disk, a database that cannot be written, a wrong clock, a node that
// ends). It holds no code of the product.
package endure
