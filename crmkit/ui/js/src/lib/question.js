// The seven kinds of questions as controls. Each is made by `answerControl` and gives
//   {node, get, set, mark}: get() the answer or null, set(answer), mark(parts, status).

import { h } from "./dom.js";
import { freshId } from "./ids.js";

const SHORT_LEFT = 16; // characters up to which a pair needs half the width
const LONG_OPTION = 22; // characters from which options stand below each other

/** Typing with a Chinese input method is not over while letters are being composed. */
function typed(onChange) {
  return {
    oninput: (event) => {
      if (!event.isComposing) onChange();
    },
    oncompositionend: onChange,
  };
}

const textInput = (label, onChange, attributes) =>
  h("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "200",
    "aria-label": label,
    ...typed(onChange),
    ...attributes,
  });

function showParts(elements, parts) {
  elements.forEach((element, i) => {
    const known = parts.length > i;
    element.classList.toggle("part-right", known && parts[i]);
    element.classList.toggle("part-wrong", known && !parts[i]);
    if (known && !parts[i]) element.setAttribute("aria-invalid", "true");
    else element.removeAttribute("aria-invalid");
  });
}

function choice(question, onChange, labelled) {
  const many = question.kind === "multi";
  const name = freshId(question.id);
  const inputs = question.options.map(() =>
    h("input", { type: many ? "checkbox" : "radio", name, onchange: onChange }),
  );
  const lettered = question.kind !== "truefalse";
  const rows = question.options.map((option, i) =>
    h(
      "label",
      { class: "option" },
      inputs[i],
      lettered && h("b", { "aria-hidden": "true" }, option.key),
      h("span", null, option.text),
    ),
  );
  const long = question.options.some((option) => option.text.length > LONG_OPTION);
  const node = h(
    "div",
    {
      class: `options ${long ? "long" : ""} ${question.kind}`,
      role: many ? "group" : "radiogroup",
      ...labelled,
    },
    rows,
  );
  const chosen = () => question.options.filter((_, i) => inputs[i].checked).map((option) => option.key);
  return {
    node,
    get: () => (chosen().length ? (many ? chosen() : chosen()[0]) : null),
    set: (answer) => {
      const keys = Array.isArray(answer) ? answer : [answer];
      inputs.forEach((input, i) => (input.checked = keys.includes(question.options[i].key)));
    },
    mark: (parts, status) => {
      rows.forEach((row, i) => {
        const checked = inputs[i].checked;
        row.classList.toggle("part-right", checked && status === "right");
        row.classList.toggle("part-wrong", checked && !many && status === "wrong");
      });
    },
  };
}

/** Gaps stand in the stem itself, so the stem is this control's node. */
function fill(question, onChange, labelled) {
  const inputs = question.units.map((unit, i) =>
    textInput(`第 ${i + 1} 空${unit ? `（${unit}）` : ""}`, onChange, { class: "gap" }),
  );
  const node = h(
    "span",
    { role: "group", ...labelled },
    question.stem.map((text, i) => [text, inputs[i]]),
  );
  return texts(inputs, node);
}

function numeric(question, onChange, labelled) {
  const inputs = question.asks.map((ask) =>
    textInput(ask.unit ? `${ask.label}（${ask.unit}）` : ask.label, onChange, { class: "number" }),
  );
  const rows = question.asks.map((ask, i) =>
    h("div", { class: "ask" }, h("span", null, ask.label), h("span", null, inputs[i], ask.unit)),
  );
  return texts(inputs, h("div", { class: "asks", role: "group", ...labelled }, rows));
}

function texts(inputs, node) {
  return {
    node,
    get: () => (inputs.some((input) => input.value.trim()) ? inputs.map((input) => input.value) : null),
    set: (answer) => {
      inputs.forEach((input, i) => (input.value = answer?.[i] ?? ""));
    },
    mark: (parts) => showParts(inputs, parts),
  };
}

function match(question, onChange, labelled) {
  const selects = question.lefts.map((left) =>
    h(
      "select",
      { "aria-label": left, onchange: onChange },
      h("option", { value: "" }, "请选择"),
      question.rights.map((right) => h("option", { value: right }, right)),
    ),
  );
  const short = question.lefts.every((left) => left.length <= SHORT_LEFT);
  const rows = question.lefts.map((left, i) => h("div", { class: "pair" }, h("span", null, left), selects[i]));
  return {
    node: h("div", { class: `pairs ${short ? "short" : ""}`, role: "group", ...labelled }, rows),
    get: () => {
      const chosen = question.lefts.map((left, i) => [left, selects[i].value]).filter(([, right]) => right);
      return chosen.length ? Object.fromEntries(chosen) : null;
    },
    set: (answer) => {
      selects.forEach((select, i) => (select.value = answer?.[question.lefts[i]] ?? ""));
    },
    mark: (parts) => showParts(selects, parts),
  };
}

/** Items are moved by their buttons, or with the arrow keys while one of the buttons has the focus. */
function order(question, onChange, labelled) {
  let moved = false;
  const said = h("p", { class: "sr-only", "aria-live": "polite" });
  const list = h("ol", { class: "steps" });
  const step = (text) => {
    const button = (sign, words, by) =>
      h(
        "button",
        { type: "button", class: "move", "aria-label": `把“${text}”${words}`, onclick: (event) => move(row, by, event.currentTarget) },
        sign,
      );
    const row = h(
      "li",
      { class: "step", "data-text": text },
      h("i", { "aria-hidden": "true" }),
      h("span", null, text),
      button("↑", "上移", -1),
      button("↓", "下移", 1),
    );
    row.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      move(row, by, event.target);
    });
    return row;
  };
  const rows = () => [...list.children];
  const number = () => rows().forEach((row, i) => (row.querySelector("i").textContent = i + 1));
  const arrange = (items) => {
    const known = Object.fromEntries(rows().map((row) => [row.dataset.text, row]));
    list.replaceChildren(...items.map((text) => known[text] ?? step(text)));
    number();
  };
  const move = (row, by, button) => {
    const all = rows();
    const from = all.indexOf(row);
    const to = from + by;
    if (to < 0 || to >= all.length) return;
    if (by < 0) all[to].before(row);
    else all[to].after(row);
    button.focus(); // moving the row took the focus away
    number();
    said.textContent = `“${row.dataset.text}”移到第 ${to + 1} 位`;
    moved = true;
    onChange();
  };
  arrange(question.items);
  return {
    node: h("div", { role: "group", ...labelled }, list, said),
    get: () => (moved ? rows().map((row) => row.dataset.text) : null),
    set: (answer) => {
      moved = Array.isArray(answer);
      arrange(moved ? answer : question.items);
    },
    mark: (parts) => showParts(rows(), parts),
  };
}

const KINDS = { single: choice, multi: choice, truefalse: choice, fill, match, order, numeric };

/** The control of a question; `labelled` are the aria attributes that name the group. */
export function answerControl(question, onChange, labelled) {
  return KINDS[question.kind](question, onChange, labelled);
}
