// The login: shop (where it can be chosen), student, and one of five roles with what each may do.

import { h } from "../lib/dom.js";
import { icon } from "./icons.js";

let groups = 0;

/** The login page. `enter(values)` resolves to {errors, message} or nothing. */
export function login(shell, enter) {
  const choose = Array.isArray(shell.shops) && shell.shops.length > 0;
  const wanted = new URLSearchParams(window.location.search);
  const group = `crm-role-${++groups}`;
  const error = (name) => h("p", { class: "field-error", id: `${group}-${name}`, role: "alert" });
  const errors = { shop: error("shop"), student: error("student"), role: error("role"), user: error("user") };

  const shops = (shell.shops ?? []).map((shop, i) => {
    const input = h("input", { type: "radio", name: `${group}-shop`, value: shop.value });
    input.checked = shop.value === (wanted.get("shop") ?? shell.shops[0].value) || (i === 0 && shell.shops.length === 1);
    return { input, node: h("label", { class: "shop-choice", style: `--shop:${shell.colours[shop.value]}` }, input, h("i"), h("span", null, shop.label)) };
  });
  if (shops.length && !shops.some((s) => s.input.checked)) shops[0].input.checked = true;

  const student = h("input", {
    id: `${group}-id`,
    autocomplete: "off",
    maxlength: 32,
    placeholder: choose ? "学号，例如 2025010101" : "姓名或学号，会记在操作日志里",
    "aria-describedby": `${group}-student`,
    "data-testid": "student",
  });
  student.value = wanted.get("student") ?? shell.student ?? "";

  const roles = shell.roles.map(({ name, may }, i) => {
    const input = h("input", { type: "radio", name: `${group}-role`, value: name, "data-testid": `role-${name}` });
    input.checked = name === (wanted.get("role") ?? shell.roles[0].name) || i < 0;
    return { input, node: h("label", { class: "role-choice" }, input, h("span", null, h("b", null, name), h("small", null, may))) };
  });
  if (!roles.some((r) => r.input.checked)) roles[0].input.checked = true;

  const button = h("button", { type: "submit", class: "button main large", "data-testid": "enter" }, "进入工作台");
  const general = h("p", { class: "field-error", role: "alert", "data-testid": "login-error" });
  const form = h(
    "form",
    {
      class: "login-form",
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        if (button.disabled) return;
        button.disabled = true;
        button.textContent = "正在打开店铺……";
        const found = (list) => list.find((x) => x.input.checked)?.input.value ?? "";
        const values = { role: found(roles), shop: found(shops), student: student.value, user: student.value };
        for (const place of [...Object.values(errors), general]) place.textContent = "";
        try {
          const answer = await enter(values);
          for (const [name, text] of Object.entries(answer?.errors ?? {})) (errors[name] ?? general).textContent = text;
        } catch (problem) {
          general.textContent = problem.message;
        }
        button.disabled = false;
        button.textContent = "进入工作台";
      },
    },
    h("h2", null, "登录"),
    choose &&
      h("fieldset", null, h("legend", null, "店铺"), h("div", { class: "shop-choices" }, shops.map((s) => s.node)), errors.shop),
    h("div", { class: "field" }, h("label", { for: `${group}-id`, class: "field-label" }, choose ? "学号" : "用户"), student, errors.student, errors.user),
    h("fieldset", null, h("legend", null, "角色（决定能用哪些功能，登录后可以切换）"), h("div", { class: "role-choices" }, roles.map((r) => r.node)), errors.role),
    general,
    button,
  );
  return h(
    "div",
    { class: "login", "data-testid": "login" },
    h(
      "div",
      { class: "hero" },
      h("span", { class: "mark" }, "CRM"),
      h("h1", { tabindex: "-1" }, "顾客关系管理实训台"),
      h("p", null, shell.title ? `${shell.title}的工作台` : "三家网店，八个模块，四十四个功能：在真实的店铺数据上学着经营顾客"),
      h(
        "ul",
        null,
        [
          ["lock", "五个岗位各有权限，越权的操作会被拒绝并记录"],
          ["system", "每一步都记入操作日志，能核对、能撤销"],
          ["eye", "姓名和手机默认打码，查看明文是单独的权限"],
        ].map(([name, text]) => h("li", null, icon(name, 18), text)),
      ),
    ),
    form,
  );
}
