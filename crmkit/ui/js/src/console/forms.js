// Forms from their description in Python: inputs with labels, help, and errors beside them.

import { h } from "../lib/dom.js";
import { freshId } from "../lib/ids.js";
import { upload } from "./files.js";
import { ruleInput } from "./rule.js";

const FORMAT = { number: "text", money: "text", percent: "text", date: "date", time: "datetime-local" };

/** The inputs of one field: {inputs, value()}. */
function entry(field, id, call, say, compact) {
  const common = { id, name: field.name, "aria-describedby": `${id}-help ${id}-error` };
  if (field.kind === "select") {
    const select = h(
      "select",
      common,
      field.choices.map(([value, label]) => h("option", { value }, label)),
    );
    select.value = field.value ?? field.choices[0]?.[0] ?? "";
    const tell = () => (select.title = select.selectedOptions[0]?.textContent ?? ""); // long ones are cut off
    select.addEventListener("change", tell);
    tell();
    return { node: select, first: select, value: () => select.value };
  }
  if (field.kind === "check") {
    const input = h("input", { ...common, type: "checkbox" });
    input.checked = Boolean(field.value);
    return { node: input, first: input, value: () => input.checked };
  }
  if (field.kind === "multi") {
    const chosen = new Set(field.value);
    const inputs = field.choices.map(([value]) => {
      const input = h("input", { type: "checkbox", value });
      input.checked = chosen.has(value);
      return input;
    });
    const node = h(
      "div",
      { class: "picks", id, role: "group", "aria-label": field.label, "aria-describedby": `${id}-help ${id}-error` },
      field.choices.map(([, label], i) => h("label", { class: "pick" }, inputs[i], h("span", null, label))),
    );
    return { node, first: inputs[0], value: () => inputs.filter((x) => x.checked).map((x) => x.value) };
  }
  if (field.kind === "rule") return ruleInput(field, id);
  if (field.kind === "area" || (field.kind === "lines" && !compact)) {
    const area = h("textarea", { ...common, rows: 3, placeholder: field.placeholder });
    area.value = field.value ?? "";
    return { node: area, first: area, value: () => area.value };
  }
  if (field.kind === "dates") {
    const [start, end] = [0, 1].map((n) => {
      const input = h("input", {
        type: "date",
        id: n ? `${id}-end` : id,
        "aria-label": `${field.label}${n ? "，到" : "，从"}`,
        "aria-describedby": `${id}-error`,
      });
      input.value = field.value?.[n] ?? "";
      return input;
    });
    const node = h("div", { class: "range" }, start, h("span", { "aria-hidden": "true" }, "至"), end);
    return { node, first: start, value: () => [start.value, end.value] };
  }
  if (field.kind === "file") {
    let token = "";
    const state = h("span", { class: "file-state", "aria-live": "polite" });
    const input = h("input", {
      ...common,
      type: "file",
      accept: field.accept,
      onchange: async () => {
        const [file] = input.files;
        token = "";
        state.textContent = "";
        if (!file) return;
        input.setAttribute("aria-busy", "true");
        try {
          token = await upload(call, file, (share) => (state.textContent = `正在上传 ${Math.round(share * 100)}%`));
          state.textContent = `已上传，${(file.size / 1000).toLocaleString("zh-CN", { maximumFractionDigits: 0 })} KB`;
        } catch (error) {
          state.textContent = "";
          input.value = "";
          say(error.message, { bad: true });
        }
        input.removeAttribute("aria-busy");
        input.dispatchEvent(new CustomEvent("uploaded", { bubbles: true }));
      },
    });
    return { node: h("div", { class: "file" }, input, state), first: input, value: () => token };
  }
  const number = ["number", "money", "percent"].includes(field.kind);
  const input = h("input", {
    ...common,
    type: FORMAT[field.kind] ?? "text",
    inputmode: number ? "decimal" : null,
    placeholder: field.placeholder,
    autocomplete: "off",
  });
  input.value = field.value ?? "";
  const node = field.unit ? h("div", { class: "with-unit" }, input, h("span", { class: "unit" }, field.unit)) : input;
  return { node, first: input, value: () => input.value };
}

/**
 * A form. Returns {node, values(), show(errors), first}; `quick` is called when a choice was made
 * that needs no further typing, `compact` leaves the help to the 口径说明.
 */
export function buildForm(fields, { call, say, quick, compact = false, limit = Infinity } = {}) {
  const entries = fields.map((field) => {
    const id = freshId(field.name);
    const { node, first, value } = entry(field, id, call, say, compact);
    const error = h("span", { class: "field-error", id: `${id}-error` });
    const labelled = field.kind !== "multi" && field.kind !== "dates";
    const label = h(
      labelled ? "label" : "span",
      { class: "field-label", for: labelled ? id : null },
      field.label,
      field.required && !["select", "check"].includes(field.kind) && h("i", { class: "needed", title: "必填" }, "*"),
    );
    const help = h("small", { class: compact ? "sr-only" : "field-help", id: `${id}-help` }, field.help);
    const box = h(
      "div",
      {
        class: `field kind-${field.kind}${field.wide ? " wide" : ""}`,
        "data-field": field.name,
        title: compact && field.help ? field.help : null,
      },
      field.kind === "check" ? h("label", { class: "check", for: id }, node, h("span", null, field.label)) : [label, node],
      help,
      error,
    );
    if (quick && ["select", "check", "multi"].includes(field.kind)) node.addEventListener("change", quick);
    return { field, box, error, first, value };
  });
  const more = entries.slice(limit);
  const rest = h("div", { class: "more-fields", hidden: true }, more.map((x) => x.box));
  const toggle =
    more.length > 0 &&
    h(
      "button",
      {
        type: "button",
        class: "button ghost",
        "aria-expanded": "false",
        onclick: () => {
          rest.hidden = !rest.hidden;
          toggle.setAttribute("aria-expanded", String(!rest.hidden));
          toggle.textContent = rest.hidden ? `更多条件（${more.length}）` : "收起";
        },
      },
      `更多条件（${more.length}）`,
    );

  return {
    nodes: entries.slice(0, limit).map((x) => x.box),
    rest: more.length ? rest : null,
    toggle: toggle || null,
    first: entries[0]?.first,
    values() {
      const values = {};
      for (const { field, value } of entries) {
        if (field.kind === "dates") [values[field.name], values[field.end]] = value();
        else values[field.name] = value();
      }
      return values;
    },
    /** Shows what is wrong beside the inputs and goes to the first; returns whether any was. */
    show(errors = {}) {
      let wrong = null;
      for (const { field, box, error, first } of entries) {
        const text = errors[field.name] ?? "";
        error.textContent = text;
        box.classList.toggle("invalid", Boolean(text));
        if (text) first?.setAttribute("aria-invalid", "true");
        else first?.removeAttribute("aria-invalid");
        if (text && !wrong) wrong = first;
      }
      if (wrong && more.some((x) => x.first === wrong) && rest.hidden) toggle.click();
      wrong?.focus();
      return Boolean(wrong);
    },
  };
}
