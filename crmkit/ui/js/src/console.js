// The CRM's console: draws what crmkit/ui/console says, and sends back what is clicked.

import { onLook, onPrint } from "./lib/chart.js";
import { h, isDark, root, watch } from "./lib/dom.js";
import { rpc } from "./lib/rpc.js";
import { messages, openDialog } from "./console/dialogs.js";
import { openDrawer } from "./console/drawer.js";
import { save } from "./console/files.js";
import { buildForm } from "./console/forms.js";
import { plainTable } from "./console/grid.js";
import { icon } from "./console/icons.js";
import { login } from "./console/login.js";
import { screen } from "./console/screen.js";
import { clockText, header, locked, navigation } from "./console/shell.js";

const ON_DARK = { "#15803d": "#4ade80", "#1d4ed8": "#60a5fa", "#6d28d9": "#a78bfa" };
const HOURS = [
  ["1", "1 小时"],
  ["4", "4 小时"],
  ["24", "1 天"],
  ["72", "3 天"],
  ["168", "7 天"],
  ["360", "15 天"],
  ["720", "30 天"],
];
const LAST = 300; // seconds before the end of an examination at which it is said

function render({ model, el }) {
  const page = root(el, "console");
  const call = rpc(model);
  const { node: live, say } = messages();
  let open = null; // the screen
  let nav = null;
  let drawer = null;
  const shown = { main: null };

  /** After a refusal in an examination: it may be over. */
  const recheck = () => model.get("shell").exam && call("exam_time").catch(() => {});

  const guard =
    (f) =>
    async (...args) => {
      page.setAttribute("aria-busy", "true");
      try {
        return await f(...args);
      } catch (error) {
        say(error.message, { bad: true });
        recheck();
      } finally {
        page.removeAttribute("aria-busy");
      }
    };

  const app = {
    page,
    call,
    say,
    tab: {},
    shell: () => model.get("shell"),
    main: () => {
      const { colour } = model.get("shell");
      return isDark() ? (ON_DARK[colour] ?? colour) : colour;
    },
    open: guard(async (key) => {
      const spec = await call("go", { key });
      drawScreen(spec);
    }),
    /** A button for an action; one that the role may not use says why, and trying it is logged. */
    button: (action, row, look = "") =>
      h(
        "button",
        {
          type: "button",
          class: `button ${action.main ? "main " : ""}${action.danger ? "danger " : ""}${look}`,
          "data-action": action.label,
          "aria-disabled": action.why ? "true" : null,
          title: action.why || null,
          onclick: () => app.act(action, row),
        },
        action.icon && icon(action.icon, 16),
        action.label,
      ),
    act: guard(async (action, row) => {
      const spec = await call("begin", { action: action.id, row });
      if (action.direct) await finish(await call.raw("run", { action: action.id, row, values: {} }));
      else actionDialog(action, row, spec);
    }),
    details: guard(async (table, row) => {
      const spec = await call("details", { table, row });
      drawer = openDrawer(app, spec, {
        reveal: guard(async () => drawer?.draw(await call("details", { table, row, clear: true }))),
        onclose: () => (drawer = null),
      });
    }),
    download: guard(async (table) => {
      const { value, buffers } = await call.raw("download", { table });
      save(value, buffers[0]);
      say(`已导出 ${value.rows.toLocaleString("zh-CN")} 行：${value.name}`);
    }),
  };

  /** Shows what an action did. */
  async function finish({ value, buffers }) {
    if (value.download) save(value.download, buffers[0]);
    if (value.body) open?.body(value.body);
    if (value.drawer) drawer?.draw(value.drawer);
    else if (value.body && drawer && !value.report) drawer.close();
    const undo =
      value.undo &&
      guard(async () => {
        const answer = await call("undo", { token: value.undo });
        if (answer.body) open?.body(answer.body);
        say(answer.message);
      });
    if (value.report) {
      const sheet = openDialog(page, "结果", {
        kind: "wide",
        body: [h("p", { class: "outcome" }, value.message), report(value.report)],
        foot: [
          undo && h("button", { type: "button", class: "button", "data-testid": "undo", onclick: () => (sheet.close(), undo()) }, "撤销"),
          h("button", { type: "button", class: "button main", onclick: () => sheet.close() }, "知道了"),
        ].filter(Boolean),
      });
    } else say(value.message, { undo, warn: value.warn });
  }

  function report(spec) {
    return h(
      "div",
      { class: "report", "data-testid": "report" },
      spec.warning && h("p", { class: "warning" }, icon("warn", 16), spec.warning),
      spec.note && h("p", { class: "note" }, spec.note),
      spec.cards.length > 0 &&
        h("ul", { class: "cards" }, spec.cards.map((c) => h("li", { class: "card" }, h("span", { class: "card-name" }, c.label), h("b", null, c.text)))),
      spec.tables.map((t) => [h("h3", null, t.title), plainTable(t, t.title, t.empty)]),
    );
  }

  function actionDialog(action, row, spec) {
    const problem = h("p", { class: "field-error", role: "alert" });
    const working = h("p", { class: "working", role: "status", "data-testid": "working" });
    const follow = () => (working.textContent = model.get("working"));
    const preview = h("div", { class: "preview", hidden: true, "data-testid": "preview" });
    const form = buildForm(spec.form, { call, say });
    const send = async (dry) => {
      problem.textContent = "";
      model.on("change:working", follow);
      const buttons = sheet.foot.querySelectorAll("button");
      for (const b of buttons) b.disabled = true;
      try {
        const answer = await call.raw("run", { action: action.id, row, values: form.values(), dry });
        const { value } = answer;
        for (const b of buttons) b.disabled = false;
        if (form.show(value.errors) || value.message === undefined || value.errors) {
          problem.textContent = value.errors ? (value.message ?? "") : "";
          if (value.preview) {
            preview.replaceChildren(h("h3", null, "将会这样"), report(value.preview));
            preview.hidden = false;
            ready(true);
            confirm.focus();
            preview.scrollIntoView({ block: "nearest" });
          }
          return;
        }
        sheet.close();
        await finish(answer);
      } catch (error) {
        for (const b of buttons) b.disabled = false;
        problem.textContent = error.message;
        recheck();
      } finally {
        model.off("change:working", follow);
        working.textContent = "";
      }
    };
    const confirm = h(
      "button",
      { type: "submit", class: `button ${action.danger ? "danger" : "main"}`, "data-testid": "confirm" },
      spec.confirm,
    );
    const dryRun =
      spec.preview && h("button", { type: "button", class: "button main", "data-testid": "dry-run", onclick: () => send(true) }, "先预览");
    const ready = (on) => {
      if (!spec.preview) return;
      confirm.hidden = !on;
      dryRun.className = on ? "button" : "button main";
      dryRun.textContent = on ? "重新预览" : "先预览";
      if (!on) preview.hidden = true;
    };
    const text = spec.text || (spec.form.length ? "" : `确定要“${spec.title}”吗？`);
    const content = h(
      "form",
      {
        novalidate: true,
        id: `form-${Math.random().toString(36).slice(2)}`,
        oninput: () => ready(false),
        onsubmit: (event) => {
          event.preventDefault();
          send(Boolean(spec.preview) && confirm.hidden);
        },
      },
      text && h("p", { class: "question" }, text),
      spec.form.length > 0 && h("div", { class: "fields" }, form.nodes, form.rest),
      preview,
    );
    confirm.setAttribute("form", content.id);
    const sheet = openDialog(page, spec.title, {
      kind: spec.preview || spec.form.length > 6 ? "wide" : "box",
      body: content,
      // What is said stands beside the buttons: a long preview would push it out of sight.
      foot: [
        h("div", { class: "dialog-said" }, problem, working),
        h("button", { type: "button", class: "button", onclick: () => sheet.close() }, "取消"),
        dryRun,
        confirm,
      ].filter(Boolean),
    });
    ready(false);
    (form.first ?? confirm).focus();
  }

  const clock = guard(async () => {
    const shell = model.get("shell");
    if (!shell.rights.includes("推进时间")) {
      await call("advance", { hours: 1 }); // refused by Python, and logged
      return;
    }
    const select = h("select", { id: "crm-clock-hours", "data-testid": "hours" }, HOURS.map(([v, t]) => h("option", { value: v }, t)));
    select.value = "24";
    const sheet = openDialog(page, "推进店铺时间", {
      body: h(
        "div",
        { class: "fields" },
        h("p", { class: "question" }, `现在是 ${shell.now}。店铺时间只会在这里向前走；走过的时间不能退回。`),
        h("div", { class: "field" }, h("label", { class: "field-label", for: "crm-clock-hours" }, "向前"), select),
      ),
      foot: [
        h("button", { type: "button", class: "button", onclick: () => sheet.close() }, "取消"),
        h(
          "button",
          {
            type: "button",
            class: "button main",
            "data-testid": "confirm",
            onclick: guard(async () => {
              sheet.close();
              const answer = await call("advance", { hours: Number(select.value) });
              if (answer.body) open?.body(answer.body);
              say(answer.message);
            }),
          },
          "推进",
        ),
      ],
    });
  });

  const on = {
    clock,
    menu: () => page.classList.toggle("menu-open"),
    print: () => window.print(),
    leave: guard(() => call("leave")),
    switchRole: guard(async (role) => {
      const spec = await call("switch", { role });
      if (spec) drawScreen(spec);
      else welcome();
      say(`现在的角色：${role}`);
      page.querySelector(".role-switch")?.focus();
    }),
    theme: () => {
      const dark = !isDark();
      document.body.dataset.jpThemeLight = String(!dark);
      document.body.classList.toggle("theme-dark", dark);
      document.body.classList.toggle("theme-light", !dark);
      drawTop();
      page.querySelector("[data-testid=theme]")?.focus();
    },
  };

  function drawTop() {
    const shell = model.get("shell");
    page.querySelector(".top")?.replaceWith(header(shell, on));
    tick();
  }

  function welcome() {
    open?.close();
    open = null;
    const shell = model.get("shell");
    page.dataset.screen = "";
    nav?.mark("");
    shown.main.replaceChildren(
      h(
        "div",
        { class: "screen", "data-testid": "welcome" },
        h("div", { class: "heading" }, h("div", { class: "heading-text" }, h("h1", { tabindex: "-1" }, `${shell.title} · 工作台`), h("p", { class: "about" }, `你现在是「${shell.role}」。从左边选一个模块，再选功能；灰色带锁的是这个角色不能用的。`))),
        h(
          "ul",
          { class: "welcome" },
          shell.modules.map((m) =>
            h(
              "li",
              null,
              h("h2", null, icon(m.key, 18), m.name),
              h(
                "div",
                null,
                m.functions.map((f) =>
                  h(
                    "button",
                    { type: "button", class: "tile-link", "aria-disabled": f.why ? "true" : null, title: f.why || null, onclick: () => app.open(f.key) },
                    f.name,
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    );
  }

  function drawScreen(spec) {
    open?.close();
    drawer = null;
    for (const dialog of page.querySelectorAll("dialog")) dialog.remove();
    open = screen(app, spec);
    shown.main.replaceChildren(open.node);
    shown.main.scrollTop = 0;
    page.dataset.screen = spec.key;
    page.classList.remove("menu-open");
    nav.mark(spec.key);
    open.redraw();
    open.focus();
  }

  // The examination's time. Python knows it; this only counts on from what it told.
  const counting = { timer: 0, end: 0, warned: false };

  function count() {
    const { exam } = model.get("shell");
    clearInterval(counting.timer);
    if (!exam || exam.over) return;
    counting.end = performance.now() + 1000 * exam.left;
    counting.timer = setInterval(tick, 500);
    tick();
  }

  function tick() {
    const { exam } = model.get("shell");
    if (!exam || exam.over) return;
    const left = (counting.end - performance.now()) / 1000;
    const node = page.querySelector(".exam-clock");
    if (node) {
      node.querySelector("b").textContent = clockText(left);
      node.classList.toggle("last", left <= LAST);
    }
    if (left <= LAST && !counting.warned) {
      counting.warned = true;
      say(`考试还剩 ${clockText(left)}。记得在笔记本里交上每一题的答案。`, { warn: true });
    }
    if (left <= 0) {
      clearInterval(counting.timer);
      call("exam_time").catch((error) => say(error.message, { bad: true }));
    }
  }

  /** Login, or the desk. */
  function draw() {
    const shell = model.get("shell");
    count();
    page.style.setProperty("--shop", shell.colour ?? "#0f766e");
    if (!shell.in) {
      open?.close();
      open = nav = null;
      page.className = "crm-ui crm-console at-login";
      page.dataset.screen = "";
      page.replaceChildren(login(shell, (values) => call("enter", values)), live);
      return;
    }
    if (shell.exam?.over) {
      open?.close();
      open = nav = null;
      for (const dialog of page.querySelectorAll("dialog")) dialog.remove();
      page.className = "crm-ui crm-console exam-over";
      page.dataset.screen = "";
      page.replaceChildren(header({ ...shell, roles: [{ name: shell.role }] }, on), locked(shell), live);
      return;
    }
    if (nav && page.dataset.role === shell.role && page.dataset.shop === shell.shop) {
      drawTop();
      return;
    }
    page.className = "crm-ui crm-console";
    page.dataset.role = shell.role;
    page.dataset.shop = shell.shop;
    nav = navigation(shell, app.open);
    shown.main = h("div", { class: "work", role: "region", "aria-label": "工作区" });
    page.replaceChildren(
      h("a", { class: "skip", href: "#", onclick: (event) => (event.preventDefault(), page.querySelector("h1")?.focus()) }, "跳到内容"),
      header(shell, on),
      nav.node,
      shown.main,
      live,
    );
    if (open) {
      shown.main.replaceChildren(open.node); // the role has changed; its screen follows
      nav.mark(page.dataset.screen);
    } else welcome();
  }

  draw();
  if (model.get("shell").in && model.get("current") && !model.get("shell").exam?.over) {
    call("restore")
      .then((spec) => spec && drawScreen(spec))
      .catch((error) => say(error.message, { bad: true }));
  }
  const redraw = () => open?.redraw();
  const figures = { [Symbol.iterator]: () => (open?.figures() ?? [])[Symbol.iterator]() };
  const stops = [watch(model, ["shell"], draw), onLook(redraw), onPrint(page, figures, redraw), () => open?.close(), () => clearInterval(counting.timer), call.close];
  return () => stops.forEach((stop) => stop());
}

export default { render };
