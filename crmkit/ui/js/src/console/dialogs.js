// Dialogs, the drawer at the side, and messages. Native <dialog>: focus stays inside, Esc closes.

import { h } from "../lib/dom.js";
import { icon } from "./icons.js";

/**
 * Opens a dialog. `kind` is "box", "wide" or "drawer". Returns {node, body, foot, close}; after
 * closing, the focus goes back to where it was, or to the screen's heading if that is gone.
 */
export function openDialog(page, title, { kind = "box", body = [], foot = [], onclose } = {}) {
  const before = document.activeElement;
  const heading = h("h2", null, title);
  const content = h(
    "div",
    // A drawer may be all text: the keyboard has to be able to scroll it.
    { class: "dialog-body", ...(kind === "drawer" ? { tabindex: "0", role: "region", "aria-label": "详情" } : {}) },
    body,
  );
  const footer = h("div", { class: "dialog-foot" }, foot);
  const node = h(
    "dialog",
    { class: `sheet ${kind}`, "aria-label": title, "data-testid": kind === "drawer" ? "drawer" : "dialog" },
    h(
      "div",
      { class: "dialog-head" },
      heading,
      h("button", { type: "button", class: "icon-button", "aria-label": "关闭", onclick: () => node.close() }, icon("x")),
    ),
    content,
    footer,
  );
  node.addEventListener("close", () => {
    node.remove();
    onclose?.();
    if (before?.isConnected) before.focus({ preventScroll: true });
    else if (!page.querySelector("dialog[open]")) page.querySelector("h1")?.focus({ preventScroll: true });
  });
  node.addEventListener("mousedown", (event) => {
    if (event.target === node) node.close(); // the backdrop
  });
  page.append(node);
  node.showModal();
  return { node, heading, body: content, foot: footer, close: () => node.close() };
}

/** The place for short messages; `say(text, {bad, undo})` shows one. */
export function messages() {
  const node = h("div", { class: "messages", role: "status", "aria-live": "polite", "data-testid": "messages" });
  const say = (text, { bad = false, warn = false, undo = null } = {}) => {
    const remove = () => item.remove();
    const item = h(
      "div",
      { class: `message${bad ? " bad" : warn ? " warn" : ""}`, "data-testid": bad ? "refusal" : "message" },
      icon(bad ? "lock" : warn ? "warn" : "check", 16),
      h("span", null, text),
      undo &&
        h(
          "button",
          {
            type: "button",
            class: "message-undo",
            "data-testid": "undo",
            onclick: () => {
              remove();
              undo();
            },
          },
          "撤销",
        ),
      h("button", { type: "button", class: "message-close", "aria-label": "关闭提示", onclick: remove }, icon("x", 14)),
    );
    // An open dialog covers the page: what is said has to stand inside it to be seen.
    const open = [...(node.closest(".crm-console")?.querySelectorAll("dialog[open]") ?? [])].at(-1);
    const place = open ? (open.querySelector(".messages") ?? open.appendChild(node.cloneNode(false))) : node;
    place.append(item);
    setTimeout(remove, undo ? 12_000 : bad ? 9_000 : 4_000);
    while (place.childElementCount > 3) place.firstChild.remove();
  };
  return { node, say };
}
