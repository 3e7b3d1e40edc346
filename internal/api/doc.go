// Package api is where desk and server meet: the types that travel between
// them as JSON over mutual TLS, the table that translates errors, and the
// client. Everything that a person wrote travels sealed; the package holds no
// key of a case and knows neither the database nor a page.
package api
