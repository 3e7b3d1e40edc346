/** Says plainly whether something has been sent, and what stands in the way. */

import { fill } from "../messages";
import type { App, Trouble } from "../app";
import { button, h, type Child } from "../dom";

export function waiting(app: App): HTMLElement[] {
  const { t, progress } = app;
  const lines: Child[] = [];
  if (app.trouble) return [trouble(app, app.trouble)];
  if (progress?.state === "waiting") {
    const seconds = fill(t.nextTry, Math.max(0, Math.ceil((progress.until - Date.now()) / 1000)));
    lines.push(h("strong", {}, t.notSent), " ", t.why[progress.why], " ", h("span", { "aria-hidden": "true", id: "next-try" }, seconds));
  } else lines.push(t.trying);
  const out = [h("p", { id: "status", role: "status" }, ...lines)];
  if (progress?.state === "waiting") out.push(h("p", {}, button("retry", t.tryNow, () => app.desk.post.retryNow())));
  return out;
}

export function trouble(app: App, what: Trouble): HTMLElement {
  const { t } = app;
  return h("p", { id: "trouble", class: "notice", role: "alert", "data-trouble": what }, t[what]);
}
