package telegram

// Words gives the tests what the bot says, so that they find it whatever it is.
func Words(lang string) words { return texts[lang] }

// HookPath is where Telegram reaches a bot.
func HookPath(bot int64) string { return hookPath(bot) }

// HookSecret is what Telegram sends to the only bot.
func HookSecret(g *Gateway) string { return g.hookSecret(g.bots[0]) }

// SecretHeader is where Telegram sends it.
const SecretHeader = secretHeader
