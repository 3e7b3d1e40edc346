package hotline

import "slices"

// Delivered reports whether replies leave through a gateway of ours into a
// channel of others: their copies are sealed to the gateway, which opens each
// only to send it.
func (c Channel) Delivered() bool { return c == ChannelTelegram }

// ChatEvent is what happened in a conversation that passes through a gateway,
// where it is not simply a message.
type ChatEvent string

// The events.
const (
	ChatMessage    ChatEvent = ""           // the person wrote
	ChatRegistered ChatEvent = "registered" // the person registered in advance, with buttons
	ChatClaim      ChatEvent = "claim"      // the person says that another case is his, by its channel code
	ChatPosition   ChatEvent = "position"   // a position came; it is sealed to the field team
	ChatBlocked    ChatEvent = "blocked"    // the person has blocked the address; nothing reaches him there
	ChatBack       ChatEvent = "back"       // the person has let the address in again
	ChatErased     ChatEvent = "erased"     // the person had everything deleted that could be
	ChatLost       ChatEvent = "lost"       // a file came that could not be fetched whole
)

// ChatEvents returns every event.
func ChatEvents() []ChatEvent {
	return []ChatEvent{ChatMessage, ChatRegistered, ChatClaim, ChatPosition, ChatBlocked, ChatBack, ChatErased, ChatLost}
}

// Valid reports whether e is one of the events.
func (e ChatEvent) Valid() bool { return slices.Contains(ChatEvents(), e) }

// The answers of a registration in advance. Each question may be passed over.
const (
	WhereFree      = "free"      // not called up
	WhereMobilised = "mobilised" // called up, not yet in the service
	WhereServing   = "serving"   // in the service, not at the front
	WhereFront     = "front"     // at the front

	CountOne  = "1"
	CountFew  = "2-3"
	CountTen  = "4-10"
	CountMore = "10+"

	AnswerYes   = "yes"
	AnswerMaybe = "maybe"
	AnswerNo    = "no"
)

// Question is one question of a registration, with its answers in the order in
// which they are offered.
type Question struct {
	Name    string
	Answers []string
}

// Questions returns the questions of a registration, in their order. None asks
// for a name, a unit or a place.
func Questions() []Question {
	return []Question{
		{"where", []string{WhereFree, WhereMobilised, WhereServing, WhereFront}},
		{"people", []string{CountOne, CountFew, CountTen, CountMore}},
		{"phone", []string{AnswerYes, AnswerMaybe, AnswerNo}}, // will the phone be taken away
		{"first", []string{AnswerYes, AnswerNo}},              // may we write first
	}
}

// Deliverance is how far a reply has come on its way into a channel of others.
type Deliverance string

// How far. A reply of which the gateway has said nothing is on its way.
const (
	DeliveranceSent   Deliverance = "sent"   // the channel has taken it
	DeliveranceFailed Deliverance = "failed" // it will not be sent; the reason says why
)

// DeliveryReason is why a reply was not delivered.
type DeliveryReason string

// The reasons.
const (
	ReasonBlocked DeliveryReason = "blocked" // the person has blocked the address
	ReasonDeleted DeliveryReason = "deleted" // the person's account is gone
	ReasonNoChat  DeliveryReason = "nochat"  // the chat does not exist any more
	ReasonRefused DeliveryReason = "refused" // the channel does not take it
	ReasonForged  DeliveryReason = "forged"  // the copy does not verify; it was not sent
	ReasonGivenUp DeliveryReason = "givenup" // the channel did not answer for days
)

// DeliveryReasons returns every reason.
func DeliveryReasons() []DeliveryReason {
	return []DeliveryReason{ReasonBlocked, ReasonDeleted, ReasonNoChat, ReasonRefused, ReasonForged, ReasonGivenUp}
}

// ReplyJob is the kind of the jobs that deliver replies into a channel of others.
func (c Channel) ReplyJob() string { return string(c) + " reply" }
