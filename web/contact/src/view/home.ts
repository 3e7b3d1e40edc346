/** The first view: answers the first fears before it asks anything. */

import type { App } from "../app";
import { button, h, paragraphs } from "../dom";
import type { Card } from "../messages";

const card = (id: string, c: Card): HTMLElement => h("details", { id }, h("summary", {}, c.title), ...paragraphs(c.text));

export function home(app: App): HTMLElement[] {
  const { t } = app;
  const doors = app.desk.manifest.channels ?? [];
  return [
    h("h1", { id: "title", tabindex: "-1" }, t.title),
    ...paragraphs(t.lead),
    ...(app.desk.expired() ? [h("p", { id: "expired", class: "notice" }, t.expired)] : []),
    h("p", {}, button("come-back", t.comeBack, () => app.go("return"))),
    h("h2", {}, t.fears),
    h("div", { class: "cards" }, ...t.fear.map((c, i) => card(`fear-${i + 1}`, c))),
    h("h2", {}, t.before),
    h("div", { class: "cards" }, card("limits", t.limits), card("hide", t.hide)),
    h("div", { class: "act" }, button("write", t.write, () => app.startWriting(), "main big")),
    ...(doors.length
      ? [
          h("h2", {}, t.doors),
          h("p", {}, t.doorsText),
          h("ul", { id: "doors" }, ...doors.map((d) => h("li", {}, (d.channel === "phone" ? t.phone : d.channel[0]!.toUpperCase() + d.channel.slice(1)) + ": ", h("bdi", {}, d.address)))),
        ]
      : []),
  ];
}
