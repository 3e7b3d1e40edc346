/** The conversation: what was said in this visit, what was not put away, and more to write. */

import { fill } from "../messages";
import type { App } from "../app";
import type { Message } from "../conversation";
import { button, h } from "../dom";
import { chooser, filesOf } from "./files";
import { editor } from "./write";
import { trouble, waiting } from "./waiting";

export function talk(app: App): HTMLElement[] {
  const { t } = app;
  const c = app.conversation!;
  const s = c.state!;
  const notices: HTMLElement[] = [];
  if (app.notice) notices.push(h("p", { id: "notice", class: "good" }, t[app.notice]));
  if (c.forged) notices.push(h("p", { id: "forged", class: "notice" }, t.forged));
  if (c.otherDevice) notices.push(h("p", { id: "other-device", class: "notice" }, t.otherDevice));
  const replies = c.messages.some((m) => m.side === "desk");
  return [
    h("h1", { id: "title", tabindex: "-1" }, t.talkTitle),
    h("div", { role: "status" }, ...notices),
    h("p", { id: "read", "data-read": String(s.read) }, s.read ? fill(t.readBy, hourText(app, s.readHour)) : t.notRead),
    ...(c.fileCount ? [h("p", { id: "file-count", class: "quiet" }, fill(t.fileCount, c.fileCount))] : []),
    ...(s.usedHour === undefined ? [] : [h("p", { id: "used" }, s.usedHour ? `${fill(t.usedAt, hourText(app, s.usedHour))} ${t.usedWarning}` : t.usedNever)]),
    h("ol", { id: "messages", "aria-live": "polite" }, ...c.messages.map((m) => message(app, m))),
    ...(replies ? [] : [h("p", { id: "no-replies", class: "quiet" }, t.noReplies)]),
    ...(app.lookFailed ? [h("p", { id: "look-failed", class: "quiet", role: "status" }, t.lookFailed)] : []),
    ...(app.busy && app.progress ? waiting(app) : []),
    ...(app.trouble ? [trouble(app, app.trouble)] : []),
    h("h2", {}, t.more),
    ...editor(app, () => void app.sendMore(), t.send, chooser(app)),
    h("p", { class: "quiet" }, t.onlyKept),
    h("p", {}, button("finish", t.finish, () => app.leave())),
  ];
}

function message(app: App, m: Message): HTMLElement {
  const { t } = app;
  const own = m.side === "contact";
  const out = h("li", { class: own ? "mine" : "theirs", "data-side": m.side, "data-seq": String(m.seq) });
  if (m.gap) out.append(h("p", { class: "quiet gap" }, t.gap));
  if (m.text === null) {
    out.append(h("p", { class: "notice" }, t.forgedMessage));
    return out;
  }
  out.append(h("p", { class: "who" }, `${own ? t.you : t.us}, ${hourText(app, m.hour)}`), h("p", { class: "text", dir: "auto" }, m.text), ...filesOf(app, m.files, m.seq));
  if (own) return out;
  if (app.puttingAway !== m) {
    const ask = button(`putaway-${m.seq}`, t.putAway, () => {
      app.puttingAway = m;
      app.changed();
      document.getElementById(`putaway-${m.seq}-yes`)?.focus();
    });
    out.append(ask);
    return out;
  }
  const yes = button(`putaway-${m.seq}-yes`, t.putAwayYes, () => void app.putAway(m), "main");
  const no = button(`putaway-${m.seq}-no`, t.putAwayNo, () => {
    app.puttingAway = null;
    app.changed();
    document.getElementById(`putaway-${m.seq}`)?.focus();
  });
  out.append(h("p", {}, t.putAwaySure), h("div", { class: "act" }, yes, no));
  return out;
}

function hourText(app: App, hour: number | null): string {
  if (!hour) return "–";
  const when = new Date(hour * 3600000);
  const two = (n: number): string => String(n).padStart(2, "0");
  return fill(app.t.at, `${two(when.getDate())}.${two(when.getMonth() + 1)}`, two(when.getHours()));
}
