/** Coming back with a receipt. */

import { fill } from "../messages";
import type { App } from "../app";
import { button, h, secretly } from "../dom";
import { parseDigits, RECEIPT } from "../digits";
import { trouble, waiting } from "./waiting";

export function comeBack(app: App): HTMLElement[] {
  const { t } = app;
  const fault = h("p", { id: "receipt-fault", class: "notice", role: "alert", hidden: true });
  const say = (text: string): void => {
    fault.hidden = text === "";
    fault.textContent = text;
    input.setAttribute("aria-invalid", String(text !== ""));
  };
  const input = h("input", { id: "receipt-in", type: "text", inputmode: "numeric", "aria-describedby": "receipt-hint receipt-fault", ...secretly, input: () => {
    app.typedReceipt = input.value;
    const typed = parseDigits(input.value, RECEIPT);
    if (!typed.fault) app.prepare(typed.digits);
    // Too few digits are no fault while he types.
    say(typed.fault && (typed.fault !== "length" || input.value.replace(/\D/g, "").length > RECEIPT) ? t.fault[typed.fault] : "");
  } });
  input.value = app.typedReceipt;
  const submit = (e: Event): void => {
    e.preventDefault();
    const typed = parseDigits(input.value, RECEIPT);
    if (typed.fault) {
      say(t.fault[typed.fault]);
      input.focus();
    } else void app.open(typed.digits);
  };
  return [
    h("h1", { id: "title", tabindex: "-1" }, t.returnTitle),
    h(
      "form",
      { submit, ...secretly },
      h("p", { id: "receipt-hint" }, t.returnHint),
      h("label", { for: "receipt-in" }, t.yourReceipt),
      input,
      fault,
      h("div", { class: "act" }, h("button", { id: "open", type: "submit", class: "main" }, t.open), button("back", t.back, () => app.home())),
    ),
  ];
}

export function opening(app: App): HTMLElement[] {
  const { t, derivation } = app;
  const out: HTMLElement[] = [h("h1", { id: "title", tabindex: "-1" }, t.returnTitle)];
  if (app.trouble) out.push(trouble(app, app.trouble));
  else if (derivation) {
    const p = derivation.progress();
    const minutes = p ? Math.ceil(p.estimate / 60000) : 0;
    out.push(h("p", { id: "status", role: "status" }, p && p.estimate > 30000 ? fill(t.derivingSlow, minutes) : t.deriving));
    if (p) out.push(h("progress", { "aria-label": t.deriving, max: "1", value: String(p.done) }));
  } else if (app.progress?.state === "waiting") out.push(...waiting(app));
  else out.push(h("p", { id: "status", role: "status" }, t.looking));
  out.push(h("p", {}, button("back", t.back, () => (app.trouble ? app.go("return") : app.home()))));
  return out;
}
