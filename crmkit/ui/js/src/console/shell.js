// What stands around the screens: the header, and the modules with their functions at the side.

import { h } from "../lib/dom.js";
import { icon } from "./icons.js";

/** The header. `on` has switchRole, leave, theme, print, clock, menu. */
export function header(shell, on) {
  const mayMove = shell.rights.includes("推进时间");
  const role = h(
    "select",
    { "aria-label": "切换角色", class: "role-switch", "data-testid": "switch-role", onchange: () => on.switchRole(role.value) },
    shell.roles.map(({ name }) => h("option", { value: name }, name)),
  );
  role.value = shell.role;
  const dark = document.body.dataset.jpThemeLight === "false";
  return h(
    "header",
    { class: "top" },
    h("button", { type: "button", class: "icon-button menu-button", "aria-label": "功能菜单", onclick: on.menu }, icon("menu")),
    h("span", { class: "mark", "aria-hidden": "true" }, "CRM"),
    h("span", { class: "product" }, "顾客关系管理实训台"),
    h("span", { class: "shop-name", "data-testid": "shop" }, h("i", { "aria-hidden": "true" }), shell.title),
    h("span", { class: "space" }),
    shell.exam && !shell.exam.over && h("span", { class: "exam-clock", role: "timer", "data-testid": "exam-left" }, icon("clock", 15), h("span", null, "考试剩余 ", h("b", null, clockText(shell.exam.left)))),
    h(
      "button",
      {
        type: "button",
        class: "clock",
        "data-testid": "clock",
        "aria-disabled": mayMove ? null : "true",
        title: mayMove ? "推进店铺时间" : shell.rights_why["推进时间"],
        onclick: on.clock,
      },
      icon("clock", 15),
      h("span", null, "数据日期 ", h("b", null, shell.as_of), h("small", null, ` 店铺时间 ${shell.now.slice(11)}`)),
    ),
    h(
      "span",
      { class: "who" },
      h("i", { "aria-hidden": "true" }, (shell.user || "?").slice(0, 1)),
      h("span", null, h("b", { "data-testid": "user" }, shell.user), role),
    ),
    document.body.dataset.voila !== undefined &&
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": dark ? "切换到浅色" : "切换到深色", title: dark ? "浅色" : "深色", "data-testid": "theme", onclick: on.theme },
        icon(dark ? "sun" : "moon"),
      ),
    h("button", { type: "button", class: "icon-button", "aria-label": "打印这一页", title: "打印", onclick: on.print }, icon("print")),
    h("button", { type: "button", class: "icon-button", "aria-label": "退出登录", title: "退出登录", "data-testid": "leave", onclick: on.leave }, icon("out")),
  );
}

/** Seconds as minutes and seconds: 07:05. */
export function clockText(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

/** What is left of the console when the examination is over. */
export function locked(shell) {
  return h(
    "div",
    { class: "work locked", role: "region", "aria-label": "工作区" },
    h(
      "div",
      { class: "screen", "data-testid": "exam-over" },
      icon("lock", 34),
      h("h1", { tabindex: "-1" }, "答卷已锁定"),
      h("p", null, shell.exam.told),
      h("p", { class: "muted" }, "实训台里不能再操作，笔记本里也不能再交答案。请把笔记本和 out 文件夹里的店铺文件一起交给老师。"),
    ),
  );
}

/**
 * The side navigation. One tab stop; arrows move, right and left open and close a module.
 * `open(key)` goes to a function. `mark(key)` shows where one is.
 */
export function navigation(shell, open) {
  const modules = shell.modules.map((module) => {
    const list = h(
      "ul",
      { id: `crm-module-${module.key}`, hidden: true },
      module.functions.map((f) =>
        h(
          "li",
          null,
          h(
            "button",
            {
              type: "button",
              class: "function",
              tabindex: "-1",
              "data-key": f.key,
              "aria-disabled": f.why ? "true" : null,
              title: f.why || null,
              onclick: () => open(f.key),
            },
            h("span", null, f.name),
            f.why && icon("lock", 13),
            f.why && h("span", { class: "sr-only" }, "（没有权限）"),
          ),
        ),
      ),
    );
    const every = module.functions.every((f) => f.why);
    const button = h(
      "button",
      {
        type: "button",
        class: every ? "module shut" : "module",
        tabindex: "-1",
        "data-module": module.key,
        "aria-expanded": "false",
        "aria-controls": `crm-module-${module.key}`,
        onclick: () => unfold(module.key, list.hidden),
      },
      icon(module.key, 18),
      h("span", null, module.name),
      icon("chevron", 14),
    );
    return { key: module.key, button, list };
  });
  const unfold = (key, on) => {
    for (const m of modules) {
      const shown = on && m.key === key;
      m.list.hidden = !shown;
      m.button.setAttribute("aria-expanded", String(shown));
    }
  };
  const nav = h(
    "nav",
    { class: "side", "aria-label": "功能模块", "data-testid": "nav" },
    modules.map((m) => h("div", { class: "module-group" }, m.button, m.list)),
  );
  const stops = () => [...nav.querySelectorAll("button")].filter((b) => !b.closest("ul[hidden]"));
  const stand = (button) => {
    for (const b of nav.querySelectorAll("button")) b.tabIndex = b === button ? 0 : -1;
  };
  nav.addEventListener("focusin", (event) => event.target.matches("button") && stand(event.target));
  nav.addEventListener("keydown", (event) => {
    const all = stops();
    const at = all.indexOf(document.activeElement);
    const go = (n) => {
      event.preventDefault();
      all[Math.max(0, Math.min(all.length - 1, n))]?.focus();
    };
    const module = document.activeElement.dataset?.module;
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(all.length - 1);
    else if (event.key === "ArrowRight" && module) {
      event.preventDefault();
      unfold(module, true);
    } else if (event.key === "ArrowLeft") {
      event.preventDefault();
      const owner = modules.find((m) => m.button === document.activeElement || m.list.contains(document.activeElement));
      unfold("", false);
      owner?.button.focus();
    }
  });
  stand(modules[0]?.button);

  return {
    node: nav,
    mark(key) {
      const [name] = key.split(".");
      if (key) unfold(name, true);
      for (const b of nav.querySelectorAll(".function")) {
        if (b.dataset.key === key) b.setAttribute("aria-current", "page");
        else b.removeAttribute("aria-current");
      }
      for (const m of modules) m.button.classList.toggle("here", m.key === name && Boolean(key));
      const here = nav.querySelector("[aria-current]");
      if (here) stand(here);
      here?.scrollIntoView({ block: "nearest" });
    },
  };
}
