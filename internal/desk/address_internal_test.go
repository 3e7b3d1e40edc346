package desk

import (
	"strings"
	"testing"
	"unicode"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// What is typed is published as people compare it, or refused with a reason.
func TestParseAddress(t *testing.T) {
	t.Parallel()
	const web, telegram, phone = hotline.ChannelWeb, hotline.ChannelTelegram, hotline.ChannelPhone
	for _, c := range []struct {
		channel     hotline.Channel
		typed, want string // want is empty: refused
	}{
		{telegram, "@Example_bot", "@Example_bot"},
		{telegram, "t.me/example_bot", "@example_bot"},
		{telegram, " https://t.me/example_bot\n", "@example_bot"},
		{telegram, "HTTP://T.me/example_bot/", "@example_bot"},
		{telegram, "@abcde", "@abcde"},
		{telegram, "@abcd", ""},
		{telegram, "@" + strings.Repeat("a", 32), "@" + strings.Repeat("a", 32)},
		{telegram, "@" + strings.Repeat("a", 33), ""},
		{telegram, "example_bot", ""},
		{telegram, "@example-bot", ""},
		{telegram, "@ex\u0430mple_bot", ""}, // a Cyrillic а
		{telegram, "@example_bot\u200b", ""},
		{telegram, "https://t.me/example_bot?start=1", ""},
		{telegram, "https://t.me.example.org/example_bot", ""},
		{telegram, "https://example.org", ""},
		{phone, "+380441234567", "+380441234567"},
		{phone, "  +380  44\u00a01234567 ", "+380 44 1234567"},
		{phone, "+12345", "+12345"},
		{phone, "+1234", ""},
		{phone, "+123456789012345", "+123456789012345"},
		{phone, "+1234567890123456", ""},
		{phone, "+ 380441234567", ""},
		{phone, "0800 123 456", ""},
		{phone, "+380 (44) 123-45-67", ""},
		{phone, "+38044123456\u0667", ""}, // an Arabic digit
		{web, "https://example.org", "https://example.org"},
		{web, "HTTPS://Example.ORG/", "https://example.org"},
		{web, "http://localhost:8080", "http://localhost:8080"},
		{web, "http://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion", "http://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"},
		{web, "https://Приклад.укр", "https://приклад.укр"},
		{web, "https://example.org/path", ""},
		{web, "https://example.org//", ""},
		{web, "https://example.org?x", ""},
		{web, "https://example.org#x", ""},
		{web, "https://user@example.org", ""},
		{web, "https://example..org", ""},
		{web, "https://-example.org", ""},
		{web, "https://example.org:0", ""},
		{web, "https://example.org:99999", ""},
		{web, "https://exa mple.org", ""},
		{web, "https://example.org\u202e", ""},
		{web, "ftp://example.org", ""},
		{web, "example.org", ""},
		{web, "https://" + strings.Repeat("a", 120), "https://" + strings.Repeat("a", 120)},
		{web, "https://" + strings.Repeat("a", 121), ""},
		{web, "", ""},
		{phone, " ", ""},
		{"", "@example_bot", ""},
		{hotline.ChannelForm, "https://example.org", ""},
		{hotline.ChannelDesk, "@example_bot", ""},
	} {
		got, err := parseAddress(c.channel, c.typed)
		switch {
		case c.want == "" && (err == nil || hotline.KindOf(err) != hotline.KindInvalid):
			t.Errorf("%s %q became %q: %v", c.channel, c.typed, got.Address, err)
		case c.want != "" && (err != nil || got != seal.ChannelAddress{Channel: c.channel, Address: c.want}):
			t.Errorf("%s %q became %q: %v", c.channel, c.typed, got.Address, err)
		}
	}
}

func TestCheckAddresses(t *testing.T) {
	t.Parallel()
	bot := func(name string) seal.ChannelAddress {
		return seal.ChannelAddress{Channel: hotline.ChannelTelegram, Address: name}
	}
	var many []seal.ChannelAddress
	for i := range maxAddresses + 1 {
		many = append(many, bot("@example_"+string(rune('a'+i))))
	}
	for name, c := range map[string]struct {
		list []seal.ChannelAddress
		ok   bool
	}{
		"none": {nil, true}, "as many as there is room for": {many[1:], true}, "too many": {many, false},
		"one that is none":         {[]seal.ChannelAddress{many[0], bot("bot")}, false},
		"twice":                    {[]seal.ChannelAddress{bot("@example_bot"), many[0], bot("t.me/Example_Bot")}, false},
		"a number in two writings": {[]seal.ChannelAddress{{Channel: hotline.ChannelPhone, Address: "+380 44"}, {Channel: hotline.ChannelPhone, Address: "+38 044"}}, false},
	} {
		got, err := checkAddresses(c.list)
		if (err == nil) != c.ok || (c.ok && len(got) != len(c.list)) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// Another desk's list is approved only if every new address in it reads as written.
func TestCheckNew(t *testing.T) {
	t.Parallel()
	old := []seal.ChannelAddress{{Channel: hotline.ChannelTelegram, Address: "of an older program"}}
	for address, ok := range map[string]bool{"@example_bot": true, "t.me/example_bot": false, "@ex\u0430mple_bot": false} {
		next := append([]seal.ChannelAddress{{Channel: hotline.ChannelTelegram, Address: address}}, old...)
		if err := checkNew(old, next); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// What is accepted is visible, short and stays as it is when it is read again.
func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"@example_bot", "https://t.me/example_bot", "+380 44 123 45 67", "https://example.org:8080/", "http://Приклад.укр", "https://İ.org", "\xff"} {
		for channel := range uint8(4) {
			f.Add(channel, s)
		}
	}
	f.Fuzz(func(t *testing.T, channel uint8, typed string) {
		channels := []hotline.Channel{hotline.ChannelWeb, hotline.ChannelTelegram, hotline.ChannelPhone, hotline.ChannelForm}
		a, err := parseAddress(channels[channel%4], typed)
		if err != nil {
			if hotline.KindOf(err) != hotline.KindInvalid {
				t.Fatalf("%q: %v", typed, err)
			}
			return
		}
		again, err := parseAddress(a.Channel, a.Address)
		if err != nil || again != a {
			t.Fatalf("%q is read as %q, and that as %q: %v", typed, a.Address, again.Address, err)
		}
		unseen := func(r rune) bool { return !unicode.IsGraphic(r) || (unicode.IsSpace(r) && r != ' ') }
		if n := len([]rune(a.Address)); n < 1 || n > maxAddress || strings.ContainsFunc(a.Address, unseen) {
			t.Fatalf("%q is read as %q", typed, a.Address)
		}
	})
}
