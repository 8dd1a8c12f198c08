// Files into and out of the page. A message of more than about 10 MB dies without a word, so that
// files go up in slices.

import { h } from "../lib/dom.js";

const SLICE = 4_000_000;
const LARGEST = 60_000_000;

/** Sends a file to Python; resolves to the token under which it lies there. */
export async function upload(call, file, progress) {
  if (file.size > LARGEST) throw new Error(`文件超过 ${LARGEST / 1e6} MB，请拆分后再导入。`);
  const token = Array.from({ length: 3 }, () => Math.random().toString(36).slice(2, 12)).join("");
  for (let at = 0; at === 0 || at < file.size; at += SLICE) {
    const part = await file.slice(at, at + SLICE).arrayBuffer();
    await call("upload", { token, name: file.name, first: at === 0 }, [new DataView(part)]);
    progress(Math.min(1, (at + SLICE) / Math.max(file.size, 1)));
  }
  return token;
}

/** Has the browser save a file that Python sent. */
export function save({ name, kind }, content) {
  const address = URL.createObjectURL(new Blob([content], { type: kind }));
  const link = h("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
