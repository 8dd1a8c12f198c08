// A board: draws what a module of crmkit/ui/boards computed. Controls go to Python, a view comes back.

import "./board/kinds.js";
import { body, sort } from "./board/bodies.js";
import { cards } from "./lib/cards.js";
import { onLook, onPrint } from "./lib/chart.js";
import { definitions, dropDown, segments } from "./lib/controls.js";
import { h, isDark, root, watch } from "./lib/dom.js";
import { freshId } from "./lib/ids.js";
import { slider, toggle } from "./lib/inputs.js";
import { rpc } from "./lib/rpc.js";

// A colour on dark ground: the same hue, light enough to read.
const ON_DARK = { "#0f766e": "#2dd4bf", "#15803d": "#4ade80", "#1d4ed8": "#60a5fa", "#6d28d9": "#a78bfa" };
const PAUSE = 180; // ms without a move before a slider or a word is sent

/** The values of the controls as a model of traits, for controls that are bound to one. */
function valuesAsModel(model, send) {
  let moved = {};
  const listeners = new Map();
  return {
    get: (key) => moved[key] ?? model.get("current")[key],
    set: (key, value) => (moved[key] = value),
    save_changes() {
      const values = moved;
      moved = {};
      send(values);
    },
    on(_, listener) {
      listeners.set(listener, () => listener());
      model.on("change:current", listeners.get(listener));
    },
    off(_, listener) {
      model.off("change:current", listeners.get(listener));
      listeners.delete(listener);
    },
  };
}

function later(act) {
  let timer = null;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), PAUSE);
  };
}

function words(spec, values, send) {
  const tell = later(() => send({ [spec.name]: input.value.trim() }));
  const input = h("input", {
    type: "search",
    class: "find",
    placeholder: spec.label,
    "aria-label": spec.label,
    "data-testid": `choose-${spec.name}`,
    maxlength: "40",
    oninput: (event) => event.isComposing || tell(),
    oncompositionend: tell,
  });
  const update = () => {
    if (document.activeElement !== input) input.value = values.get(spec.name);
  };
  update();
  return { node: input, close: watch(values, [spec.name], update) };
}

function moving(make, spec, values, send) {
  const tell = later((value) => send({ [spec.name]: value }));
  const control = make(spec, freshId(spec.name), tell);
  control.node.querySelector("input").dataset.testid = `choose-${spec.name}`;
  const update = () => control.node.contains(document.activeElement) || control.set(values.get(spec.name));
  control.set(values.get(spec.name));
  return { node: control.node, close: watch(values, [spec.name], update) };
}

/** Buttons that set other controls. */
function moves(spec, send) {
  const buttons = spec.moves.map(({ label, values }) =>
    h(
      "button",
      { type: "button", class: "move", disabled: !Object.keys(values).length, "data-move": label, onclick: () => send(values) },
      label,
    ),
  );
  return { node: h("div", { class: "moves", role: "group", "aria-label": spec.label }, buttons), close() {} };
}

function control(spec, values, send) {
  if (spec.type === "moves") return moves(spec, send);
  if (spec.type === "words") return words(spec, values, send);
  if (spec.type === "slider") return moving(slider, spec, values, send);
  if (spec.type === "switch") return moving(toggle, spec, values, send);
  if (spec.type === "segments") return segments(values, spec.name, spec.label, spec.options);
  const found = dropDown(values, spec.name, spec.label, () => spec.options);
  return { ...found, node: h("label", { class: "drop" }, h("span", null, spec.label), found.node) };
}

/** Panels by place; one that stays keeps its node, so that a chart moves and a table stays sorted. */
function panels(choose) {
  const node = h("div", { class: "panels free" });
  const open = new Map();
  const close = (id) => {
    for (const part of open.get(id).parts) part.close();
    open.get(id).node.remove();
    open.delete(id);
  };

  function panel(spec) {
    const kinds = spec.bodies.map(sort).join(" ");
    const known = open.get(spec.area);
    if (known?.kinds === kinds) return known;
    if (known) close(spec.area);
    const made = { kinds, heading: h("h2"), bodies: spec.bodies };
    made.parts = spec.bodies.map((one, i) =>
      body(one, (at) => {
        const values = made.bodies[i].picks?.[at];
        if (values) choose(values);
      }),
    );
    made.node = h(
      "section",
      { class: "panel", "data-panel": spec.area, style: `grid-area:${spec.area}` },
      made.heading,
      made.parts.map((part) => part.nodes),
    );
    open.set(spec.area, made);
    return made;
  }

  return {
    node,
    draw({ panels: specs, layout }, main) {
      const here = new Set(specs.map((spec) => spec.area));
      for (const id of [...open.keys()]) if (!here.has(id)) close(id);
      node.style.gridTemplate = `${layout.areas.map((row, i) => `"${row}" ${layout.rows[i]}`).join(" ")} / ${layout.columns}`;
      const made = specs.map(panel);
      if (made.some((one, i) => node.children[i] !== one.node)) node.replaceChildren(...made.map((one) => one.node));
      specs.forEach((spec, i) => {
        made[i].bodies = spec.bodies;
        made[i].node.classList.toggle("wide", spec.wide);
        made[i].heading.replaceChildren(spec.title, spec.note && h("small", null, spec.note));
        spec.bodies.forEach((one, k) => made[i].parts[k].draw(one, main));
      });
    },
    fit: () => open.forEach(({ parts }) => parts.forEach((part) => part.fit())),
    close: () => [...open.keys()].forEach(close),
  };
}

function render({ model, el }) {
  const call = rpc(model);
  const title = h("h1");
  const subtitle = h("p", { class: "subtitle" });
  const live = h("p", { class: "sr-only", "aria-live": "polite" });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const head = h("div", { class: "head-controls" });
  const bar = h("div", { class: "bar", role: "group", "aria-label": "可以调的量" });
  const kpis = h("ul", { class: "cards", "aria-label": "关键指标" });
  const footer = h("footer");
  const notes = definitions("口径说明", "这一页的数是怎么算的", () => model.get("definitions"));
  let waiting = null;
  let busy = false;

  const send = async (values) => {
    waiting = { ...waiting, ...values };
    if (busy) return;
    busy = true;
    page.setAttribute("aria-busy", "true");
    while (waiting) {
      const now = waiting;
      waiting = null;
      try {
        await call("change", { values: now });
        say("");
      } catch (error) {
        say(error.message);
        shown = ""; // the controls go back to the values that hold
        drawControls();
      }
    }
    busy = false;
    page.removeAttribute("aria-busy");
  };
  const say = (message) => {
    trouble.textContent = message;
    trouble.hidden = !message;
  };
  const values = valuesAsModel(model, send);
  const grid = panels(send);

  const page = root(
    el,
    "board",
    h("header", null, h("div", { class: "heading" }, title, subtitle), head, notes.node),
    bar,
    trouble,
    kpis,
    grid.node,
    footer,
    live,
  );
  page.classList.add("board");

  let controls = [];
  let shown = "";
  const drawControls = () => {
    const specs = model.get("controls");
    if (JSON.stringify(specs) === shown) return;
    shown = JSON.stringify(specs);
    const focused = document.activeElement?.closest?.("[data-control]");
    const name = page.contains(focused) ? focused.dataset.control : "";
    const { value: checked, textContent: said } = document.activeElement ?? {};
    for (const one of controls) one.close();
    controls = specs.map((spec) => control(spec, values, send));
    const place = (where) =>
      specs.flatMap((spec, i) =>
        spec.place === where ? [h("div", { class: `holder is-${spec.type}`, "data-control": spec.name }, controls[i].node)] : [],
      );
    head.replaceChildren(...place("head"));
    bar.replaceChildren(...place("bar"));
    bar.hidden = !bar.children.length;
    const again = page.querySelector(`[data-control="${name}"]`);
    const inputs = [...(again?.querySelectorAll("input, select, button") ?? [])];
    const same = (input) => (input.type === "button" ? input.textContent === said : input.type !== "radio" || input.value === checked);
    (inputs.find(same) ?? inputs[0])?.focus();
  };

  const draw = () => {
    const view = model.get("view");
    const main = isDark() ? (ON_DARK[view.accent] ?? view.accent) : view.accent;
    title.textContent = view.title ?? model.get("heading");
    subtitle.textContent = view.subtitle;
    page.style.setProperty("--accent", main);
    page.style.setProperty("--on-accent", isDark() ? "#08201c" : "#ffffff");
    kpis.replaceChildren(...cards(view.cards));
    kpis.style.gridTemplateColumns = `repeat(${view.cards.length || 1}, minmax(0, 1fr))`;
    kpis.hidden = !view.cards.length;
    grid.draw(view, main);
    footer.textContent = view.note;
    page.dataset.view = view.key;
  };
  const announce = () => {
    const { subtitle: text, cards: entries } = model.get("view");
    live.textContent = `已更新：${text}${entries?.[0] ? `，${entries[0].label}` : ""}`;
  };
  drawControls();
  draw();
  const stops = [
    watch(model, ["controls"], drawControls),
    watch(model, ["view"], draw),
    watch(model, ["view"], announce),
    onLook(draw),
    onPrint(page, [grid], draw),
    call.close,
    grid.close,
  ];
  return () => {
    for (const stop of stops) stop();
    for (const one of controls) one.close();
  };
}

export default { render };
