package ui

import (
	"sync"

	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

// texts is every word of the pages in one language. A test fails when a field
// is empty or an entry of a map is missing in any of them.
type texts struct {
	Name string // of the language, in itself
	Tag  string // of the language: "en"

	Head      headTexts
	Times     timeTexts
	Queue     queueTexts
	Flood     floodTexts
	Case      caseTexts
	Reply     replyTexts
	Words     wordTexts
	Outcomes  outcomeTexts
	Outbox    outboxTexts
	Alarms    alarmTexts
	Restore   restoreTexts
	Journal   journalTexts
	People    peopleTexts
	Enrol     enrolTexts
	Locked    lockedTexts
	Launch    launchTexts
	Help      helpTexts
	Templates templateTexts
	Training  trainingTexts
	Approvals approvalTexts
	Together  togetherTexts
	Watch     watchTexts
	Ties      tieTexts
	Ledger    ledgerTexts
	Computer  computerTexts
	Keeping   keepingTexts
	Files     fileTexts
	Attach    attachTexts
	Chats     chatTexts
	Addresses addressTexts

	Urgencies     map[hotline.Urgency]string
	UrgencyHints  map[hotline.Urgency]string
	Stages        map[hotline.Stage]string
	Channels      map[hotline.Channel]string
	Teams         map[hotline.Team]string
	Roles         map[hotline.Role]string
	Acts          map[string]string
	Problems      map[desk.ProblemKind]string
	Invitations   map[string]string // by state
	LanguageNames map[string]string
	Errors        map[hotline.Kind]string
	Topics        map[string]string // of the reply templates

	// Phrases are the sentences of the desk and the server, by their English
	// format: see say.go.
	Phrases map[string]string
}

type headTexts struct {
	Skip, Queue, People, Journal, Outbox, Alarms, Menu         string
	Online, Offline, Connecting, Opening                       string
	Lock, LockTitle, Help, Language, Theme, Light, Dark, Auto  string
	OfflineHead, OfflineSince, OfflineNever, OfflineKept       string
	OfflineWaiting, OfflineNone                                string
	Undecided, AlarmHead, BlockedHead, Look                    string
	Idle, IdleStay, Gone, GoneText, Close, ErrorHead, ErrorAct string
	Outside                                                    string
}

type timeTexts struct{ Now, Minutes, Hours, Days, TodayHour, DayHour, YearHour, Day string }

type queueTexts struct {
	Head, Search, SearchHint, All, Open, Unread, Mine, Free, Groups, Which string
	AnyStage, AnyLanguage, Stage, Language, Filters                        string
	Waits, Answered, New, Problems, Draft, People, Unassigned, Me, Sealed  string
	EmptyHead, EmptyText, NoneHead, NoneText, NoHitHead, NoHitText         string
	CodeHead, CodeText, NoCodeHead, NoCodeText, SearchNote                 string
	More, Unopened, LoadingHead, LoadingText, Total                        string
}

type caseTexts struct {
	NoneHead, NoneText                                                  string
	Person, ByGateway, Unknown, Nobody                                  string
	SignedPerson, SignedGateway, SignedOperator, SignedNobody           string
	NotPutAway, PutAway, AtServer, Waits, Conflict, Refused             string
	Retry, Discard, Written, Arrived, Says, Effort, UnreadLine          string
	Conversation, Empty, Unreadable, Sealed, NotSealed                  string
	Facts, Urgency, Stage, StepTo, NoStep, Assignee, ToMe, Release      string
	GiveTo, Give, Created, Team, Generation, Language, People, Title    string
	SaveFacts, EditFacts, FactsHint, Notes, NoteHint, SaveNote, NoNotes string
	Handover, HandoverHint, HandoverTo, SaveHandover, LastHandover      string
	History, NoHistory, Code, CodeHint, ActBothWords, Number, Back      string
	Now, ConfirmStage                                                   string
}

type replyTexts struct {
	Head, Hint, Send, Keys, Templates, DraftKept, DraftSaving, Cannot, Label, Sending string
}

type wordTexts struct {
	Head, None, Set, BothSet, SetHead, Word, Duress, DuressHint, Save, Show, Hide string
	CheckHead, Said, Check, Match, MatchText, No, NoText, Alarm                   string
	AlarmDo                                                                       []string
}

type outcomeTexts struct{ Sent, Queued, Conflict, Refused string }

type outboxTexts struct{ Head, Intro, EmptyHead, EmptyText, Case, Retry, Discard, DiscardHint, Open string }

type alarmTexts struct{ Head, Intro, EmptyHead, EmptyText, Seen, Blocking, Acknowledged, OpenCase string }

type peopleTexts struct {
	Head, Roster, Name, Roles, Teams, Since, Me, Active, Left, Until, Revoke, RevokeSure, RevokeText, RevokeDo string
	InviteHead, InviteText, InviteName, InviteDo, InvitedHead, InvitedText, InvitedOnce, Copy, Copied          string
	Invitations, NoInvitation, NoInvitations, Expires, Proposed, TakeBack, NotOurs, Contested                  string
	CompareHead, CompareText, Same, Differ                                                                     string
	KeysHead, KeysRunning, KeysEnded, KeysFault, KeysNeeded, KeysCases, KeysDo, KeysFine                       string
}

type enrolTexts struct {
	Head, Intro, StepsHead                                                string
	Steps                                                                 [6]enrolStepTexts
	Invitation, InvitationHint, CallName, CallNameHint                    string
	Phrase, PhraseHint, Again, Do, Working, Differ                        string
	CompareHead, CompareText, Same, Differs, WaitHead, WaitText, WaitHint string
	StopHead, StopText, StepDone, StepNow, StepLater, Back                string
}

type enrolStepTexts struct{ Head, Who string }

type lockedTexts struct{ Head, Text, Phrase, Do, Working, Wrong, Hint string }

type launchTexts struct{ Head, Text string }

type helpTexts struct {
	Head, Close, Typing                                                                                       string
	Down, Up, Open, Reply, Send, Note, Urgency, Stage, Mine, Search, Queue, Templates, Handover, Help, Escape string
	Lock, Word                                                                                                string
}

type templateTexts struct{ Head, Hint, Insert, Language, Loading string }

// languages are those of the pages.
func languages() []string { return []string{"uk", "ru", "en"} }

// The words of each language are made once; nobody changes them.
var (
	inUkrainian = sync.OnceValue(ukrainian)
	inRussian   = sync.OnceValue(russian)
	inEnglish   = sync.OnceValue(english)
)

func textsOf(lang string) *texts {
	switch lang {
	case "ru":
		return inRussian()
	case "en":
		return inEnglish()
	}
	return inUkrainian()
}
