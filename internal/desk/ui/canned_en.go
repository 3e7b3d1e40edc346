package ui

func cannedEN() []canned {
	return []canned{
		{"received", "Hello. We have read your message; a living person answers. Write when you can and as much as you can. Name, unit and place are not needed now."},
		{"danger", "Answer with one digit. 3: my life is in danger right now. 2: I am at the front. 1: I will be sent soon. 0: I ask in case. If writing is dangerous, do not answer: put the phone away first."},
		{"trap", "We understand why you ask. We ask for no name, no unit and no place until you decide. You may only read, ask, and fall silent. The code that you got tells nobody anything about you. You decide, and when you are ready."},
		{"treated", "A prisoner must be treated humanely: this is the Third Geneva Convention. A doctor, food, warmth, letters to the family. Nobody may be beaten, humiliated or shown to the public. Asked, you need give only surname, first names, rank, date of birth and service number; nobody may punish you for silence about the rest."},
		{"home", "All papers that leave us say one thing: captured. What you wrote here is not in them. Tell nobody about it, not even those close to you: it is safer for you and for them. If you fear for your family, say so: we think together before anything is done."},
		{"phone", "If the phone is taken or there is no signal, keep the code in your memory: with it you come back from any phone, even after months. Delete this conversation on your side. We keep the messages; they wait for you. If there is no signal where you will be, write beforehand when there is."},
		{"group", "You need not come alone. Write only a number: how many you are. No names. Speak only with those to whom you would trust your life, and tell them neither the word nor the code: a group has one case, and one person keeps the code."},
		{"code", "It is best to learn the code by heart and to keep it nowhere. If you cannot, hide it among ordinary things: split it, and write the parts as telephone numbers, prices or scores, with extra digits that only you remember. Take no screenshot. Delete this conversation."},
		{"word", "Let us agree on a word. Choose an ordinary word that fits into any talk and that you will not forget. Write it once and do not repeat it until we ask. By it we know that it is you. Place and time are told only after the word."},
		{"duress", "Now a second word, in case somebody forces you to write. It should be ordinary too, and unlike the first. Say it instead of the first and we know that you are not free. Who looks over your shoulder sees no difference."},
		{"register", "You are registered in advance. There is nothing to do now. Keep the code in your head and delete the conversation. When you are where you could leave, write or call and say the code. The earlier you write, the more time there is to prepare."},
		{"how", "In general it goes like this. You are checked, then told a place and an exact time: only you, and only after the word. No weapon in your hands: magazine out, barrel down, no helmet and no armour, white cloth in view. Walk calmly, hands visible. At the sign lie down and let yourself be searched. If something is wrong, stop and wait. Do nothing until we have confirmed."},
		{"after", "After the meeting: a search, food, a doctor, away from the front. Then you are put on the list and can write home. After that the choice is yours: to be exchanged, to stay until the war ends, or to ask to stay or to go to a third country. You may change your mind until it is carried out. Nobody may send you by force to where you would be harmed."},
		{"money", "For equipment there is a published table of sums. Nobody pays more than that: everything else is rumour. Your safety does not depend on it, and no money is worth a risk."},
		{"missing", "We understand how hard it is to wait. This line is for those who want to come out themselves; another service answers about the missing. We will pass you on. If your relative is alive and can be reached, give only the address of this page, and write nothing else by telephone."},
	}
}
