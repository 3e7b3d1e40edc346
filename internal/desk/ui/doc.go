// Package ui is the operator's pages: html/template and htmx on a loopback
// address, live without reload. It shows what the desk program holds in memory
// and hands acts to it.
//
// The package holds no key, writes no file and logs nothing about a case. What
// a person wrote never stands in an address, a title or the browser's storage:
// every answer is no-store, cases are named by references that are worth
// nothing after this process, and searches travel in bodies. It knows neither
// the server nor a database.
package ui
