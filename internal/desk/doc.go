// Package desk is the operator's program without its pages: it holds the
// operator's keys, talks to the server with mutual TLS, opens sealed records
// in memory only, and keeps on disk nothing that is not sealed to the
// operator. What the server says is believed as far as signatures carry it:
// rosters, manifests, epochs, generations, records, statements and the journal
// are verified here, and what does not verify is shown, never hidden.
//
// The package knows neither the server nor a database; it knows internal/api.
// It prints no page and writes no plaintext, key or case id to a log.
package desk
