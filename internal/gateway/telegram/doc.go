// Package telegram is the door through which most people come: bots in
// Telegram. Telegram can read what passes there, and the bot says so before
// anything else.
//
// The way in: a bot hears an update (by long polling or a webhook), the batcher
// looks up the chat and its case, plans what follows, seals, and keeps it in one
// commit with all others that wait; only then is the update acknowledged. The way
// out: everything the bot says is a job that was kept with its cause; one node at
// a time, the leader, sends, within Telegram's limits, replies of operators first.
//
// Plaintext exists here between reading an update and sealing it, and between
// opening a reply and sending it. It is never logged and never on disk. The
// package must not know operators, what a case holds, or any key of a team.
package telegram
