// A rule about customers: conditions in rows (what, how, value), all or any of them.

import { h } from "../lib/dom.js";
import { icon } from "./icons.js";

const HINTS = { 属于: "几个值用空格隔开", 不属于: "几个值用空格隔开", 介于: "两个数，用空格隔开" };

/** The input of a field of kind "rule": {node, first, value()}. */
export function ruleInput(field, id) {
  const { facts, joints, joint, rows, deep } = field.value;
  const names = Object.keys(facts);
  const changed = () => node.dispatchEvent(new Event("input", { bubbles: true }));
  const join = h(
    "select",
    { id, "aria-label": "条件之间的关系" },
    joints.map(([value, label]) => h("option", { value }, label)),
  );
  join.value = joint;
  const list = h("div", { class: "conditions" });

  const condition = (name, op, value) => {
    const what = h("select", { "aria-label": "字段" }, names.map((n) => h("option", { value: n }, n)));
    what.value = name;
    const how = h("select", { "aria-label": "运算" });
    const place = h("span", { class: "condition-value" });
    const unit = h("span", { class: "muted" });
    let input;
    const fill = (start) => {
      const fact = facts[what.value];
      how.replaceChildren(...fact.ops.map((o) => h("option", { value: o }, o)));
      if (fact.ops.includes(op)) how.value = op;
      what.title = fact.meaning;
      unit.textContent = fact.unit;
      input =
        fact.kind === "是否"
          ? h("select", { "aria-label": "值" }, ["是", "否"].map((x) => h("option", { value: x }, x)))
          : h("input", { type: "text", "aria-label": "值", autocomplete: "off", placeholder: HINTS[how.value] });
      input.value = start || (fact.kind === "是否" ? "是" : "");
      place.replaceChildren(input);
    };
    what.addEventListener("change", () => fill(""));
    how.addEventListener("change", () => (input.placeholder = HINTS[how.value] ?? ""));
    fill(value);
    const row = h(
      "div",
      { class: "condition" },
      what,
      how,
      place,
      unit,
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": "去掉这个条件",
          onclick: () => {
            row.remove();
            changed();
            add.focus();
          },
        },
        icon("x", 15),
      ),
    );
    row.read = () => [what.value, how.value, input.value];
    return row;
  };
  const add = h(
    "button",
    {
      type: "button",
      class: "button small",
      onclick: () => {
        const row = condition(names[0], "≥", "");
        list.append(row);
        row.querySelector("select").focus();
        changed();
      },
    },
    icon("plus", 14),
    "加一个条件",
  );
  list.append(...rows.map((row) => condition(...row)));
  const node = h(
    "div",
    { class: "rule" },
    h("div", { class: "rule-head" }, join, h("span", { class: "muted" }, "没有条件就是全部顾客"), add),
    deep && h("p", { class: "muted" }, `原来的规则：${deep}（有嵌套，重新填写会替换它）`),
    list,
  );
  return { node, first: join, value: () => ({ joint: join.value, rows: [...list.children].map((row) => row.read()) }) };
}
