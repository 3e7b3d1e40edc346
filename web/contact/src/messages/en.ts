import type { Messages } from "./messages";

export const en: Messages = {
  name: "English",
  tab: "Notes",
  languages: "Language",
  leave: "Leave",
  leaveHint: "Clears this page and opens another one.",

  title: "You can leave this war alive",
  lead: [
    "Here you can ask how to surrender safely. You decide about every step, and you may stop at any time.",
    "Nobody asks for your name, unit or place. Only our operators can read what you write.",
  ],
  fears: "What people ask first",
  fear: [
    {
      title: "Is this a trap?",
      text: [
        "You need not believe us at once. Ask first; say nothing about yourself; watch how we answer.",
        "This line serves no ambush, by any side. Whoever surrenders must be spared: that is the law of war.",
      ],
    },
    {
      title: "Will I be filmed, beaten, shot?",
      text: [
        "The Geneva Convention forbids harming a prisoner and showing him to the public. No name, photo or story leaves this line.",
        "The way there is the dangerous part. That is why place, time and signs are agreed with you first, and those who receive you know of you. Nobody can promise that there is no risk.",
      ],
    },
    {
      title: "Ten years in prison at home?",
      text: [
        "At home, going over of your own will is punished with three to ten years. So every paper that leaves here says only “captured”. Nothing in it mentions this line.",
        "What others say about you is not in our hands. Tell nobody who does not have to know.",
      ],
    },
    {
      title: "My commander took my phone",
      text: [
        "You can come back from any phone, also after months. You get a code; learn it by heart.",
        "On somebody else's phone: write, remember the code, leave, and delete this page from the browser's history.",
      ],
    },
    {
      title: "There is no signal",
      text: [
        "The page keeps trying by itself as long as it is open. It says “not sent yet” or “received”, never anything in between.",
        "What you agree on with us is planned so that it also works with a dead phone.",
      ],
    },
    {
      title: "I am not alone",
      text: [
        "Groups come too, even whole platoons. One message for all of you is enough: write how many you are.",
        "Let in only those whom you would trust with your life.",
      ],
    },
    {
      title: "How exactly? Do I kneel?",
      text: [
        "You get a place and an exact time. If a drone meets you: look into its camera and raise your hands. It rises and drops a few metres to confirm and shows the direction; follow at walking pace. If it fails, stop and wait for the next one. At the meeting: hands up, lie down, you are searched.",
        "Without a drone: white cloth, magazine out, barrel down, no helmet, no armour. Do not set out because of this text alone: what holds for you is agreed with you.",
      ],
    },
    {
      title: "What during an assault?",
      text: [
        "Whoever clearly gives up must be spared, in an assault too. Your protection begins with a sign that everybody sees: weapon down, hands up, white cloth. This page or a code does not protect you there.",
        "Soldiers who know nothing of you may take fright. An agreed meeting is safer; if you have any choice, write first.",
      ],
    },
    {
      title: "Will I be sent back?",
      text: [
        "Nobody is returned against his will to where harm awaits him. You will be asked, and you may change your mind until it is carried out.",
        "About one in ten does not want to return.",
      ],
    },
    {
      title: "Can I stay?",
      text: [
        "You can choose to be exchanged, to stay in custody until the war ends, or to ask to stay or to go to a third country. How long that takes, nobody can promise here.",
        "Nobody may make you fight for the other side in return.",
      ],
    },
  ],
  before: "Before you write",
  hide: {
    title: "Afterwards: leave no trace",
    text: [
      "This page stores nothing on the phone. The browser may remember that you were here. Open its history and delete this page, or use a private window and close it.",
      "Learn the code by heart. If you write it down, make it look like something else. Do not photograph it.",
    ],
  },
  limits: {
    title: "What this page cannot do",
    text: [
      "It cannot help if somebody watches the screen or controls the phone.",
      "Your network can see that you were at this address. It cannot see what you write.",
    ],
  },
  doors: "Our other doors",
  doorsText: "Only these are ours. Compare every letter.",
  phone: "Telephone",
  write: "Write to us",
  comeBack: "I have a code",
  back: "Back",

  writeTitle: "Write to us",
  writeHint: "Ask whatever you like. No name, no place. It helps to know: are you at the front, is it urgent, are you alone?",
  yourMessage: "Your message",
  left: (bytes) => `Room for about ${bytes} more letters.`,
  tooLong: "Too long for one message. Send the first part now and the rest afterwards. Nothing is lost.",
  empty: "Write something first.",
  send: "Send",
  preparing: "Your code is being made while you write.",
  prepared: "Your code is ready. You will see it once the message is received.",
  slow: "This phone is too slow to make a code for coming back. Your message can still be sent. You will not see the answer here; you get a shorter code for our other doors.",

  sendingTitle: "Sending",
  trying: "Not sent yet. Trying…",
  notSent: "Not sent yet.",
  why: {
    offline: "No connection to us.",
    busy: "Many people are writing just now.",
    fault: "The server has a fault.",
  },
  nextTry: (seconds) => `Next attempt in ${seconds} s, by itself.`,
  tryNow: "Try now",
  keepOpen: "Leave this page open. If you close it, the message is gone.",

  receiptTitle: "Received",
  received: "Your message is with us. An operator will read it.",
  receipt: "Your code for coming back here",
  receiptHint: "24 digits. With them you see our answer on this page, from any phone. Whoever has them can act as you. We do not know them and cannot find them again.",
  code: "Your short code for our other doors",
  codeHint: "12 digits. By telephone or messenger it tells the operator which case is yours. It shows nothing to anybody.",
  noReceipt: "There is no code for coming back here: this phone was too slow to make one. To get our answer, use one of our other doors and give this short code.",
  keepSafe: "Learn it, or hide it well. We will ask for two groups of it now.",
  noted: "I have it",

  checkTitle: "Is the code safe?",
  checkHint: "Enter these two groups of your code.",
  group: (n) => `Group ${n}`,
  check: "Check",
  checkWrong: "That does not match. Look at the code once more.",
  showAgain: "Show the code again",

  talkTitle: "Your conversation",
  checked: "Correct. You can leave now and come back at any time.",
  readBy: (when) => `An operator has read your last message (${when}).`,
  notRead: "No operator has read your last message yet.",
  usedAt: (when) => `Your code was last used ${when}.`,
  usedNever: "Your code has not been used before.",
  usedWarning: "If that was not you, somebody else has your code. Write it to us.",
  noReplies: "No new answer. If you stay, the page keeps looking by itself.",
  onlyKept: "Only answers that you have not put away are shown. What you wrote earlier is not shown here.",
  you: "You",
  us: "We",
  at: (day, hour) => `${day}, after ${hour}:00`,
  gap: "Before this, messages from us are missing: you put them away, or they did not arrive. If you do not remember them, ask us.",
  forgedMessage: "A message came that is not from us. It is not shown.",
  forged: "The server showed something that did not come from us. Do not trust this way; try another door.",
  otherDevice: "Somebody has written with your code from another device. If that was not you, write it to us.",
  putAway: "I have remembered this; do not show it again",
  putAwaySure: "It is removed for good, here and on the server.",
  putAwayYes: "Remove it",
  putAwayNo: "Keep it",
  putAwayDone: "Removed.",
  more: "Write more",
  looking: "Looking for answers…",
  lookFailed: "No connection just now. The page tries again by itself.",
  finish: "Finish and leave",

  returnTitle: "Come back",
  returnHint: "Enter the 24 digits. Spaces and dashes do not matter.",
  yourReceipt: "Your code",
  open: "Open",
  fault: {
    length: "A code has 24 digits.",
    character: "Only digits, spaces and dashes belong here.",
    check: "A digit is wrong, or two are swapped.",
  },
  deriving: "Preparing the key. A few seconds…",
  derivingSlow: (minutes) => `This phone needs about ${minutes} min for the key. Leave the page open.`,
  unknown: "We know no case with this code. It may never have been received, or it was deleted after a long time. You can write to us anew.",

  refused: "The server did not take this. It was not kept. Please go back and write again.",
  expired: "This page is no longer new. It still works, but get a newer one when you can.",
  outdated: "This page is too old to send safely. Nothing was sent. Please get a newer page or use another door.",
  broken: "This page is damaged and does not work. Do not use it.",
};
