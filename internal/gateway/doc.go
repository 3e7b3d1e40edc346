// Package gateway holds what all doors share that see plaintext for a moment:
// how a case is made on behalf of a person who cannot seal. Each door is a
// folder below it.
//
// A gateway seals at once, signs with its own key and says so; it keeps no
// plaintext, logs none, and cannot open what it has sealed. It must not know
// operators, cases other than the one in hand, or any key of a team.
package gateway
