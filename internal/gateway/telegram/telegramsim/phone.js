"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  let state = { version: -1, messages: [] };
  let editing = 0;
  let poll = new AbortController();

  // make builds an element. Text is only ever set as text.
  const make = (tag, properties, ...children) => {
    const e = Object.assign(document.createElement(tag), properties);
    e.append(...children);
    return e;
  };
  const where = (more) => new URLSearchParams({ person: $("person").value, bot: $("bot").value, ...more });
  const note = (text) => { $("note").textContent = text; };

  const answer = async (response) => {
    if (response.status === 204) return null;
    const body = await response.json();
    if (!response.ok) throw new Error(body.error);
    return body;
  };
  const attempt = async (work) => {
    try {
      note("");
      await work();
      return true;
    } catch (e) {
      note(e.message);
      return false;
    }
  };
  const post = async (path, body) => answer(await fetch(path, {
    method: "POST",
    headers: body instanceof FormData ? {} : { "Content-Type": "application/json" },
    body: body instanceof FormData ? body : JSON.stringify(body),
  }));
  const act = (name, more) => attempt(() => post("act", { person: $("person").value, bot: $("bot").value, act: name, ...more }));

  // fill keeps the choice of a list that is drawn anew.
  const fill = (select, options) => {
    const chosen = select.value;
    select.replaceChildren(...options.map(([value, label]) => make("option", { value: String(value), textContent: label })));
    if (options.some(([value]) => String(value) === chosen)) select.value = chosen;
  };

  const button = (label, key, onclick) => {
    const b = make("button", { type: "button", textContent: label, onclick });
    b.dataset.key = key;
    return b;
  };

  const fileOf = (m, f) => {
    const href = "file?" + where({ message: m.id });
    const name = `${f.name || f.kind} (${f.size} bytes)`;
    if (f.kind === "photo") return make("img", { src: href, alt: "Photo" });
    return make("a", { href, download: f.name || f.kind, textContent: name });
  };

  const bubble = (m) => {
    const box = make("div", { className: m.fromBot ? "bubble" : "bubble own" });
    const signs = [m.fromBot ? "bot" : "you", new Date(m.at).toLocaleTimeString()];
    if (m.edited) signs.push("edited");
    if (m.replyTo) signs.push("answers an earlier message");
    if (m.reaction) signs.push(m.reaction);
    for (const f of m.files || []) box.append(fileOf(m, f));
    if (m.location) box.append(make("p", { textContent: `Location ${m.location.latitude}, ${m.location.longitude}` }));
    if (m.text) box.append(make("p", { textContent: m.text }));
    for (const row of m.buttons || []) {
      box.append(make("div", { className: "buttons" }, ...row.map((b) => (b.url
        ? make("span", { textContent: `${b.label}: ${b.url}` })
        : button(b.label, `${m.id}/${b.label}`, () => act("press", { message: m.id, text: b.label }))))));
    }
    const tools = make("div", { className: "tools" }, make("small", { textContent: signs.join(" · ") }));
    if (!m.fromBot && m.text) tools.append(button("Edit", `${m.id}/edit`, () => edit(m)));
    tools.append(button("Delete here", `${m.id}/delete`, () => act("delete", { message: m.id })));
    box.append(tools);
    return box;
  };

  // empty is what a chat shows that has not begun: what the bot says of itself.
  const empty = () => make("div", { className: "empty" },
    make("p", { textContent: state.about || "Nothing has been said here yet." }), button("Start", "begin", () => act("start")));

  // toNewest shows the newest message from its beginning, when it is another one.
  let newest = "";
  const toNewest = (log) => {
    const m = state.messages.at(-1);
    const now = m ? `${$("person").value} ${$("bot").value} ${m.id} ${m.text}` : "";
    if (now === newest) return;
    newest = now;
    const last = log.lastElementChild;
    log.scrollTop = Math.min(log.scrollHeight, last.offsetTop - log.offsetTop - 4);
  };

  const draw = () => {
    fill($("person"), state.persons.map((p) => [p.id, p.name]));
    fill($("bot"), state.bots.map((b) => [b, b]));
    const log = $("log");
    const top = log.scrollTop;
    const focused = document.activeElement?.dataset?.key;
    log.replaceChildren(...(state.messages.length ? state.messages.map(bubble) : [empty()]));
    log.scrollTop = top;
    toNewest(log);
    $("keys").replaceChildren(...(state.keys || []).map((row) => make("div", { className: "buttons" },
      ...row.map((label) => button(label, `key/${label}`, () => act("key", { text: label }))))));
    $("block").textContent = state.blocked ? "Unblock the bot" : "Block the bot";
    if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    if (state.alert) note(state.alert);
  };

  const edit = (m) => {
    editing = m ? m.id : 0;
    $("text").value = m ? m.text : "";
    $("textlabel").textContent = m ? "New text of your message" : "Message";
    $("textlabel").hidden = !m;
    $("cancel").hidden = !m;
    $("text").focus();
  };

  // watch draws the chat anew whenever it changes, until another is chosen.
  const watch = async () => {
    poll.abort();
    poll = new AbortController();
    const { signal } = poll;
    let after = -1;
    while (!signal.aborted) {
      try {
        const fresh = await answer(await fetch("state?" + where({ after }), { signal }));
        const known = $("person").value !== "" && $("bot").value !== "";
        const changed = fresh.version !== after || fresh.persons.length !== (state.persons || []).length;
        state = fresh;
        if (changed) draw();
        if (!known) {
          if (state.persons.length === 0 || state.bots.length === 0) await new Promise((done) => setTimeout(done, 1000));
          continue;
        }
        after = fresh.version;
      } catch (e) {
        if (signal.aborted) return;
        note("No connection to the simulator. Trying again.");
        await new Promise((done) => setTimeout(done, 1000));
      }
    }
  };

  const changeChat = () => { edit(null); watch(); };
  $("person").onchange = changeChat;
  $("bot").onchange = changeChat;
  $("start").onclick = () => act("start");
  $("block").onclick = () => act(state.blocked ? "unblock" : "block");
  $("cancel").onclick = () => edit(null);
  $("write").onsubmit = async (event) => {
    event.preventDefault();
    const text = $("text").value;
    if (await (editing ? act("edit", { message: editing, text }) : act("write", { text }))) edit(null);
  };
  // Enter sends; with Shift it begins a new line.
  let shifted = false;
  $("text").onkeydown = (event) => { shifted = event.shiftKey; };
  $("text").onbeforeinput = (event) => {
    if (event.inputType !== "insertLineBreak" || shifted || event.isComposing) return;
    event.preventDefault();
    $("write").requestSubmit();
  };
  $("new").onsubmit = (event) => {
    event.preventDefault();
    const form = event.target;
    attempt(async () => {
      const made = await post("person", Object.fromEntries(new FormData(form)));
      form.reset();
      $("person").append(make("option", { value: String(made.id), textContent: made.name }));
      $("person").value = String(made.id);
      changeChat();
    });
  };
  $("file").onsubmit = (event) => {
    event.preventDefault();
    const form = event.target;
    const data = new FormData(form);
    for (const [key, value] of where()) data.set(key, value);
    attempt(async () => { await post("send", data); form.reset(); });
  };
  $("place").onsubmit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    act("location", { latitude: Number(form.get("latitude")), longitude: Number(form.get("longitude")) });
  };
  watch();
})();
