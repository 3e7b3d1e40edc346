// Package backup copies a database into one file and back, and from one
// database to the other, row by row and the same on SQLite and PostgreSQL.
//
// A backup is a tar archive: README.txt, then each table as
// tables/NAME-000001.jsonl and so on (one row a line, a JSON array in the order
// of the manifest's columns, bytes as base64), objects/ for what lies beside the
// database, and last manifest.txt, signed by the journal's key, with the number
// of rows and the SHA-256 of every table (docs/sealing.md §11). It comes from one
// read transaction while writers go on, and is believed only once it was
// restored into a scratch database.
//
// It holds no wrap of a team key and no copy of a reply: those would bring back
// what was destroyed. Wraps go into the key store, a second file in the same
// format of which only one exists.
//
// It must not know what a row means, beyond the team epochs that a key store is
// compared by.
package backup
