package telegram

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"time"

	"safeconduct/internal/hotline"
	"safeconduct/internal/seal"
)

// How long messages stay in a chat before the bot deletes them, in minutes. A bot
// may delete only what is younger than 48 hours
// (core.telegram.org/bots/api#deletemessage).
const (
	stayDefault = 60
	stayMost    = 47 * 60
)

// settings is how a chat is to be treated; kept in its box.
type settings struct {
	Bot    int64  `json:"bot"`  // through which the person wrote last
	Chat   int64  `json:"chat"` // Telegram's number of the chat
	Lang   string `json:"lang"`
	Stay   int    `json:"stay"`            // minutes
	Asked  bool   `json:"asked,omitempty"` // the code was shown, to be typed once
	Barred bool   `json:"barred,omitempty"`
	Quiet  bool   `json:"quiet,omitempty"` // he registered and has written nothing since: the next message is told that it came
}

// String shows nothing: the chat's number is the person's.
func (settings) String() string { return "settings(hidden)" }

// GoString shows nothing.
func (settings) GoString() string { return "settings(hidden)" }

// stay is how long what is said now stays in the chat.
func (s settings) stay() time.Duration {
	m := s.Stay
	if m < 1 || m > stayMost {
		m = stayDefault
	}
	return time.Duration(m) * time.Minute
}

// The purposes of what is locked in the drawer.
const (
	purposeChat  = "chat"
	purposeTrace = "trace"
	purposeWord  = "word"
	purposeFile  = "file"
)

// trace is a message that stands in a chat.
type trace struct {
	Bot    int64 `json:"b"`
	Chat   int64 `json:"c"`
	Number int64 `json:"n"`
}

// lock puts something into the drawer.
func (g *Gateway) lock(purpose string, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, hotline.Errorf(hotline.KindInternal, "telegram", "%T cannot be kept", v)
	}
	return g.drawer.Lock(purpose, plain), nil
}

// unlock takes it out again.
func (g *Gateway) unlock(purpose string, box []byte, v any) error {
	plain, err := g.drawer.Unlock(purpose, box)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return hotline.Errorf(hotline.KindForged, "telegram", "what was kept as %s cannot be read", purpose)
	}
	return nil
}

// handle finds a chat again. A private chat has the person's number, which is
// the same for every bot: a new bot knows him.
func (g *Gateway) handle(chat int64) seal.Hash {
	return g.drawer.Handle(hotline.ChannelTelegram, strconv.FormatInt(chat, 10))
}

// code is the channel code of a case that began here: computed, so that it can
// be shown again and need not be kept.
func (g *Gateway) code(id hotline.CaseID) hotline.ChannelCode {
	h := hmac.New(sha256.New, g.cfg.Seed)
	h.Write([]byte("safeconduct telegram code v1\n"))
	h.Write(id[:])
	return hotline.ChannelCodeOf(binary.BigEndian.Uint64(h.Sum(nil)))
}
