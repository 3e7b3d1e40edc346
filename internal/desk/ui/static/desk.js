// What the pages do beside htmx: the live feed, drafts, keys, the idle notice.
// It stores nothing: no localStorage, no cookie, no history of what was typed.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const body = document.body;
  const ready = body.dataset.phase === "ready";
  sessionStorage.removeItem("htmx-current-path-for-history"); // htmx writes it as it loads

  // ---- live feed ---------------------------------------------------------
  // The first event draws at once; those that follow closely draw once
  // together, and never is the last one lost. The case that is open goes first.
  const due = new Map();
  const drawn = new Map();
  function redraw(event) {
    if (due.has(event)) return;
    const gap = event === "desk:case" ? 60 : 250; // ms between two drawings
    const next = (drawn.get(event) ?? -gap) + gap;
    due.set(event, setTimeout(() => {
      due.delete(event);
      drawn.set(event, performance.now());
      htmx.trigger(body, event);
    }, Math.max(0, next - performance.now())));
  }

  let silence = 0;
  function listen() {
    const feed = new EventSource("/live");
    const alive = () => {
      clearTimeout(silence);
      $("gone").hidden = true;
      silence = setTimeout(() => { $("gone").hidden = false; }, 40000);
    };
    const on = (name, then) => feed.addEventListener(name, (e) => { alive(); then(e.data); });
    // What changed between the drawing of the page and the feed was missed.
    feed.addEventListener("open", () => { alive(); redraw("desk:queue"); redraw("desk:case"); });
    on("beat", () => {});
    on("state", () => redraw("desk:state"));
    on("queue", () => redraw("desk:queue"));
    on("case", (ref) => { if ($("case")?.dataset.ref === ref) redraw("desk:case"); });
    feed.addEventListener("error", () => {
      clearTimeout(silence);
      silence = setTimeout(() => { $("gone").hidden = false; }, 2000);
      if (feed.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
    });
  }
  if (body.dataset.phase) listen();

  // ---- swaps ---------------------------------------------------------------
  // A part that says the same as before is left alone: focus, selection and
  // what a screen reader has read stay.
  body.addEventListener("htmx:oobBeforeSwap", (e) => {
    const target = e.detail.target;
    const next = e.detail.fragment.querySelector("#" + CSS.escape(target.id));
    if (next?.dataset.v && next.dataset.v === target.dataset.v) e.detail.shouldSwap = false;
    else if (target.id === "talk") stick = atEnd();
  });
  body.addEventListener("htmx:oobAfterSwap", (e) => {
    if (e.detail.target.id === "talk") { if (stick) toEnd(); seen(); }
    if (e.detail.target.id === "barbox") readLock();
    if (e.detail.target.id === "toast") toast();
  });
  body.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target.id === "work") {
      // htmx would keep the path in sessionStorage; the browser's history is enough.
      history.pushState(null, "", e.detail.pathInfo.requestPath);
      opened(true);
    }
    if (e.detail.target.id === "toast") toast();
    if (e.detail.target.id === "queuelist") mark();
    if (e.detail.target.id === "viewerbody") view();
    if (e.detail.target.id === "tiefound") { // a code in a message asks too
      $("findbox").open = true;
      e.detail.target.scrollIntoView({ block: "nearest" });
    }
    if (e.detail.target.id === "wordresult") e.detail.target.scrollIntoView({ block: "nearest" });
    if (e.detail.target.id === "templatelist") e.detail.target.querySelector("[aria-pressed=true]")?.focus();
  });
  addEventListener("popstate", () => location.reload());
  body.addEventListener("htmx:sendError", () => { $("gone").hidden = false; });

  let fade = 0;
  function toast() {
    clearTimeout(fade);
    if ($("toast").querySelector(".toast:not(.bad)")) fade = setTimeout(() => { $("toast").replaceChildren(); }, 6000);
  }

  // ---- the case --------------------------------------------------------------
  let stick = false;
  const scroller = () => $("talkscroll");
  function atEnd() {
    const s = scroller();
    return s ? s.scrollHeight - s.scrollTop - s.clientHeight < 60 : false;
  }
  function toEnd() {
    const s = scroller();
    if (s) s.scrollTop = s.scrollHeight;
  }
  function opened(focus) {
    const line = $("unreadline"), s = scroller();
    if (line && s) s.scrollTop = Math.max(0, line.offsetTop - s.offsetTop - 24);
    else toEnd();
    if ($("opened")) $("opened").value = $("case")?.dataset.ref ?? "";
    mark();
    seen();
    draftOf($("case")?.dataset.ref);
    if (focus && $("casetitle")) $("casetitle").focus({ preventScroll: true });
  }
  function mark() {
    const ref = $("case")?.dataset.ref;
    for (const a of document.querySelectorAll("#queuelist a[data-ref]")) {
      if (a.dataset.ref === ref) a.setAttribute("aria-current", "true");
      else a.removeAttribute("aria-current");
    }
  }
  let told = "";
  // Read is what is on a screen that somebody looks at.
  function seen() {
    const c = $("case"), talk = c?.querySelector(".talk");
    if (talk?.dataset.unread !== "true" || document.visibilityState !== "visible") return;
    const what = c.dataset.ref + " " + $("talk").dataset.v;
    if (what === told) return;
    told = what;
    post("/case/" + c.dataset.ref + "/read").catch(() => { told = ""; });
  }
  document.addEventListener("visibilitychange", seen);

  function post(path, fields) {
    return fetch(path, { method: "POST", body: new URLSearchParams(fields ?? {}), headers: { "HX-Request": "true" }, credentials: "same-origin" })
      .then((r) => {
        if (r.headers.get("HX-Redirect")) location.assign(r.headers.get("HX-Redirect"));
        return r;
      });
  }

  // ---- drafts ------------------------------------------------------------------
  // The draft goes to the desk, sealed, a moment after the last key. The field
  // is never filled from outside while the case is open.
  let saving = 0, saved = "", sendingText = null;
  function draftOf() {
    clearTimeout(saving);
    saving = 0;
    saved = $("replytext")?.value ?? "";
  }
  function keepDraft() {
    clearTimeout(saving);
    saving = 0;
    const field = $("replytext"), form = $("reply");
    if (!field || field.value === saved) return;
    const text = field.value, state = $("draftstate");
    post("/case/" + form.dataset.ref + "/draft", { text }).then((r) => {
      if (!r.ok) throw new Error("draft");
      saved = text;
      if (state && field.value === text) state.textContent = text ? state.dataset.kept : "";
    }).catch(() => { if (state) state.textContent = ""; });
  }
  document.addEventListener("input", (e) => {
    if (e.target.id === "replytext") {
      clearTimeout(saving);
      $("draftstate").textContent = $("draftstate").dataset.keeping;
      saving = setTimeout(keepDraft, 700);
    }
    if (e.target.form?.id === "filters") {
      clearTimeout(filtering);
      filtering = setTimeout(() => htmx.trigger("#queuelist", "desk:queue"), e.target.id === "search" ? 180 : 0);
    }
  });
  let filtering = 0;
  // Before another case is drawn the draft of this one is sent off.
  body.addEventListener("htmx:beforeRequest", (e) => {
    if (e.detail.target?.id === "work") keepDraft();
    if (e.detail.elt.id === "reply") {
      clearTimeout(saving);
      saving = 0;
      sendingText = $("replytext").value;
    }
  });
  addEventListener("pagehide", keepDraft);
  body.addEventListener("desk:done", (e) => {
    const form = $(e.detail.form);
    if (!form) return;
    if (e.detail.form !== "reply") { form.reset(); hideAll(form); return; }
    const field = $("replytext");
    // What was typed while it was being sent stays.
    if (field.value === sendingText) {
      field.value = "";
      saved = "";
      $("draftstate").textContent = "";
      stick = true;
      toEnd();
    } else {
      saved = "";
      keepDraft();
    }
  });

  // Which groups of nearly the same messages are unfolded is asked for with the filters.
  function foldGroup(number) {
    const field = $("unfolded"), open = new Set(field.value.split(" ").filter(Boolean));
    if (!open.delete(number)) open.add(number);
    field.value = [...open].join(" ");
    htmx.trigger("#queuelist", "desk:queue");
  }

  // ---- attachments -----------------------------------------------------------------
  // One is open at a time, in a window of its own; closing it lets the desk forget it.
  let clear = "", turned = ""; // the document that was unveiled; the button that turned its page
  function view() {
    const dialog = $("viewer"), veil = $("veil"), button = $(turned);
    if (!dialog.open) dialog.showModal();
    if (clear && veil?.dataset.object === clear) unveil(veil);
    if (!button) return;
    (button.disabled ? veil ?? dialog : button).focus();
    turned = "";
  }
  function turn(id) {
    const button = $("turn-" + id);
    if (button && !button.disabled) button.click();
  }
  $("viewer")?.addEventListener("keydown", (e) => {
    const id = { PageUp: "before", PageDown: "after", "+": "larger", "=": "larger", "-": "smaller" }[e.key];
    if (!id || e.ctrlKey || e.metaKey || e.altKey || !$("turn-" + id)) return;
    e.preventDefault();
    turn(id);
  });
  // The same file can be chosen again after it was refused.
  body.addEventListener("htmx:afterRequest", (e) => { if (e.detail.elt.id === "attachfile") e.detail.elt.value = ""; });
  $("viewer")?.addEventListener("close", () => {
    clear = turned = "";
    $("viewerbody").replaceChildren();
    post("/file/close").catch(() => {});
  });
  addEventListener("pagehide", () => {
    if ($("viewer")?.open) fetch("/file/close", { method: "POST", keepalive: true, credentials: "same-origin" }).catch(() => {});
  });
  function unveil(button) {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    clear = on ? button.dataset.object ?? "" : "";
    button.querySelector(".veiltext").textContent = on ? button.dataset.hide : button.dataset.show;
  }

  // ---- words, copies, templates ----------------------------------------------------
  function reveal(button, on) {
    $(button.dataset.for).type = on ? "text" : "password";
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? button.dataset.hide : button.dataset.show;
  }
  function hideAll(form) {
    for (const b of form.querySelectorAll(".reveal")) reveal(b, false);
  }
  function openTemplates() {
    const dialog = $("templates"), button = $("templatesbutton");
    if (!dialog || !button || dialog.open) return;
    dialog.showModal();
    htmx.ajax("GET", "/templates/" + button.dataset.lang, { target: "#templatelist", swap: "innerHTML" });
  }
  function insert(text) {
    const field = $("replytext");
    $("templates").close();
    field.focus();
    const before = field.value.slice(0, field.selectionStart);
    const lead = before && !before.endsWith("\n") ? "\n\n" : "";
    field.setRangeText(lead + text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.addEventListener("click", (e) => {
    const b = e.target.closest("button");
    if (!b) return;
    if (b.id === "helpbutton") $("help")?.showModal();
    else if (b.id === "templatesbutton") openTemplates();
    else if (b.id === "stay") touch(true);
    else if (b.id === "veil") unveil(b);
    else if (b.id.startsWith("turn-")) turned = b.id;
    else if (b.dataset.group) foldGroup(b.dataset.group);
    else if (b.classList.contains("template")) insert(b.dataset.text);
    else if (b.classList.contains("reveal")) reveal(b, b.getAttribute("aria-pressed") !== "true");
    else if (b.closest(".toast")) $("toast").replaceChildren();
    else if (b.classList.contains("copy")) {
      const field = $(b.dataset.for);
      field.select();
      navigator.clipboard.writeText(field.value).then(() => { b.textContent = b.dataset.copied; });
    }
  });
  // A form that takes a second says so, and is not sent twice.
  document.addEventListener("submit", (e) => {
    const words = e.target.dataset.working, button = e.target.querySelector("button.primary");
    if (words && button) setTimeout(() => { button.disabled = true; button.textContent = words; });
  });

  // ---- idle --------------------------------------------------------------------------
  let lockAt = Infinity, touched = Date.now();
  function readLock() {
    const left = Number($("lockin")?.dataset.lockIn ?? -1);
    lockAt = left < 0 ? Infinity : Date.now() + left * 1000;
    tick();
  }
  function tick() {
    const left = Math.ceil((lockAt - Date.now()) / 1000), note = $("idle");
    note.hidden = !(left <= 60);
    if (!note.hidden) $("idletext").textContent = $("idletext").dataset.text.replace("%s", String(Math.max(0, left)));
    if (left < -1) { lockAt = Infinity; htmx.trigger(body, "desk:state"); }
  }
  function touch(now) {
    if (!body.dataset.phase || (!now && Date.now() - touched < 20000)) return;
    touched = Date.now();
    htmx.ajax("POST", "/touch?phase=" + body.dataset.phase + "&nav=" + (body.dataset.page ?? ""), { swap: "none", target: "#barbox" });
  }
  for (const name of ["keydown", "pointerdown", "wheel"]) {
    addEventListener(name, () => touch(!$("idle").hidden), { passive: true, capture: true });
  }
  setInterval(tick, 1000);
  readLock();

  // ---- keys --------------------------------------------------------------------------
  const typing = (el) => el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));
  let cursor = null, chord = 0;
  function move(step) {
    const rows = [...document.querySelectorAll("#queuelist a[data-ref], #queuelist button[data-group]")];
    if (!rows.length) return;
    const held = document.activeElement?.closest?.("#queuelist a[data-ref], #queuelist button[data-group]");
    let at = rows.indexOf(held);
    if (at < 0) at = rows.findIndex((a) => a.id === cursor);
    if (at < 0) at = rows.findIndex((a) => a.getAttribute("aria-current") === "true");
    const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
    cursor = next.id;
    next.focus();
  }
  function unfold(box, field) {
    if ($(box)) $(box).open = true;
    $(field)?.focus();
  }
  function group(id) {
    const g = $(id);
    (g?.querySelector("[aria-pressed=true]") ?? g?.querySelector("button"))?.focus();
  }
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    r: () => $("replytext")?.focus(),
    n: () => $("notetext")?.focus(),
    t: openTemplates,
    u: () => group("urgency"),
    s: () => group("stage"),
    a: () => $("tome")?.click(),
    h: () => unfold("handoverbox", "handovertext"),
    w: () => unfold("checkbox", "said"),
    g: () => { chord = Date.now(); },
    q: () => {
      if (Date.now() - chord > 1500) return;
      if ($("queuelist")) { $("queuelist").focus(); move(0); } else location.assign("/");
    },
    L: () => $("lockbutton")?.click(),
    "/": () => { if ($("search")) { $("search").focus(); $("search").select(); } else location.assign("/"); },
    "?": () => $("help")?.showModal(),
  };
  // A Russian or Ukrainian keyboard types other letters with the same keys.
  const codes = { KeyJ: "j", KeyK: "k", KeyR: "r", KeyN: "n", KeyT: "t", KeyU: "u", KeyS: "s", KeyA: "a", KeyH: "h", KeyW: "w", KeyG: "g", KeyQ: "q", KeyL: "L" };
  function meant(e) {
    if (e.key === "?" || e.key === "/" || e.key.length > 1) return e.key;
    if (e.code === "Slash") return e.shiftKey ? "?" : "/";
    const k = codes[e.code] ?? e.key;
    if (k === "L") return e.shiftKey ? "L" : "";
    return e.shiftKey ? "" : k;
  }
  addEventListener("keydown", (e) => {
    const at = document.activeElement;
    if (e.isComposing) return;
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      const form = at?.form;
      if (at?.tagName === "TEXTAREA" && form) {
        e.preventDefault();
        if (form.id !== "reply" || $("sendbutton")) form.requestSubmit($("sendbutton")?.form === form ? $("sendbutton") : undefined);
      }
      return;
    }
    if (!ready || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Escape") { escape(at); return; }
    if (typing(at) || document.querySelector("dialog[open]")) return;
    if (inGroup(e, at)) return;
    const k = meant(e), act = Object.hasOwn(keys, k) ? keys[k] : null;
    if (!act) return;
    e.preventDefault();
    swallow = true;
    act();
  });
  // A key that was an act is no letter for the field that it opened, however
  // the keyboard's events come in.
  let swallow = false;
  addEventListener("keypress", (e) => { if (swallow) e.preventDefault(); }, true);
  addEventListener("keyup", () => { swallow = false; }, true);
  // Inside a group of buttons arrows move and 1 to 4 choose.
  function inGroup(e, at) {
    const g = at?.closest?.("#urgency, #stage");
    if (!g || at.tagName !== "BUTTON") return false;
    const buttons = [...g.querySelectorAll("button")], i = buttons.indexOf(at);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (step) {
      e.preventDefault();
      buttons[(i + step + buttons.length) % buttons.length].focus();
      return true;
    }
    if (g.id === "urgency" && /^[1-4]$/.test(e.key)) {
      e.preventDefault();
      buttons[Number(e.key) - 1].click();
      return true;
    }
    return false;
  }
  function escape(at) {
    if (document.querySelector("dialog[open]")) return; // the browser closes it
    if (at?.id === "search" && at.value) {
      at.value = "";
      at.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    if (at && at !== body) { at.blur(); return; }
    const filters = $("filters");
    if (filters) {
      filters.reset();
      $("opened").value = $("case")?.dataset.ref ?? "";
      htmx.trigger("#queuelist", "desk:queue");
    }
  }
  $("filters")?.addEventListener("submit", (e) => {
    e.preventDefault();
    htmx.trigger("#queuelist", "desk:queue");
  });

  if ($("case")) opened(false);
})();
