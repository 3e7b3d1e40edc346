// Package rehearsal plays the product: it reads conversations made up for
// practice, boots a whole authority (server and desk, with a bot in a simulated
// Telegram) for them, and its sub-packages use that for the drill, the
// demonstration and the benchmarks. Everything goes through the real doors and the
// real desk.
//
// The product must not know this package: nothing here makes a rehearsal
// behave otherwise than the real thing.
package rehearsal
