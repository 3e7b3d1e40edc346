package telegram

import (
	"fmt"
	"time"

	"safeconduct/internal/hotline"
)

var wordsEN = words{
	Truth:      "Telegram can be read by others: the company, a state, whoever holds the phone; safer is the page %s",
	TruthAlone: "Telegram can be read by others: the company, a state, whoever holds the phone.",
	Greeting:   "This is the line “%s”: here you can ask how to give yourself up safely, without name, unit or place. Choose a button or simply write.",
	Menu:       "Choose a button or simply write.",

	HowButton:      "How does it work?",
	ReallyButton:   "Is this really you?",
	RegisterButton: "Register in advance",
	CodeButton:     "I have a code",
	WriteButton:    "Write to an operator",
	StayButton:     "How long messages stay",
	EraseButton:    "Erase this chat",
	BackButton:     "Back",

	How: `Is it a trap?
You need not believe us at once. Ask without saying anything about yourself, and see how we answer. This line serves no ambush of any side. Whoever gives himself up must be spared: that is the law of war.

Will I be filmed, beaten, shot?
The Third Geneva Convention forbids beating a prisoner, humiliating him and showing him to the public. No name, photo or story leaves this line. The way there is the dangerous part: that is why it is prepared with you, and those who receive you know of you. Nobody can promise that there is no risk.

Prison at home?
At home you may be sentenced for giving yourself up: three to ten years. Every paper that leaves here says only “captured”, and nothing in it mentions this line. What others tell and what is found on this phone is not in our hands. Tell nobody, and erase this chat.

The phone is taken?
You can come back from any phone, even after months: with a code of twelve digits and a word that you agree on with an operator.

No signal?
We wait, for months too. Answers stay in this chat as long as you chose and do not come a second time: if you rarely have a signal, choose longer. A meeting is agreed on so that it also works with a dead phone.

I am not alone.
Groups come too. One code is enough for all. Speak only with those to whom you would trust your life.

How exactly?
Place and exact time are told only to you, and only after the word. Usually a drone leads: follow it at walking pace. No weapon in your hands, hands visible, white cloth in view. Do not set out because of this text alone: an operator tells you what holds for you.

And during an assault?
Whoever clearly gives himself up must be spared then too: weapon down, hands up, white cloth. An agreed meeting is safer. The code and this chat do not protect you there.

Will I be sent back?
Nobody is returned against his will to where harm awaits him. You will be asked, and you may change your mind until it is carried out.

Can I stay?
You can choose to be exchanged, to stay in custody until the war ends, or to ask to stay or to go to a third country. A competent authority decides, not a bot and not an operator; nobody can promise how long it takes. Nobody may make you fight for the other side.

Your rights.
What you are by law is decided by a competent authority; until then the Third Geneva Convention protects you. You must give only surname, first names, rank, date of birth and service number. Nobody may punish you for silence about the rest. A doctor, food and letters home are due to you. You cannot give up these rights, and nobody may ask it of you.`,

	Really: `Check two things. Both must fit.

1. The name of this bot: @%s. Our page has a signed list of bots. Take the address of the page from somewhere other than this chat: from a card, by telephone, from somebody you trust. Compare every letter.

2. The words of this chat: %s. An operator on the page or by telephone can say the same three words when you give your code. Let the operator say them first, not you.

Do not believe a bot that asks at once for money, documents, a name or a place. We do not.`,
	ReallyNoPhrase: `Check the name of this bot: @%s. Our page has a signed list of bots. Take the address of the page from somewhere other than this chat: from a card, by telephone, from somebody you trust. Compare every letter.

Once you have written something here, this chat has three words. An operator on the page or by telephone can say them too. Press this button again then.

Do not believe a bot that asks at once for money, documents, a name or a place. We do not.`,

	RegisterIntro: "A few questions, answered by buttons. You may skip any. We do not ask for name, unit or place. At the end you get a code for coming back, even after months.",
	Questions: map[string]questionWords{
		"where": {"Where are you now? Do not write the place.", map[string]string{
			hotline.WhereFree: "Not called up", hotline.WhereMobilised: "Called up, not yet serving",
			hotline.WhereServing: "Serving, not at the front", hotline.WhereFront: "At the front",
		}},
		"people": {"How many are you?", map[string]string{
			hotline.CountOne: "I am alone", hotline.CountFew: "2–3", hotline.CountTen: "4–10", hotline.CountMore: "More than 10",
		}},
		"phone": {"Will your phone be taken away?", map[string]string{
			hotline.AnswerYes: "Yes", hotline.AnswerMaybe: "Perhaps", hotline.AnswerNo: "No",
		}},
		"first": {"May we write to you first? Whoever holds the phone will see the message.", map[string]string{
			hotline.AnswerYes: "Yes", hotline.AnswerNo: "No, I will write",
		}},
	},
	SkipButton: "Skip",
	StopButton: "Stop",
	Stopped:    "Registering has stopped. You can begin again at any time.",
	Done: `You are registered. Your code:

%s

With it an operator finds your case, whichever phone you come back from. The code itself opens nothing and shows nothing to anybody.

Type it here once: then both you and we know that you have it.`,
	CodeRight: `Correct. You have the code.

It is best kept in your memory. If you cannot, hide it in something that looks like a telephone number or an old receipt, with extra digits that only you remember. Do not keep it in the phone’s notes as a code. Take no screenshot.

Then erase this chat. The word by which we know you is chosen later, with an operator.`,
	CodeWrong: "The digits do not match. Look at the code once more and type all twelve. Nothing is lost.",

	CodePrompt: "Write the twelve digits of the code. Spaces do not matter. Do not write the word yet.",
	ClaimNoted: "Noted. The bot shows and confirms nothing, whatever code came. An operator will write here and ask for the word that you agreed on.",
	CodeSlip:   "These are not the twelve digits of a code: one is missing, too many or wrong. Look once more. If you do not have the code with you, simply write to an operator.",

	WritePrompt:  "Write. An operator reads it. Do not write name, unit or place now. It helps to know: are you at the front, is it urgent, are you alone?",
	Kept:         "Received and sealed. A living person reads it; the answer comes here.",
	KeptBusy:     "Received and sealed. A living person reads it, but many people are writing now. About this many people wait for an answer: %d. Whoever has waited longest has waited %s. You need not write again: your message does not get lost.",
	KeptAnswered: "Received and sealed.",
	About:        aboutEN,
	Busy:         "Not taken yet. Please send it again in a minute.",

	StayAsk:  "How long should messages stay in this chat? After that the bot deletes yours and its own. Answers do not come a second time: if you rarely have a signal, choose longer.",
	Stays:    map[int]string{10: "10 minutes", 60: "1 hour", 6 * 60: "6 hours", 24 * 60: "24 hours", 47 * 60: "47 hours"},
	StayDone: "Good. The bot deletes new messages after %s.",

	EraseDone: "Erased. The bot has deleted all messages here that it knows of.",
	EraseLeft: "The bot has deleted what it could. Messages that could not be deleted: %d. They are too old, or Telegram did not allow it. Delete the chat yourself: in the list of chats press this chat, hold, and choose “Delete”.",
	EraseLimits: `What this does not do: copies may remain at Telegram, in notifications, and on another phone or computer where your Telegram is open.

What is sealed stays with us while your case is open, and some months after. If you want to be forgotten, ask an operator.`,

	PositionEarly: "This message seems to name a place. Many do so, but it is better not to write it yet: Telegram can be read by others. When the place is needed, an operator asks for it. The message is taken and sealed; an operator will read it.",
	UnitEarly:     "This message seems to name a unit. Many do so, but it is better not to write it: you could be found by it, and we do not need it yet. The message is taken and sealed; an operator will read it.",
	NameEarly:     "There seems to be a name in this message. Many do so, but it is better not to write names: Telegram can be read by others, and we need no name yet. The message is taken and sealed; an operator will read it.",
	NumberEarly:   "In this message there seems to be the number of a telephone or a document, or a date of birth. Many do so, but it is better not to write it: you could be found by it, and we do not need it yet. The message is taken and sealed; an operator will read it.",
	Removed:       "Your message has been deleted from the chat.",
	NotRemoved:    "Your message could not be deleted from the chat. Please delete it yourself.",

	PositionRefused: "The position is not kept now; nobody will see this message. Positions are taken only when a meeting is prepared. An operator tells you when to send one.",
	PositionKept:    "The position is taken and sealed for those who run the meeting. Operators do not see it, and after a few days it is deleted. Send a position only when an operator has asked for it.",

	FileKept:       "The file is received and sealed.",
	FileTooLarge:   "The file was not kept: through Telegram we get %d MB at most. Send a smaller file, or send it in parts.",
	FileStranger:   "The file was not kept: before an operator has answered you, all files together may have %d MB at most. Write in words what is in it. After the answer you can send more.",
	FileLost:       "The file did not come whole and was not kept. Please send it again.",
	NotTaken:       "The bot does not take stickers, polls and the like. Write in words, or send a photo, your voice or a file.",
	ContactRefused: "The contact card is not kept. Names and numbers are not needed now, neither yours nor those of others.",

	CommandStart: "Begin and show the buttons",
	CommandHelp:  "How it works",
	CommandErase: "Erase this chat",
}

func aboutEN(d time.Duration) string {
	unit := func(n int, name string) string {
		if n != 1 {
			name += "s"
		}
		return fmt.Sprintf("about %d %s", n, name)
	}
	switch minutes, hours := rounded(d); {
	case minutes > 0:
		return unit(minutes, "minute")
	case hours > 0:
		return unit(hours, "hour")
	}
	return "more than a day"
}
