/** What stands around every view: languages and the way out. */

import type { App } from "../app";
import { button, h } from "../dom";
import { languages, type Language } from "../messages";

export function frame(app: App, setLanguage: (l: Language) => void): HTMLElement[] {
  const choices = Object.entries(languages).map(([lang, m]) => {
    const b = button("lang-" + lang, m.name.slice(0, 3), () => setLanguage(lang as Language), "language");
    b.append(h("span", { class: "rest" }, m.name.slice(3))); // seen where there is room, heard everywhere
    b.lang = lang;
    b.setAttribute("aria-pressed", String(lang === app.lang));
    return b;
  });
  const leave = button("leave", app.t.leave, () => app.leave(), "leave");
  leave.title = app.t.leaveHint;
  return [h("div", { role: "group", class: "languages", "aria-label": app.t.languages }, ...choices), leave];
}
