package seal

import (
	"testing"

	"safeconduct/internal/hotline"
)

// phraseVector is the words that a chat and a desk both say of a case.
type phraseVector struct {
	Line    string `json:"line"` // of generation 0, without its end
	Numbers []int  `json:"numbers"`
	Words   string `json:"words"`
}

// handleVector is how an address of a channel is found again.
type handleVector struct {
	Gateway string          `json:"gateway"` // G
	Channel hotline.Channel `json:"channel"`
	Address string          `json:"address"`
	Handle  string          `json:"handle"`
}

func phraseOf(line string) phraseVector {
	v := phraseVector{Line: line}
	numbers := Phrase(Signed{Line: []byte(line)})
	for _, n := range numbers {
		v.Numbers = append(v.Numbers, int(n))
	}
	v.Words = hotline.PhraseOf(numbers[:]...)
	return v
}

func handleOf(t *testing.T, gateway string, channel hotline.Channel, address string) handleVector {
	t.Helper()
	d := must(NewDrawer(must(ParseIdentity(gateway))(t)))(t)
	return handleVector{gateway, channel, address, d.Handle(channel, address).String()}
}

func checkChats(t *testing.T, v vectors) {
	t.Helper()
	if len(v.Phrases) == 0 || len(v.Handles) == 0 {
		t.Error("no phrases, or no handles")
	}
	for _, want := range v.Phrases {
		if got := phraseOf(want.Line); got.Words != want.Words || len(want.Numbers) != PhraseWords {
			t.Errorf("phrase %q, want %q", got.Words, want.Words)
		}
	}
	for _, want := range v.Handles {
		if got := handleOf(t, want.Gateway, want.Channel, want.Address); got != want {
			t.Errorf("handle %s, want %s", got.Handle, want.Handle)
		}
	}
}

// chatVectors are computed: no key of theirs is drawn.
func chatVectors(t *testing.T, gateway string) ([]phraseVector, []handleVector) {
	t.Helper()
	return []phraseVector{phraseOf(`{"v":1,"kind":"generation","case":"00112233445566778899aabbccddeeff"}`), phraseOf(`{"v":1,"kind":"generation"}`)},
		[]handleVector{handleOf(t, gateway, hotline.ChannelTelegram, "4242"), handleOf(t, gateway, hotline.ChannelTelegram, "4243"), handleOf(t, gateway, hotline.ChannelPhone, "4242")}
}
