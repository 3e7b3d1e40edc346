// Package drill plays scenarios through the real doors and the real desk
// client of a freshly booted authority, both ways, and says what was shown.
// What it checks it reads from where it ends up: the operator's view, the
// person's own device with nothing but the receipt, or his chat in a Telegram that
// misbehaves, the database's bytes.
package drill
