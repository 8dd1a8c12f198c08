// An activity: controls that Python listed, and the figure, formula and table that follow them.

import { h, root, watch } from "./lib/dom.js";
import { freshId } from "./lib/ids.js";
import { select, slider, toggle } from "./lib/inputs.js";
import { rpc } from "./lib/rpc.js";

/** A row of places to mark. One is in the tab order; arrows move, Shift+arrow takes a mark along. */
function strip(spec, id, onChange) {
  let marked = new Set();
  let current = 1;
  const cells = Array.from({ length: spec.count }, (_, i) =>
    h("button", { type: "button", class: "place", tabindex: "-1", onclick: () => flip(i + 1) }),
  );
  const draw = () =>
    cells.forEach((cell, i) => {
      const on = marked.has(i + 1);
      cell.setAttribute("aria-pressed", on);
      cell.setAttribute("aria-label", `第 ${i + 1} ${spec.unit}，${on ? "有" : "没有"}${spec.mark}`);
      cell.title = `第 ${i + 1} ${spec.unit}`;
      cell.tabIndex = i + 1 === current ? 0 : -1;
    });
  const tell = () => {
    draw();
    onChange([...marked].sort((a, b) => a - b));
  };
  const flip = (place) => {
    current = place;
    if (!marked.delete(place)) marked.add(place);
    tell();
  };
  const group = h("div", { class: "places", role: "group", "aria-labelledby": id }, cells);
  group.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: 1 - current, End: spec.count - current }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const to = current + step;
    if (to < 1 || to > spec.count) return;
    const takeAlong = event.shiftKey && marked.has(current) && !marked.has(to);
    if (takeAlong) {
      marked.delete(current);
      marked.add(to);
    }
    current = to;
    if (takeAlong) tell();
    else draw();
    cells[to - 1].focus();
  });
  // With the mouse a mark is taken along by dragging.
  let dragged = null;
  group.addEventListener("pointerdown", (event) => {
    const place = cells.indexOf(event.target) + 1;
    dragged = marked.has(place) ? place : null;
  });
  group.addEventListener("pointerover", (event) => {
    const to = cells.indexOf(event.target) + 1;
    if (dragged === null || !to || to === dragged || marked.has(to) || event.buttons !== 1) return;
    marked.delete(dragged);
    marked.add(to);
    dragged = current = to;
    tell();
  });
  group.addEventListener("pointerup", () => (dragged = null));
  return {
    node: h(
      "div",
      { class: "control strip", style: `--mark: var(--c-${spec.colour.slice(1)}, ${spec.colour})` },
      h("span", { id, class: "name" }, spec.label),
      group,
      h("span", { class: "ends", "aria-hidden": "true" }, h("i", null, `第 1 ${spec.unit}`), h("i", null, `第 ${spec.count} ${spec.unit}`)),
    ),
    set: (value) => {
      marked = new Set(value);
      draw();
    },
  };
}

const TYPES = { slider, select, switch: toggle, strip };

/** Controls in their order, those of one group together under its name. */
function laidOut(specs, controls) {
  const out = [];
  let open = null;
  specs.forEach((spec, i) => {
    if (!spec.group) open = null;
    else if (open?.dataset.group !== spec.group) {
      open = h("fieldset", { "data-group": spec.group }, h("legend", null, spec.group));
      out.push(open);
    }
    (open ?? { append: (node) => out.push(node) }).append(controls[i].node);
  });
  return out;
}

function table({ columns, rows, words }) {
  const kind = (i) => (words[i] ? "words" : null);
  return h(
    "table",
    null,
    h("thead", null, h("tr", null, columns.map((name, i) => h("th", { scope: "col", class: kind(i) }, name)))),
    h("tbody", null, rows.map((row) => h("tr", null, row.map((cell, i) => h("td", { class: kind(i) }, cell))))),
  );
}

function render({ model, el }) {
  const uid = freshId("activity");
  const call = rpc(model);
  const specs = model.get("controls");
  const values = { ...model.get("current") };
  let busy = false;
  let waiting = null; // values moved while Python is drawing: only the last ones count

  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const figure = h("div", {
    class: "drawing",
    role: "img",
    // Room for the figure before it comes, so that nothing jumps.
    style: `aspect-ratio:${model.get("ratio")}`,
  });
  const alt = h("figcaption");
  const message = h("p", { class: "message", "aria-live": "polite" });
  const particular = h("div", { class: "particular" });
  const numbers = h("div", { class: "numbers", tabindex: "0", role: "group", "aria-label": "图中的数" });

  const send = async (method, params) => {
    if (busy) {
      waiting = { method, params };
      return;
    }
    busy = true;
    el.firstElementChild.setAttribute("aria-busy", "true");
    try {
      await call(method, params);
      trouble.hidden = true;
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
    }
    busy = false;
    el.firstElementChild.removeAttribute("aria-busy");
    if (waiting) {
      const next = waiting;
      waiting = null;
      send(next.method, next.params);
    }
  };
  const controls = specs.map((spec, i) =>
    TYPES[spec.type](spec, `${uid}-${i}`, (value) => {
      values[spec.name] = value;
      send("change", { values: { ...values } });
    }),
  );
  const take = () => {
    if (busy && waiting) return; // moved on since
    Object.assign(values, model.get("current"));
    specs.forEach((spec, i) => controls[i].set(values[spec.name]));
  };
  const draw = () => {
    figure.innerHTML = model.get("drawing");
    alt.textContent = model.get("alt");
    figure.setAttribute("aria-label", model.get("alt"));
    message.textContent = model.get("message");
    particular.innerHTML = model.get("particular");
    particular.hidden = !model.get("particular");
    const rows = model.get("rows");
    numbers.replaceChildren(...(rows.columns ? [table(rows)] : []));
    numbers.hidden = !rows.columns;
  };
  const general = h("div", { class: "general" });
  general.innerHTML = model.get("general");
  general.hidden = !model.get("general");
  const reset = h("button", { type: "button", class: "plain", onclick: () => send("restart", {}) }, "恢复初始值");
  const [note, source] = [model.get("note"), model.get("source")];
  root(
    el,
    "activity",
    h("div", { class: "top" }, h("h3", null, h("small", null, "动手"), model.get("heading")), reset),
    h(
      "div",
      { class: "columns" },
      h("div", { class: "left", role: "group", "aria-label": "可以调的量" }, laidOut(specs, controls)),
      h("div", { class: "right" }, general, particular, message, h("figure", null, figure, alt), numbers),
    ),
    trouble,
    (note || source) &&
      h("div", { class: "bottom" }, note && h("p", null, h("b", null, "说明"), note), source && h("p", null, h("b", null, "来源"), source)),
  );
  take();
  draw();
  const stop = [
    watch(model, ["current"], take),
    watch(model, ["drawing", "alt", "message", "particular", "rows"], draw),
  ];
  return () => {
    call.close();
    for (const end of stop) end();
  };
}

export default { render };
