// Package contact is the person's side of the protocol (docs/sealing.md) in
// Go: what the contact page does in a browser, for the drill, the benchmark
// and the tests of the server. It believes nothing that is not signed by the
// authority, by the case's own key or by a reply key of the manifest.
//
// It must not know the server's packages or the database, and it keeps no file:
// what it knows of a case it has from the receipt and from the server.
package contact
