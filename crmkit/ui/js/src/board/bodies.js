// What may stand in a panel of a board: a drawing, a table, facts, words, a formula, fields, a tree.

import { h, isDark } from "../lib/dom.js";
import { tint } from "../lib/colour.js";
import { drawing } from "../lib/drawings.js";
import { table } from "./table.js";

const still = (node, draw) => ({ nodes: [node], draw, fit() {}, close() {} });

function facts() {
  const node = h("dl", { class: "facts" });
  return still(node, (spec) => {
    node.classList.toggle("two", spec.two);
    node.replaceChildren(
      ...spec.rows.map(([name, value, note]) => h("div", null, h("dt", null, name), h("dd", null, value, note && h("small", null, note)))),
    );
  });
}

function text() {
  const node = h("div", { class: "words" });
  return still(node, (spec) => {
    node.className = `words ${spec.tone}`;
    node.replaceChildren(...spec.lines.map((line) => h("p", null, line)));
  });
}

function code() {
  const node = h("pre", { class: "code", tabindex: "0" });
  return still(node, (spec) => (node.textContent = spec.text));
}

function formula() {
  const node = h("div", { class: "formula" });
  return still(node, (spec) => {
    node.innerHTML = spec.mathml; // made by crmkit.ui.mathml, which escapes what it is given
  });
}

/** A grid of named fields, shaded by value: RFM groups, matrices of four. */
function fields() {
  const node = h("div", { class: "fields", role: "group" });
  return still(node, (spec, main) => {
    node.style.gridTemplateColumns = `repeat(${spec.columns}, minmax(0, 1fr))`;
    const most = Math.max(...spec.cells.map((cell) => cell.weight), 1e-9);
    const ground = isDark() ? "#222b34" : "#eef2f5";
    node.replaceChildren(
      ...spec.cells.map((cell) => {
        const { background, ink } = tint(ground, main, 0.06 + 0.94 * Math.sqrt(Math.max(cell.weight, 0) / most));
        return h(
          "div",
          { class: "field", style: `background:${background};color:${ink}`, "data-field": cell.title },
          h("b", null, cell.title),
          h("span", null, cell.value),
          cell.note && h("small", null, cell.note),
        );
      }),
    );
  });
}

/** A tree as nested lists; an entry is {name, note, tone, inner: […]}. */
function tree() {
  const node = h("div", { class: "tree", tabindex: "0", role: "group" });
  const branch = (items) =>
    h(
      "ul",
      null,
      items.map((item) =>
        h(
          "li",
          null,
          h("span", { class: `knot ${item.tone}` }, item.name, item.note && h("small", null, item.note)),
          item.inner.length > 0 && branch(item.inner),
        ),
      ),
    );
  return still(node, (spec) => {
    node.setAttribute("aria-label", spec.label);
    node.classList.toggle("across", spec.across);
    node.replaceChildren(branch(spec.items));
  });
}

function rows() {
  const inner = table();
  return { nodes: [inner.node], draw: (spec) => inner.draw(spec), fit() {}, close() {} };
}

const KINDS = { facts, text, code, formula, fields, tree, table: rows };

/** {nodes, draw(spec, main), fit(), close()}; `pick(index)` when a part of a drawing is clicked. */
export function body(spec, pick) {
  const make = KINDS[spec.kind];
  if (make) return make();
  return drawing(spec.kind, spec.title, pick);
}

/** Specs for which one body can go on. */
export const sort = (spec) => (KINDS[spec.kind] ? spec.kind : spec.kind === "tiles" ? "tiles" : "chart");
