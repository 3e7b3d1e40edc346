// Package alike finds texts that say nearly the same, as a flood from one
// source does, so that a page can show them together. It keeps no text, only
// hashed pieces of texts under secret numbers, and it knows nothing of cases:
// who asks says what may be grouped.
//
// A text is made plain (see [Normal]) and cut into shingles of five letters.
// MinHash with bands finds the few texts that may be alike; then the shingles
// are compared. A text joins a group when it is like one of the group's
// examples and not unlike the first of them, so that a chain of small steps
// cannot join what has nothing in common.
package alike
