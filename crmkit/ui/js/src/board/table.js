// A table of a board: sorted by a click on a header, searched by words.

import { h } from "../lib/dom.js";

const UP = "ascending";
const DOWN = "descending";

function cell(value, numeric) {
  if (Array.isArray(value)) return h("td", null, value.length ? value.map((word) => h("span", { class: "chip" }, word)) : "—");
  if (value?.tone) return h("td", null, h("span", { class: `status tone-${value.tone}` }, value.text));
  return h("td", { class: numeric ? "number" : null, title: numeric || String(value).length < 12 ? null : value }, value);
}

const words = (value) => (Array.isArray(value) ? value.join("、") : (value?.text ?? String(value)));

/** {node, draw(spec)}; spec: {label, columns: [{label, numeric}], rows, keys, search, total}. */
export function table() {
  const head = h("tr");
  const body = h("tbody");
  const note = h("p", { class: "table-note", "aria-live": "polite" });
  const input = h("input", {
    type: "search",
    placeholder: "在表中查找",
    "aria-label": "在表中查找",
    oninput: (event) => event.isComposing || fill(),
    oncompositionend: () => fill(),
  });
  const caption = h("caption", { class: "sr-only" });
  const scroller = h("div", { class: "scroller", tabindex: "0", role: "group" }, h("table", null, caption, h("thead", null, head), body));
  const node = h("div", { class: "table" }, input, scroller, note);
  let spec = null;
  let sorted = null; // {at, way}

  function fill() {
    const needle = spec.search ? input.value.trim().toLowerCase() : "";
    let order = spec.rows.map((_, i) => i);
    if (needle) order = order.filter((i) => spec.rows[i].some((value) => words(value).toLowerCase().includes(needle)));
    if (sorted) {
      const key = (i) => spec.keys[i][sorted.at];
      const sign = sorted.way === UP ? 1 : -1;
      order.sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === null || y === null) return (x === null) - (y === null); // without a value: last
        return sign * (typeof x === "string" ? x.localeCompare(y, "zh-CN") : x - y);
      });
    }
    body.replaceChildren(
      ...order.map((i) => h("tr", null, spec.rows[i].map((value, at) => cell(value, spec.columns[at].numeric)))),
    );
    const left = spec.total > spec.rows.length ? `，表中是前 ${spec.rows.length} 行` : "";
    note.textContent = needle ? `找到 ${order.length} 行` : left ? `共 ${spec.total.toLocaleString("zh-CN")} 行${left}` : "";
    note.hidden = !note.textContent;
    if (!order.length) body.append(h("tr", null, h("td", { colspan: spec.columns.length, class: "nothing" }, "没有符合的行")));
  }

  function sortBy(at) {
    const first = spec.columns[at].numeric ? DOWN : UP;
    const way = sorted?.at !== at ? first : sorted.way === UP ? DOWN : UP;
    sorted = { at, way };
    mark();
    fill();
  }
  function mark() {
    [...head.children].forEach((th, i) => th.setAttribute("aria-sort", sorted?.at === i ? sorted.way : "none"));
  }

  return {
    node,
    draw(next) {
      const same = spec && String(spec.columns.map((c) => c.label)) === String(next.columns.map((c) => c.label));
      spec = next;
      if (!same) {
        sorted = null;
        input.value = "";
        head.replaceChildren(
          ...spec.columns.map((column, at) =>
            h(
              "th",
              { scope: "col", class: column.numeric ? "number" : null },
              h("button", { type: "button", onclick: () => sortBy(at) }, column.label),
            ),
          ),
        );
      }
      input.hidden = !spec.search;
      caption.textContent = spec.label;
      scroller.setAttribute("aria-label", spec.label);
      mark();
      fill();
    },
  };
}
