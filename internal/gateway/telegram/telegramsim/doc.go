// Package telegramsim is Telegram, simulated: the Bot API as
// https://core.telegram.org/bots/api documents it, and the people at the other
// end with their phones. Tests, the demonstration and the drill use it, and it
// misbehaves on request as networks and large services do.
//
// The JSON is written from the published documentation with types of its own,
// so that a mistake in the library that the gateway uses shows as a difference.
// What the documentation leaves open follows the published source of Telegram's
// server (github.com/tdlib/telegram-bot-api) and says so where it stands.
//
// The package must not know the gateway, cases, keys or desks. It calls nobody
// but webhooks on this computer.
package telegramsim
