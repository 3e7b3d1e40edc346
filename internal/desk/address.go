package desk

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

const (
	maxAddresses = 16
	maxAddress   = 128 // characters
)

// The grammars of addresses. Telegram: core.telegram.org/method/account.checkUsername;
// telephone: E.164 has at most 15 digits; page: an origin (RFC 6454), in letters of any script.
var (
	telegramAddress = regexp.MustCompile(`^(?:@|(?i:(?:https?://)?t\.me/))([A-Za-z0-9_]{5,32})/?$`)
	phoneAddress    = regexp.MustCompile(`^\+[0-9](?: ?[0-9]){4,14}$`)
	webAddress      = regexp.MustCompile(`^https?://[\p{L}0-9](?:[\p{L}0-9.-]*[\p{L}0-9])?(?::([0-9]{1,5}))?$`)
)

// parseAddress reads an official address as somebody types it, and returns it
// as it is published: people compare it letter by letter.
func parseAddress(channel hotline.Channel, text string) (seal.ChannelAddress, error) {
	a := seal.ChannelAddress{Channel: channel, Address: strings.Join(strings.Fields(text), " ")}
	wrong := func(why string) (seal.ChannelAddress, error) {
		return seal.ChannelAddress{}, hotline.Errorf(hotline.KindInvalid, "addresses", "%s", why)
	}
	hidden := func(r rune) bool { return !unicode.IsGraphic(r) }
	if n := utf8.RuneCountInString(a.Address); n < 1 || n > maxAddress || strings.ContainsFunc(a.Address, hidden) {
		return wrong("an address has 1 to 128 characters, all of them visible")
	}
	switch channel {
	case hotline.ChannelTelegram:
		name := telegramAddress.FindStringSubmatch(a.Address)
		if name == nil {
			return wrong("a Telegram address is @ and a name of 5 to 32 letters, digits and underscores, such as @example_bot")
		}
		a.Address = "@" + name[1]
	case hotline.ChannelPhone:
		if !phoneAddress.MatchString(a.Address) {
			return wrong("a telephone number is + and 5 to 15 digits, with nothing but spaces between them")
		}
	case hotline.ChannelWeb:
		a.Address = strings.TrimSuffix(strings.ToLower(a.Address), "/")
		port := webAddress.FindStringSubmatch(a.Address)
		if port == nil || strings.Contains(a.Address, "..") || (port[1] != "" && !isPort(port[1])) {
			return wrong("the address of a page is http:// or https:// and the name of its server, without anything behind it, such as https://example.org")
		}
	default:
		return wrong("an official address is that of a page, of a bot in Telegram or of a telephone")
	}
	return a, nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// checkAddresses reads a whole list. Two spellings of one address are one.
func checkAddresses(list []seal.ChannelAddress) ([]seal.ChannelAddress, error) {
	if len(list) > maxAddresses {
		return nil, hotline.Errorf(hotline.KindInvalid, "addresses", "the list has room for %d addresses", maxAddresses)
	}
	var out []seal.ChannelAddress
	seen := map[seal.ChannelAddress]bool{}
	for _, typed := range list {
		a, err := parseAddress(typed.Channel, typed.Address)
		if err != nil {
			return nil, err
		}
		same := seal.ChannelAddress{Channel: a.Channel, Address: strings.ReplaceAll(strings.ToLower(a.Address), " ", "")}
		if seen[same] {
			return nil, hotline.Errorf(hotline.KindInvalid, "addresses", "the address %s stands in the list already", a.Address)
		}
		seen[same] = true
		out = append(out, a)
	}
	return out, nil
}

// checkNew refuses what another desk lists and this one would not: a list is
// only worth comparing with when every address in it reads as it is written.
func checkNew(old, next []seal.ChannelAddress) error {
	known := map[seal.ChannelAddress]bool{}
	for _, a := range old {
		known[a] = true
	}
	for _, a := range next {
		if known[a] {
			continue
		}
		if read, err := parseAddress(a.Channel, a.Address); err != nil || read != a {
			return hotline.Errorf(hotline.KindForged, "approvals", "the manifest lists an address that is none")
		}
	}
	return nil
}
