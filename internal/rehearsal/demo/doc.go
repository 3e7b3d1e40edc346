// Package demo is the product on one computer for whoever wants to see it: a
// fresh authority, a server, an operator's desk, and conversations that came
// in through the real public door, so that the desk is not empty.
package demo
