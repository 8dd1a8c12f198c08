// Controls of a board's head: native inputs, so that keyboard and screen readers know them.

import { assign, h, watch } from "./dom.js";

let groups = 0;

/** A row of radio buttons bound to a trait; `items` are [{value, label}]. */
export function segments(model, key, label, items) {
  const name = `crm-${key}-${++groups}`;
  const inputs = items.map((item) =>
    h("input", {
      type: "radio",
      name,
      value: item.value,
      onchange: () => assign(model, key, item.value),
    }),
  );
  const update = () => {
    for (const input of inputs) input.checked = input.value === model.get(key);
  };
  update();
  const node = h(
    "fieldset",
    { class: "segments", "data-testid": `choose-${key}` },
    h("legend", { class: "sr-only" }, label),
    items.map((item, i) => h("label", null, inputs[i], h("span", null, item.label))),
  );
  return { node, close: watch(model, [key], update) };
}

/** A drop-down bound to a trait; `items()` gives [{value, label}] and may change. */
export function dropDown(model, key, label, items, also = []) {
  const select = h("select", {
    "aria-label": label,
    "data-testid": `choose-${key}`,
    onchange: () => assign(model, key, select.value),
  });
  const update = () => {
    select.replaceChildren(...items().map((item) => h("option", { value: item.value }, item.label)));
    select.value = model.get(key);
  };
  update();
  return { node: select, close: watch(model, [key, ...also], update) };
}

/** A button that opens a dialog with a definition list; `entries()` gives [[term, text]]. */
export function definitions(label, title, entries) {
  const list = h("dl");
  const dialog = h(
    "dialog",
    { class: "definitions", "aria-label": title },
    h("h2", null, title),
    list,
    h("form", { method: "dialog" }, h("button", { class: "plain" }, "知道了")),
  );
  const button = h(
    "button",
    {
      type: "button",
      class: "plain",
      "aria-haspopup": "dialog",
      "data-testid": "definitions",
      onclick: () => {
        list.replaceChildren(...entries().flatMap(([term, text]) => [h("dt", null, term), h("dd", null, text)]));
        dialog.showModal();
      },
    },
    label,
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the backdrop
  });
  return { node: [button, dialog] };
}
