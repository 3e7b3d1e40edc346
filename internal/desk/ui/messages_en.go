package ui

import (
	"safeconduct/internal/desk"
	"safeconduct/internal/hotline"
)

func english() *texts {
	t := &texts{
		Name: "English", Tag: "en",
		Head: headTexts{
			Skip: "To the content", Queue: "Queue", People: "People", Journal: "Journal", Outbox: "Outbox", Alarms: "Alarms", Menu: "Pages",
			Online: "Connected", Offline: "Offline", Connecting: "Connecting", Opening: "Opening cases",
			Lock: "Lock", LockTitle: "Lock the desk", Help: "Keys", Language: "Language", Theme: "Appearance", Light: "Light", Dark: "Dark", Auto: "As the system",
			OfflineHead: "No connection to the server.", OfflineSince: "Last contact: %s.", OfflineNever: "There was no contact since the desk was unlocked.",
			OfflineKept:    "You can read what is open here and go on writing. Everything is kept on this computer, sealed, and goes out by itself.",
			OfflineWaiting: "Waiting to be sent: %d.", OfflineNone: "Nothing waits to be sent.",
			Undecided: "Not sent, needs your decision: %d.", AlarmHead: "Something does not verify.",
			BlockedHead: "Something does not verify. Nothing is sent until it has been looked at.", Look: "Look",
			Idle: "The desk locks in %s s.", IdleStay: "Stay", Gone: "The desk program does not answer.",
			GoneText: "What you see may be old. Check that it still runs; this page connects again by itself.",
			Close:    "Close", ErrorHead: "This did not work", ErrorAct: "To the first page", Outside: "Technical",
		},
		Times: timeTexts{
			Now: "just now", Minutes: "%d min", Hours: "%d h", Days: "%d d",
			TodayHour: "today, hour %02d", DayHour: "%02d.%02d, hour %02d", YearHour: "%02d.%02d.%d, hour %02d", Day: "%02d.%02d, %s",
		},
		Queue: queueTexts{
			Head: "Queue", Search: "Search", SearchHint: "Word, note or code", All: "All", Open: "Open", Unread: "Unread", Mine: "Mine",
			Free: "Unassigned", Groups: "Groups", Which: "Which cases", AnyStage: "Any stage", AnyLanguage: "Any language", Stage: "Stage", Language: "Language", Filters: "Filters",
			Waits: "waiting", Answered: "answered", New: "new", Problems: "does not verify", Draft: "draft", People: "people",
			Unassigned: "nobody", Me: "me", Sealed: "sealed by the person",
			EmptyHead: "Nobody is waiting.", EmptyText: "New messages appear here by themselves. There is nothing to reload.",
			NoneHead: "No case passes these filters.", NoneText: "Take one off, or press Esc.",
			NoHitHead: "Nothing found.", NoHitText: "The search reads everything opened on this desk: messages, notes, titles and codes. A case that could not be opened is not searched.",
			CodeHead: "Cases with this code", CodeText: "A code proves nothing: whoever says it may have found it. Ask for the word.",
			NoCodeHead: "No case has this code.", NoCodeText: "Ask the person to read it again, slowly. If it stays so, take the message as a new case; you can link the two later.",
			SearchNote: "Found in everything opened here", More: "%d more: narrow the filters.", Unopened: "not opened on this desk",
			LoadingHead: "Opening cases", LoadingText: "%d of %d", Total: "%d cases",
		},
		Flood: floodEN(),
		Files: filesEN(), Attach: attachEN(),
		Case: caseTexts{
			NoneHead: "No case is open.", NoneText: "Choose one from the queue: j and k move, Enter opens. ? shows all keys.",
			Person: "The person", ByGateway: "Came in plain", Unknown: "Unknown", Nobody: "nobody",
			SignedPerson: "signed by the person's key", SignedGateway: "sealed by our gateway: not end to end", SignedOperator: "signed by the operator",
			SignedNobody: "the signature is not good", NotPutAway: "not put away by the person yet", PutAway: "the person has put it away", AtServer: "at the server",
			Waits: "kept on this computer, will be sent", Conflict: "not sent: somebody was quicker", Refused: "not sent: the server refused it",
			Retry: "Send all the same", Discard: "Take back", Written: "written", Arrived: "arrived %s", Says: "says, people: %d",
			Effort: "Sent without a receipt: the person cannot come back by the page. Tell the channel code.", UnreadLine: "Unread from here",
			Conversation: "Conversation", Empty: "Nothing has been written yet.", Unreadable: "This message cannot be read here.", Sealed: "End to end", NotSealed: "Not end to end",
			Facts: "Case", Urgency: "Urgency", Stage: "Stage", StepTo: "Step to", NoStep: "There is no further step.", Assignee: "Assigned to", ToMe: "Assign to me", Release: "To nobody",
			GiveTo: "Give to", Give: "Give", Created: "Began", Team: "Team", Generation: "Key", Language: "Language", People: "People", Title: "Title",
			SaveFacts: "Keep", EditFacts: "Language, people, title", FactsHint: "What is left empty stays as it is.", Notes: "Internal notes", NoteHint: "For colleagues. The person never sees it.",
			SaveNote: "Keep the note", NoNotes: "No notes yet.", Handover: "Hand over", HandoverHint: "What the next shift must know", HandoverTo: "To",
			SaveHandover: "Hand over", LastHandover: "Handed over", History: "History", NoHistory: "Nothing has been done yet.", Code: "Channel code",
			CodeHint: "Tell it again only after the word.", ActBothWords: "Word and duress word set", Number: "Case", Back: "To the queue",
			Now: "now", ConfirmStage: "This ends the case.",
		},
		Reply: replyTexts{
			Head: "Reply", Hint: "Write to the person", Send: "Send", Keys: "Ctrl+Enter sends", Templates: "Templates",
			DraftKept: "Draft kept", DraftSaving: "Keeping the draft…", Cannot: "You cannot reply here:", Label: "Reply to the person", Sending: "Sending…",
		},
		Words: wordTexts{
			Head: "Word", None: "No word has been agreed. Tell neither place nor time.", Set: "A word is agreed; no duress word.", BothSet: "Word and duress word are agreed.",
			SetHead: "Set the words", Word: "Word", Duress: "Duress word", DuressHint: "It means: somebody forces me. Agree on both before they are needed.",
			Save: "Keep the words", Show: "Show", Hide: "Hide", CheckHead: "Check a word", Said: "What was said", Check: "Check",
			Match: "The word is right.", MatchText: "Whoever says it knows it. Go on.", No: "This is not the word.",
			NoText: "Ask once more, calmly. Tell neither place nor time until it is right.", Alarm: "Duress word. The person is not free.",
			AlarmDo: []string{
				"Go on writing as if all were well. Change neither tone nor pace.",
				"Tell no place, no time, no name. Ask nothing that needs a true answer.",
				"Call the shift supervisor now. Whatever was arranged is off.",
				"Write a note. Do not write the word itself anywhere.",
			},
		},
		Outcomes: outcomeTexts{
			Sent: "Kept at the server.", Queued: "Kept on this computer, sealed. It goes out by itself.",
			Conflict: "Not sent: somebody was quicker. Your text is still here.", Refused: "Not sent: the server refused it. It is kept in the outbox.",
		},
	}
	englishHouse(t)
	t.Training = trainingEN()
	t.Approvals = approvalsEN()
	t.Together = togetherEN()
	t.Watch, t.Journal = watchEN(), journalEN()
	t.Restore, t.Ties = restoreEN(), tiesEN()
	t.Chats = chatsEN()
	t.Addresses = addressesEN()
	englishDomain(t)
	return t
}

// englishHouse is the words of the pages about the house.
func englishHouse(t *texts) {
	t.Outbox = outboxTexts{
		Head: "Outbox", Intro: "What was done on this computer and is not at the server yet. It is kept sealed.",
		EmptyHead: "Nothing waits.", EmptyText: "Everything done here is at the server.", Case: "Case",
		Retry: "Send all the same", Discard: "Take back", DiscardHint: "The text of a reply becomes the draft.", Open: "Open the case",
	}
	t.Alarms = alarmTexts{
		Head: "Alarms", Intro: "What does not verify and is not about one message. Talk with a colleague before you put one aside.",
		EmptyHead: "No alarms.", EmptyText: "Roster, manifest, keys and journal verify.", Seen: "I have looked at it", Blocking: "Nothing is sent until this has been looked at.",
		Acknowledged: "looked at", OpenCase: "Open the case",
	}
	t.People = peopleTexts{
		Head: "People", Roster: "Roster", Name: "Call-name", Roles: "Roles", Teams: "Teams", Since: "Since", Me: "you", Active: "active", Left: "revoked", Until: "revoked %s",
		Revoke: "Revoke…", RevokeSure: "Yes, revoke this person", RevokeText: "The person loses all access at once. Then the keys of the teams and of open cases are renewed; this takes some minutes and can be left to itself.", RevokeDo: "Revoke and renew the keys",
		InviteHead: "Invite a person", InviteText: "An invitation works once, for three days. Hand it over in person or by a channel that you both trust.", InviteName: "Call-name, not the real name",
		InviteDo: "Make an invitation", InvitedHead: "Invitation for %s", InvitedText: "Hand over this line. Whoever has it can knock; only the comparison by voice lets in.", InvitedOnce: "It is shown this once.", Copy: "Copy", Copied: "Copied",
		Invitations: "Invitations", NoInvitation: "No invitation is open.", NoInvitations: "Invitations cannot be shown now: there is no connection to the server.", Expires: "until %s", Proposed: "calls himself %s",
		TakeBack: "Take back", NotOurs: "Made on another computer: confirm it there.", Contested: "Two computers used this invitation: somebody else has it. Take it back and invite again.",
		CompareHead: "Compare by voice", CompareText: "Call the person at a number you know. Each reads three groups, in turn. Listen for the voice.", Same: "They are the same", Differ: "They differ",
		KeysHead: "Keys", KeysRunning: "Keys are being renewed", KeysEnded: "The keys have been renewed.", KeysFault: "The renewal stopped:", KeysNeeded: "A renewal of keys is not finished.", KeysCases: "Open cases with an older key: %d", KeysDo: "Renew the keys", KeysFine: "All keys are of the newest epoch.",
	}
	t.Enrol = enrolTexts{
		Head: "This computer becomes a desk", Intro: "Six steps, two people: you and an administrator. Your keys are made here and never leave this computer.", StepsHead: "Six steps",
		Steps: [6]enrolStepTexts{
			{"The invitation is made", "administrator"},
			{"It is handed over", "administrator, to you"},
			{"Keys are made here", "newcomer"},
			{"Both read the fingerprint aloud", "both, by voice"},
			{"The roster is signed", "administrator"},
			{"The desk opens", "by itself"},
		},
		Invitation: "Invitation", InvitationHint: "The whole line; it begins with scinvite1.", CallName: "Call-name", CallNameHint: "Colleagues see it. Not your real name.",
		Phrase: "Passphrase", PhraseHint: "At least %d characters; five random words are good. Nobody can restore it.", Again: "Passphrase again", Do: "Make the keys", Working: "Making the keys…", Differ: "The two passphrases differ. Nothing was made.",
		CompareHead: "Compare the fingerprint", CompareText: "Speak with the administrator, by voice. Each reads three groups, in turn. The administrator must see the same digits.", Same: "They are the same", Differs: "They differ",
		WaitHead: "The administrator signs now.", WaitText: "As soon as the roster is signed this page opens the desk by itself. Your colleagues' desks hand you the keys; that needs one of them to be running.", WaitHint: "You may close the program: nothing is lost.",
		StopHead: "Stop.", StopText: "Somebody stands between you and the administrator, or the invitation is not yours. Tell the administrator to press «They differ». Do not use this invitation again. To start anew, close the desk and put its folder aside.",
		StepDone: "done", StepNow: "now", StepLater: "later", Back: "Compare again",
	}
	t.Locked = lockedTexts{
		Head: "The desk is locked", Text: "Nothing is in memory. Unsent acts and drafts are kept sealed on this computer.", Phrase: "Passphrase", Do: "Unlock", Working: "Opening the keys…",
		Wrong: "The passphrase is wrong. Nothing was changed.", Hint: "This takes about a second.",
	}
	t.Launch = launchTexts{
		Head: "This address is not enough.", Text: "The desk opens only by the address that the desk program gives, once. Ask the program for a new one: safeconduct desk.",
	}
	t.Help = helpTexts{
		Head: "Keys", Close: "Close", Typing: "Not while you are typing.", Down: "Next case", Up: "Case before", Open: "Open the case", Reply: "Reply", Send: "Send the reply", Note: "Internal note",
		Urgency: "Urgency, then 1 to 4", Stage: "Stage, then arrows and Enter", Mine: "Assign to me", Search: "Search", Queue: "To the queue", Templates: "Reply templates", Handover: "Hand over", Help: "These keys", Escape: "Close, leave the field", Lock: "Lock the desk", Word: "Check a word",
	}
	t.Templates = templateTexts{Head: "Reply templates", Hint: "The text goes where the cursor is. Change it before you send it.", Insert: "Insert", Language: "Language of the person", Loading: "Loading…"}
}

// englishDomain is the words of the field.
func englishDomain(t *texts) {
	t.Urgencies = map[hotline.Urgency]string{
		hotline.UrgencyNow: "Now", hotline.UrgencyUrgent: "Urgent", hotline.UrgencySoon: "Soon", hotline.UrgencyCalm: "Calm",
	}
	t.UrgencyHints = map[hotline.Urgency]string{
		hotline.UrgencyNow: "life in danger", hotline.UrgencyUrgent: "at the front", hotline.UrgencySoon: "will be sent soon", hotline.UrgencyCalm: "asks, in case",
	}
	t.Stages = map[hotline.Stage]string{
		hotline.StageNew: "New", hotline.StageRegistered: "Registered", hotline.StageStandby: "Standby", hotline.StageMeeting: "Meeting",
		hotline.StageReceived: "Received", hotline.StageCustody: "Custody", hotline.StageSettled: "Settled", hotline.StageClosed: "Closed",
		hotline.StageReferred: "Referred", hotline.StageWithdrawn: "Withdrawn", hotline.StageUnfounded: "Unfounded",
	}
	t.Channels = map[hotline.Channel]string{
		hotline.ChannelWeb: "page", hotline.ChannelForm: "plain form", hotline.ChannelTelegram: "Telegram", hotline.ChannelPhone: "telephone", hotline.ChannelDesk: "desk",
	}
	t.Teams = map[hotline.Team]string{
		hotline.TeamDesk: "desk", hotline.TeamField: "field", hotline.TeamRegistry: "registry", hotline.TeamClaims: "claims",
	}
	t.Roles = map[hotline.Role]string{
		hotline.RoleOperator: "operator", hotline.RoleSupervisor: "supervisor", hotline.RoleAdministrator: "administrator", hotline.RoleAuditor: "auditor",
	}
	t.Acts = map[string]string{
		"stage": "Stage", "urgency": "Urgency", "assign": "Assigned to", "note": "Note", "handover": "Handed over", "facts": "Facts",
		"word": "Word set", "link": "Linked", "unlink": "Unlinked", "merge": "Merged", "unmerge": "Taken apart", "split": "People left", "unsplit": "People came back", "review": "Kept after review", "reply": "Reply", "read": "Read",
	}
	t.Problems = map[desk.ProblemKind]string{
		desk.ProblemForged: "This does not come from whom it claims.", desk.ProblemGap: "A message is missing here.", desk.ProblemFork: "Two devices wrote here.",
		desk.ProblemUnreadable: "This cannot be read here: no key opens it, or it is damaged.", desk.ProblemSwapped: "What is sealed is not what stands beside it.",
		desk.ProblemReplayed: "This is shown a second time.", desk.ProblemMoved: "This belongs to another case.", desk.ProblemOrder: "The order is wrong.",
		desk.ProblemMissing: "Less is shown than there must be.", desk.ProblemRow: "The server's row says something else than what was signed.",
		desk.ProblemRollback: "The case is shorter than it was.", desk.ProblemKey: "A key of this case does not verify.", desk.ProblemTie: "Only one of two cases speaks of this.", desk.ProblemFiles: "Its attachments are not named as they must be.",
		desk.ProblemPending: "Something written here was not sent and needs your decision.",
	}
	t.Invitations = map[string]string{
		"open": "nobody has used it", "keys": "keys are here: compare by voice", "contested": "two computers used it", "signed": "in the roster", "revoked": "taken back", "expired": "expired",
	}
	t.LanguageNames = map[string]string{"ru": "Russian", "uk": "Ukrainian", "be": "Belarusian", "en": "English"}
	t.Errors = map[hotline.Kind]string{
		hotline.KindInternal: "A fault in the desk program. Nothing was changed.", hotline.KindInvalid: "This cannot be taken as it is. Nothing was changed.",
		hotline.KindDenied: "Your roles do not allow this. Nothing was changed.", hotline.KindNotFound: "It is not there.",
		hotline.KindConflict: "Somebody was quicker. Look again, then decide.", hotline.KindBusy: "The server is busy. Try again in a moment.",
		hotline.KindUnavailable: "The server cannot be reached. Nothing was changed.", hotline.KindUnknown: "The answer was lost: it may have been done, or not. Look again.",
		hotline.KindForged: "What came does not verify, so it was not used.", hotline.KindLocked: "The desk is locked. Nothing was done.",
	}
	t.Topics = topicsEN()
	t.Phrases = phrasesEN()
	t.Ledger = ledgerIn("en")
	t.Computer = computerEN()
	t.Keeping = keepingEN()
}

func topicsEN() map[string]string {
	return map[string]string{
		"received": "We have read it", "danger": "In danger now?", "trap": "Is it a trap?", "treated": "How will I be treated?", "home": "Prison, family at home",
		"phone": "No phone, no signal", "group": "I am not alone", "code": "Hide the code", "word": "Agree a word", "duress": "Agree a duress word",
		"how": "How it goes", "after": "What comes after", "register": "Registered in advance", "money": "Money", "missing": "A missing relative",
	}
}
