// Package journal is the tamper-evident log of what was done with power:
// a read of a case, a change of keys, an approval, an export. Whoever holds one
// signed checkpoint, and nothing else, can later prove that nothing before
// it was changed, taken out or put in.
//
// # Why a Merkle log
//
// A table of acts can be edited by whoever has the database. A chain of hashes
// can be checked only by reading all of it. A Merkle tree (RFC 6962) lets a desk
// check, with a few hundred bytes at every connection, that the log it sees now
// extends the log it saw last (consistency), and that one act is in it
// (inclusion). The tree and the proofs are golang.org/x/mod/sumdb/tlog; the
// checkpoints are signed notes with the body of c2sp.org/tlog-checkpoint; tiles
// follow c2sp.org/tlog-tiles. All of them are read by tools that we did not write.
//
// # Why blinded leaves
//
// The tree outlives the person's case, and checkpoints and tiles are handed to
// outsiders. An entry is short and easy to guess (who, what, which case, which
// hour), so its plain hash could be found by trying. What enters the tree is
//
//	commitment = SHA-256("safeconduct journal leaf v1\n" || blind || line)
//
// with 32 random bytes of blind, under RFC 6962's leaf hash. The pair of blind
// and line is the [Opening]. When the entry has served its time both halves of
// the opening are deleted together: what remains says that something was
// done, and can never again say what; the tree stays whole.
//
// # What it does not do
//
// It does not stop a server that holds the signing key from writing an untrue
// entry, nor from showing two desks two different logs: the second is found as
// soon as the two compare checkpoints ([CheckConsistency]). It does not know
// when an act happened, only in which order the acts were written.
//
// # Boundaries
//
// The package holds no SQL, no network and no clock. It writes through [Tree],
// which the store implements on the transaction of the act itself: no leaf, no
// act. It must not know plaintext of contacts, receipts, handles or keys:
// entries carry ids and hashes only.
package journal
