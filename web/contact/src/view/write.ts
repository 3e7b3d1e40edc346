/** Writing: the first message of a case, and further ones in the conversation. */

import { fill } from "../messages";
import type { App } from "../app";
import { button, h, secretly } from "../dom";
import { room } from "../record";
import { waiting } from "./waiting";

/** The counter shows when fewer bytes than this are left. */
const nearLimit = 4000;

export function write(app: App): HTMLElement[] {
  const { t } = app;
  const progress = app.ready || app.slow ? null : (app.derivation?.progress() ?? null);
  return [
    h("h1", { id: "title", tabindex: "-1" }, t.writeTitle),
    h("p", {}, t.writeHint),
    ...editor(app, () => void app.sendFirst(), t.send),
    h("p", { id: "kdf", class: app.slow ? "notice" : "quiet", role: "status" }, app.slow ? t.slow : app.ready ? t.prepared : t.preparing),
    ...(progress ? [h("progress", { "aria-label": t.preparing, max: "1", value: progress.done.toFixed(2) })] : []),
    h("p", {}, button("back", t.back, () => app.home())),
  ];
}

/** The text area with its counter and button. Typing does not draw the view anew. */
export function editor(app: App, send: () => void, label: string, files: HTMLElement[] = []): HTMLElement[] {
  const { t } = app;
  const area = h("textarea", { id: "message", rows: "6", "aria-describedby": "left", ...secretly, input: () => {
    app.draft = area.value;
    count();
  } });
  area.value = app.draft;
  const left = h("p", { id: "left", class: "quiet", "aria-live": "polite" });
  const act = button("send", label, () => {
    if (app.chosen?.tooLarge) document.getElementById("drop")?.focus();
    else if (app.draft.trim() === "" && !app.chosen) {
      left.textContent = t.empty;
      area.focus();
    } else if (room(app.draft) >= 0) send();
  }, "main");
  const count = (): void => {
    const free = room(app.draft);
    left.className = free < 0 ? "notice" : "quiet";
    left.textContent = free < 0 ? t.tooLong : free < nearLimit ? fill(t.left, Math.floor(free / (/[а-яіїєґў]/i.test(app.draft) ? 2 : 1))) : "";
    act.disabled = free < 0; // not while busy: a disabled button would lose the focus
    area.setAttribute("aria-invalid", String(free < 0));
  };
  count();
  return [h("label", { for: "message" }, t.yourMessage), area, left, ...files, act];
}

export function sending(app: App): HTMLElement[] {
  const { t } = app;
  return [
    h("h1", { id: "title", tabindex: "-1" }, t.sendingTitle),
    ...waiting(app),
    ...(app.trouble ? [h("p", {}, button("back-to-write", t.back, () => app.startWriting()))] : [h("p", {}, t.keepOpen)]),
  ];
}
