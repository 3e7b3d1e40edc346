/** Attachments: what will be sent, how far it is, and what the desk sent. */

import type { App } from "../app";
import { MAX_FILE } from "../attachment";
import { button, h } from "../dom";
import { fill } from "../messages";
import type { FileRef } from "../record";

const sizeText = (n: number): string => (n < 1 << 20 ? `${Math.ceil(n / 1024)} KB` : `${(n / (1 << 20)).toFixed(1)} MB`);
const what = (type: string, n: number): string => `${type.split("/")[1]!.toUpperCase().replace("OCTET-STREAM", "?")}, ${sizeText(n)}`;

/** Under the text area: choose a file, see it, take it back. */
export function chooser(app: App): HTMLElement[] {
  const { t, chosen } = app;
  if (!chosen) {
    const input = h("input", { id: "file", type: "file", change: () => void app.choose(input.files?.[0]) });
    return [h("label", { for: "file" }, t.attach), input];
  }
  const { file, upload } = chosen;
  const out: HTMLElement[] = [h("p", {}, t.attached, " ", h("b", { id: "chosen" }, what(file.type, file.bytes.length)))];
  if (chosen.url) out.push((chosen.shown ??= picture("preview", chosen.url, file.turn)));
  out.push(
    chosen.tooLarge
      ? h("p", { id: "too-large", class: "notice", role: "alert" }, fill(t.fileLimit, MAX_FILE >> 20))
      : h("p", { id: file.clean ? "cleaned" : "uncleaned", class: file.clean ? "quiet" : "notice" }, file.clean ? t.cleaned : t.uncleaned),
  );
  if (upload) out.push(progress("upload", fill(t.part, upload.have.size, upload.parts), upload.have.size, upload.parts));
  out.push(h("p", {}, button("drop", upload && app.busy ? t.stopFile : t.removeFile, () => app.drop())));
  return out;
}

/** The files of a message of the desk; of one's own only that they are there. */
export function filesOf(app: App, files: readonly FileRef[] = [], seq: number): HTMLElement[] {
  const { t } = app;
  return files.flatMap((f, i) => {
    const id = `file-${seq}-${i}`;
    const name = what(f.type.includes("/") ? f.type : "?/?", f.size);
    const got = app.fetched.get(f);
    if (!f.copy) return [h("p", { id }, fill(t.fileHere, name))];
    if (got?.state === "fetching") return [progress(id, fill(t.part, got.done, f.copy.parts), got.done, f.copy.parts)];
    if (got?.state === "here") {
      const save = h("a", { id: id + "-save", href: got.url, download: "file" }, t.saveFile);
      return [h("p", {}, save), ...(f.type.startsWith("image/") ? [(got.shown ??= picture(id, got.url, f.turn ?? 1))] : [])];
    }
    return [
      ...(got ? [h("p", { class: "notice", role: "alert" }, t[got.state])] : []),
      h("p", {}, button(id + "-get", fill(t.getFile, name), () => void app.fetchFile(f))),
    ];
  });
}

const progress = (id: string, text: string, done: number, all: number): HTMLElement =>
  h("div", { id, role: "status" }, text, h("progress", { "aria-label": text, max: String(all), value: String(done) }));

function picture(id: string, url: string, turn: number): HTMLElement {
  const img = h("img", { src: url, alt: "" });
  // The camera's turn was kept beside the picture: 3 is upside down, 5 to 8 lie on a side; 2, 4, 5 and 7 are mirrored first.
  const around = [0, 0, 180, 180, 270, 90, 90, 270][turn - 1]!;
  img.style.transform = `rotate(${around}deg)` + ([2, 4, 5, 7].includes(turn) ? " scaleX(-1)" : "");
  return h("div", { id, class: turn > 4 ? "picture side" : "picture" }, img);
}
