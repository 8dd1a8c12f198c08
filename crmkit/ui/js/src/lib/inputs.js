// Labelled inputs from their description in Python (crmkit/ui/controls.py): {node, set(value)}.

import { h } from "./dom.js";

const shownNumber = ({ step, percent, unit }, value) => {
  const scale = percent ? 100 : 1;
  const digits = Math.max(0, Math.ceil(-Math.log10(step * scale) - 1e-9));
  const text = (value * scale).toLocaleString("zh-CN", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return percent ? `${text}%` : unit ? `${text} ${unit}` : text;
};

export function slider(spec, id, onChange) {
  const output = h("output", { for: id });
  const input = h("input", {
    type: "range",
    id,
    min: spec.low,
    max: spec.high,
    step: spec.step,
    oninput: () => {
      write();
      onChange(Number(input.value));
    },
  });
  const write = () => {
    const text = shownNumber(spec, Number(input.value));
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
    input.style.setProperty("--part", `${((input.value - spec.low) / (spec.high - spec.low)) * 100}%`);
  };
  return {
    node: h("div", { class: "control slider" }, h("label", { for: id }, spec.label), output, input),
    set: (value) => {
      input.value = value;
      write();
    },
  };
}

export function select(spec, id, onChange) {
  const input = h(
    "select",
    { id, onchange: () => onChange(input.value) },
    spec.options.map(({ value, label }) => h("option", { value }, label)),
  );
  return {
    node: h("div", { class: "control select" }, h("label", { for: id }, spec.label), input),
    set: (value) => (input.value = value),
  };
}

export function toggle(spec, id, onChange) {
  const input = h("input", { type: "checkbox", id, onchange: () => onChange(input.checked) });
  return {
    node: h("div", { class: "control switch" }, input, h("label", { for: id }, spec.label)),
    set: (value) => (input.checked = value),
  };
}
