// Package intake is the public door: it shows the contact page, takes sealed
// envelopes from it, keeps their records and gives the person's replies back
// (docs/sealing.md, section 7). It appends ciphertext and knows which case it
// belongs to, not what it says.
//
// It must not know who writes or what is written: it holds no key of a team,
// a case or a person, keeps no address, user agent or exact time (except the
// moment since which somebody waits), and logs none of them.
//
// # From a POST to a row
//
// routes.go → envelope.go (parse, check the work, open the envelope) → the
// operation's file (create.go, send.go, open.go, fetch.go, putaway.go), which
// verifies what can be verified without a lock → room.go (who goes first) →
// dispatch.go, which runs the operation in the store. Only after the commit is
// "received" said.
package intake
