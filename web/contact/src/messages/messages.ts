/** Every text of the page; %1 and %2 are filled in. A language that lacks one does not pass the type check. */

export interface Card {
  readonly title: string;
  readonly text: readonly string[];
}

export interface Messages {
  /** The name of the language in itself. */
  readonly name: string;
  /** What a tab shows on a phone that somebody else picks up. */
  readonly tab: string;
  readonly languages: string;
  readonly leave: string;
  readonly leaveHint: string;

  readonly title: string;
  readonly lead: readonly string[];
  readonly fears: string;
  readonly fear: readonly [Card, Card, Card, Card, Card, Card, Card, Card, Card, Card];
  readonly before: string;
  readonly hide: Card;
  readonly limits: Card;
  readonly doors: string;
  readonly doorsText: string;
  readonly phone: string;
  readonly write: string;
  readonly comeBack: string;
  readonly back: string;

  readonly writeTitle: string;
  readonly writeHint: string;
  readonly yourMessage: string;
  readonly left: string;
  readonly tooLong: string;
  readonly empty: string;
  readonly send: string;
  readonly preparing: string;
  readonly prepared: string;
  readonly slow: string;

  readonly sendingTitle: string;
  readonly trying: string;
  readonly notSent: string;
  readonly why: { readonly offline: string; readonly busy: string; readonly fault: string };
  readonly nextTry: string;
  readonly tryNow: string;
  readonly keepOpen: string;

  readonly receiptTitle: string;
  readonly received: string;
  readonly receipt: string;
  readonly receiptHint: string;
  readonly code: string;
  readonly codeHint: string;
  readonly noReceipt: string;
  readonly keepSafe: string;
  readonly noted: string;

  readonly checkTitle: string;
  readonly checkHint: string;
  readonly group: string;
  readonly check: string;
  readonly checkWrong: string;
  readonly showAgain: string;

  readonly talkTitle: string;
  readonly checked: string;
  readonly readBy: string;
  readonly notRead: string;
  readonly usedAt: string;
  readonly usedNever: string;
  readonly usedWarning: string;
  readonly noReplies: string;
  readonly onlyKept: string;
  readonly you: string;
  readonly us: string;
  /** An hour as people read it; the protocol knows no minutes. */
  readonly at: string;
  readonly gap: string;
  readonly forgedMessage: string;
  readonly forged: string;
  readonly otherDevice: string;
  readonly putAway: string;
  readonly putAwaySure: string;
  readonly putAwayYes: string;
  readonly putAwayNo: string;
  readonly putAwayDone: string;
  readonly more: string;
  readonly attach: string;
  readonly attached: string;
  readonly cleaned: string;
  readonly uncleaned: string;
  readonly fileLimit: string;
  readonly removeFile: string;
  readonly stopFile: string;
  readonly part: string;
  readonly fileHere: string;
  readonly getFile: string;
  readonly saveFile: string;
  readonly fileFailed: string;
  readonly fileForged: string;
  readonly fileCount: string;
  readonly looking: string;
  readonly lookFailed: string;
  readonly finish: string;

  readonly returnTitle: string;
  readonly returnHint: string;
  readonly yourReceipt: string;
  readonly open: string;
  readonly fault: { readonly length: string; readonly character: string; readonly check: string };
  readonly deriving: string;
  readonly derivingSlow: string;
  readonly unknown: string;

  readonly refused: string;
  readonly expired: string;
  readonly outdated: string;
  readonly broken: string;
}
