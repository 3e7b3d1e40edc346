package telegramsim

import (
	"fmt"
	"net/http"
)

// The JSON of the Bot API, as far as private chats need it. Each type names the
// section of https://core.telegram.org/bots/api that it follows.

// user is #user.
type user struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	Username  string `json:"username,omitempty"`
	Language  string `json:"language_code,omitempty"`
}

// chatRef is #chat.
type chatRef struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	FirstName string `json:"first_name,omitempty"`
}

// message is #message.
type message struct {
	ID            int64           `json:"message_id"`
	From          user            `json:"from"`
	Chat          chatRef         `json:"chat"`
	Date          int64           `json:"date"`
	EditDate      int64           `json:"edit_date,omitempty"`
	ForwardOrigin *origin         `json:"forward_origin,omitempty"`
	ReplyTo       *message        `json:"reply_to_message,omitempty"`
	Protected     bool            `json:"has_protected_content,omitempty"`
	Album         string          `json:"media_group_id,omitempty"`
	Text          string          `json:"text,omitempty"`
	Entities      []Entity        `json:"entities,omitempty"`
	Caption       string          `json:"caption,omitempty"`
	Marks         []Entity        `json:"caption_entities,omitempty"`
	Photo         []mediaRef      `json:"photo,omitempty"`
	Document      *mediaRef       `json:"document,omitempty"`
	Voice         *mediaRef       `json:"voice,omitempty"`
	Audio         *mediaRef       `json:"audio,omitempty"`
	Video         *mediaRef       `json:"video,omitempty"`
	VideoNote     *mediaRef       `json:"video_note,omitempty"`
	Sticker       *stickerRef     `json:"sticker,omitempty"`
	Contact       *contactRef     `json:"contact,omitempty"`
	Location      *Location       `json:"location,omitempty"`
	Keyboard      *inlineKeyboard `json:"reply_markup,omitempty"`
}

// mediaRef is #photosize, #document, #voice, #audio, #video or #videonote.
type mediaRef struct {
	FileID   string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Width    int    `json:"width,omitempty"`
	Height   int    `json:"height,omitempty"`
	Length   int    `json:"length,omitempty"`   // of a video note
	Duration *int   `json:"duration,omitempty"` // seconds; there even when 0
	Name     string `json:"file_name,omitempty"`
	MIME     string `json:"mime_type,omitempty"`
	Size     int64  `json:"file_size,omitempty"`
}

// stickerRef is #sticker.
type stickerRef struct {
	mediaRef
	Type     string `json:"type"`
	Animated bool   `json:"is_animated"`
	Video    bool   `json:"is_video"`
	Emoji    string `json:"emoji,omitempty"`
}

// contactRef is #contact.
type contactRef struct {
	Phone     string `json:"phone_number"`
	FirstName string `json:"first_name"`
}

// origin is #messageorigin; that of a person who hides the account.
type origin struct {
	Type string `json:"type"`
	Date int64  `json:"date"`
	Name string `json:"sender_user_name"`
}

// Location is #location.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Entity is #messageentity: offset and length count UTF-16 units.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

// inlineKeyboard is #inlinekeyboardmarkup.
type inlineKeyboard struct {
	Rows [][]inlineButton `json:"inline_keyboard"`
}

type inlineButton struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
	Data string `json:"callback_data,omitempty"`
}

// callbackQuery is #callbackquery.
type callbackQuery struct {
	ID           string  `json:"id"`
	From         user    `json:"from"`
	Message      message `json:"message"`
	ChatInstance string  `json:"chat_instance"`
	Data         string  `json:"data"`
}

// memberUpdated is #chatmemberupdated.
type memberUpdated struct {
	Chat chatRef `json:"chat"`
	From user    `json:"from"`
	Date int64   `json:"date"`
	Old  member  `json:"old_chat_member"`
	New  member  `json:"new_chat_member"`
}

// member is #chatmember. Who is banned has a date until which; 0 is for ever.
type member struct {
	User   user   `json:"user"`
	Status string `json:"status"`
	Until  *int64 `json:"until_date,omitempty"`
}

// Command is #botcommand.
type Command struct {
	Name        string `json:"command"`
	Description string `json:"description"`
}

// answer is what every call is answered with (#making-requests).
type answer struct {
	OK          bool        `json:"ok"`
	Result      any         `json:"result,omitempty"`
	Code        int         `json:"error_code,omitempty"`
	Description string      `json:"description,omitempty"`
	Parameters  *parameters `json:"parameters,omitempty"`
}

type parameters struct {
	RetryAfter int `json:"retry_after"`
}

// apiError is a refusal.
type apiError struct {
	code       int
	text       string
	retryAfter int // seconds
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s", e.code, e.text) }

func badRequest(text string) error {
	return &apiError{code: http.StatusBadRequest, text: "Bad Request: " + text}
}

func forbidden(text string) error {
	return &apiError{code: http.StatusForbidden, text: "Forbidden: " + text}
}

func conflict(text string) error {
	return &apiError{code: http.StatusConflict, text: "Conflict: " + text}
}

func flood(seconds int) error {
	return &apiError{code: http.StatusTooManyRequests, text: fmt.Sprintf("Too Many Requests: retry after %d", seconds), retryAfter: seconds}
}
