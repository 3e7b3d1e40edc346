// Package seal is the cryptographic protocol of the hotline: keys, sealed
// files, signed texts, records, receipts, envelopes, manifest and roster, as
// docs/sealing.md writes it down. Everything sealed is a standard age v1 file
// with post-quantum hybrid recipients, so that the stock age program opens an
// export; everything signed is one line of JSON with Ed25519 signatures.
//
// The package does no I/O except reading randomness, knows neither databases
// nor networks, and returns plaintext only to callers that hold the key.
package seal
