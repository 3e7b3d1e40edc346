/** Makes elements. Texts become text nodes only, so nothing that was written can become markup. */

export type Child = Node | string | null | false;

type Props = { [name: string]: string | boolean | ((e: Event) => void) };

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") el.addEventListener(name, value);
    else if (value === true) el.setAttribute(name, "");
    else if (value !== false) el.setAttribute(name, value);
  }
  for (const child of children) if (child !== null && child !== false) el.append(child);
  return el;
}

export const paragraphs = (texts: readonly string[]): HTMLElement[] => texts.map((t) => h("p", {}, t));

/** No spell checker, dictionary or form history: they send or keep what is typed. */
export const secretly: Props = {
  autocomplete: "off", autocorrect: "off", autocapitalize: "off", spellcheck: "false", translate: "no",
  "data-gramm": "false", "data-lpignore": "true", "data-1p-ignore": true,
};

/** A button that says what it does. */
export const button = (id: string, text: string, act: () => void, look = ""): HTMLButtonElement =>
  h("button", { id, type: "button", class: look, click: act }, text);

/**
 * Makes `parent` hold what `next` says, keeping the elements that stay: a text area that somebody is typing in must not
 * be exchanged or moved under his fingers. Elements stay when their names and ids agree; they keep their first listeners.
 */
export function patch(parent: Element, next: readonly Node[]): void {
  const wanted = new Set(next.map(idOf));
  for (const old of [...parent.childNodes]) if (idOf(old) && !wanted.has(idOf(old))) old.remove();
  let from = parent.firstChild;
  for (const to of next) {
    const kept = idOf(to) ? [...parent.children].find((c) => c.id === idOf(to) && c.nodeName === to.nodeName) : undefined;
    while (kept && from && from !== kept) from = removed(from);
    if (from && from.nodeName === to.nodeName && idOf(from) === idOf(to)) {
      become(from, to);
      from = from.nextSibling;
    } else if (from && !idOf(from)) {
      const after = from.nextSibling;
      parent.replaceChild(to, from);
      from = after;
    } else parent.insertBefore(to, from);
  }
  while (from) from = removed(from);
}

const idOf = (node: Node): string => (node instanceof Element ? node.id : "");

function removed(node: ChildNode): ChildNode | null {
  const after = node.nextSibling;
  node.remove();
  return after;
}

function become(from: Node, to: Node): void {
  if (!(from instanceof Element && to instanceof Element)) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
  for (const { name, value } of [...to.attributes]) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  if (from instanceof HTMLTextAreaElement && to instanceof HTMLTextAreaElement) {
    if (from.value !== to.value) from.value = to.value;
  } else if (!(from instanceof HTMLInputElement)) patch(from, [...to.childNodes]);
}
