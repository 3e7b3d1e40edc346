/** The contact page: reads what was stamped into it, then shows one view at a time. */

import { App, type View } from "./app";
import { Desk } from "./desk";
import { h, patch } from "./dom";
import { languageOf, languages, type Language } from "./messages";
import { frame } from "./view/frame";
import { home } from "./view/home";
import { check, receipt } from "./view/receipt";
import { comeBack, opening } from "./view/return";
import { talk } from "./view/talk";
import { sending, write } from "./view/write";

const views: { [V in View]: (app: App) => HTMLElement[] } = {
  home, write, sending, receipt, check, talk, return: comeBack, opening,
};

const closed = new AbortController();
const top = document.getElementById("top")!;
const title = (): HTMLElement | null => document.getElementById("title");
const main = document.getElementById("main")!;

function start(): void {
  const lang = languageOf(location.hash, navigator.languages);
  let desk: Desk;
  try {
    const text = (id: string): string => document.getElementById(id)!.textContent!;
    desk = Desk.fromPage(text("config"), text("manifest"), closed.signal);
  } catch {
    main.replaceChildren(h("p", { id: "broken", class: "notice", role: "alert" }, languages[lang].broken));
    return;
  }
  const app: App = new App(desk, lang, (newView) => (newView ? show(app) : draw(app, false)));
  addEventListener("hashchange", () => speak(app, languageOf(location.hash, navigator.languages)));
  // A page that the browser keeps for "back" must not come back with what was on it.
  addEventListener("pagehide", () => {
    closed.abort();
    document.body.replaceChildren();
  });
  addEventListener("pageshow", (e) => e.persisted && location.reload());
  draw(app, true);
}

function draw(app: App, whole: boolean): void {
  if (closed.signal.aborted) return;
  if (!whole) {
    const focus = document.activeElement;
    patch(main, views[app.view](app));
    // Who used the keyboard on something that went away goes on from the top of the view.
    if (focus && !focus.isConnected) title()?.focus({ preventScroll: true });
    return;
  }
  document.documentElement.lang = app.lang;
  document.title = app.t.tab;
  top.replaceChildren(...frame(app, (l) => setLanguage(app, l)));
  main.replaceChildren(...views[app.view](app));
}

/** A new view begins at its top, also for a screen reader. */
function show(app: App): void {
  draw(app, true);
  scrollTo(0, 0);
  title()?.focus({ preventScroll: true });
}

function setLanguage(app: App, lang: Language): void {
  history.replaceState(null, "", "#" + lang); // no new entry in the history
  speak(app, lang);
}

/** Draws the same view in another language; what is open stays open. */
function speak(app: App, lang: Language): void {
  const open = [...main.querySelectorAll("details[open]")].map((d) => d.id);
  app.lang = lang;
  draw(app, true);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  document.getElementById("lang-" + lang)?.focus({ preventScroll: true });
}

start();
