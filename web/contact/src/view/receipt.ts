/** After the first message: the receipt and the channel code, and asking the receipt back. */

import { fill } from "../messages";
import type { App } from "../app";
import { button, h, secretly } from "../dom";
import { groups, parseGroup } from "../digits";

const shown = (id: string, digits: string): HTMLElement =>
  h("p", { id, class: "code", translate: "no" }, ...groups(digits).flatMap((g, i) => [i ? " " : null, h("span", { class: "group" }, g)]));

export function receipt(app: App): HTMLElement[] {
  const { t } = app;
  const code = [h("h2", {}, t.code), shown("channel-code", app.conversation!.contact.code), h("p", {}, t.codeHint)];
  return [
    h("h1", { id: "title", tabindex: "-1" }, t.receiptTitle),
    h("p", { id: "received", role: "status" }, t.received),
    ...(app.receipt
      ? [
          h("h2", {}, t.receipt),
          shown("receipt", app.receipt),
          h("p", {}, t.receiptHint),
          ...code,
          h("p", {}, t.keepSafe),
          h("p", {}, button("noted", t.noted, () => app.startCheck(), "main")),
        ]
      : [h("p", { id: "no-receipt", class: "notice" }, t.noReceipt), ...code, h("p", {}, button("finish", t.finish, () => app.leave(), "main"))]),
    h("details", { id: "hide" }, h("summary", {}, t.hide.title), ...t.hide.text.map((x) => h("p", {}, x))),
  ];
}

export function check(app: App): HTMLElement[] {
  const { t } = app;
  const want = groups(app.receipt);
  const fault = h("p", { id: "check-fault", class: "notice", role: "alert", hidden: true });
  const inputs = app.asking.map((n, i) =>
    h("input", { id: `check-${"ab"[i]}`, type: "text", inputmode: "numeric", size: "6", "aria-describedby": "check-fault", "data-group": String(n + 1), ...secretly }),
  );
  const submit = (e: Event): void => {
    e.preventDefault();
    const wrong = inputs.find((input, i) => parseGroup(input.value) !== want[app.asking[i]!]);
    if (wrong) {
      fault.hidden = false;
      fault.textContent = t.checkWrong;
      wrong.focus();
    } else {
      app.receipt = "";
      app.talk();
      app.notice = "checked";
      app.changed();
    }
  };
  return [
    h("h1", { id: "title", tabindex: "-1" }, t.checkTitle),
    h("p", {}, t.checkHint),
    h(
      "form",
      { submit, ...secretly },
      ...inputs.flatMap((input, i) => [h("label", { for: input.id }, fill(t.group, app.asking[i]! + 1)), input]),
      fault,
      h("div", { class: "act" }, h("button", { id: "check", type: "submit", class: "main" }, t.check), button("show-again", t.showAgain, () => app.go("receipt"))),
    ),
  ];
}
