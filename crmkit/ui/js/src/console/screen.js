// One function's screen: heading, form, figures, charts, tables. Python says what stands there.

import { h } from "../lib/dom.js";
import { openDialog } from "./dialogs.js";
import { figure } from "./figures.js";
import { buildForm } from "./forms.js";
import { grid } from "./grid.js";
import { icon } from "./icons.js";

// Room in the row of a filter, in text inputs; what does not fit stands behind 更多条件.
const ROOM = { all: 6.8, some: 5.3 };
const WIDTH = { dates: 2.2, check: 0.8, number: 0.8, money: 0.8, percent: 0.8, multi: 2.2 };

/** How many fields of a filter stand there at once. */
function fitting(fields) {
  const widths = fields.map((f) => WIDTH[f.kind] ?? 1);
  if (widths.reduce((a, b) => a + b, 0) <= ROOM.all) return Infinity;
  let sum = 0;
  const over = widths.findIndex((w) => (sum += w) > ROOM.some);
  return Math.max(over, 1);
}

function cards(entries) {
  return h(
    "ul",
    { class: "cards", "aria-label": "指标", "data-testid": "cards" },
    entries.map((c) =>
      h(
        "li",
        { class: `card${c.tone ? ` tone-${c.tone}` : ""}`, "data-card": c.label, title: c.note || null },
        h("span", { class: "card-name", title: c.label }, c.label),
        h("b", { class: c.text.length > 11 ? "long" : null, title: c.text }, c.text),
        (c.parts || c.note) && h("span", { class: "card-parts", title: c.parts || c.note }, c.parts || c.note),
      ),
    ),
  );
}

function groups(entries) {
  const most = Math.max(...entries.map((g) => g.share ?? 0), 0.0001);
  return h(
    "ul",
    { class: "groups", "aria-label": "分类", "data-testid": "groups" },
    entries.map((g) =>
      h(
        "li",
        { class: "group", "data-group": g.title },
        h("h2", null, g.title),
        h(
          "p",
          { class: "group-size" },
          h("b", null, g.text),
          ` ${g.unit}`,
          g.share !== null && ` · ${(g.share * 100).toFixed(1)}%`,
        ),
        g.share !== null && h("div", { class: "meter", "aria-hidden": "true" }, h("i", { style: `width:${(100 * g.share) / most}%` })),
        h("dl", null, g.facts.flatMap(([label, text]) => [h("dt", null, label), h("dd", null, text)])),
      ),
    ),
  );
}

/** The screen for `spec`. `app` gives call, say, page, button, act, details, download, main(). */
export function screen(app, spec) {
  let figures = [];
  const title = h("h1", { tabindex: "-1" }, spec.title);
  const notesButton = h("button", { type: "button", class: "button", hidden: true, "data-testid": "definitions" }, icon("info", 16), "口径说明");
  const head = h(
    "div",
    { class: "heading" },
    h("div", { class: "heading-text" }, title, h("p", { class: "about" }, [spec.module, spec.about].filter(Boolean).join(" · "))),
    h("div", { class: "heading-actions" }, notesButton, (spec.actions ?? []).map((a) => app.button(a, ""))),
  );
  const node = h("div", { class: "screen", "data-testid": "screen", "data-screen": spec.key }, head);
  if (spec.refused) {
    node.append(
      h(
        "div",
        { class: "refused", role: "alert", "data-testid": "refused" },
        icon("lock", 30),
        h("h2", null, "没有权限"),
        h("p", null, spec.refused),
        h("p", { class: "muted" }, "这次尝试已经记入操作日志。需要时可以在右上角切换角色。"),
      ),
    );
    return { node, focus: () => title.focus({ preventScroll: true }), redraw() {}, figures: () => [], close() {} };
  }

  // --- form
  const results = h("div", { class: "results", "data-testid": "results" });
  const problem = h("p", { class: "field-error", role: "alert" });
  let asking = 0;
  const ask = async () => {
    const turn = ++asking;
    results.setAttribute("aria-busy", "true");
    problem.textContent = "";
    try {
      const answer = await app.call("ask", { values: form.values() });
      if (turn !== asking) return;
      const wrong = form.show(answer.errors);
      problem.textContent = answer.message ?? "";
      if (!wrong && answer.body) drawBody(answer.body);
    } catch (error) {
      if (turn === asking) problem.textContent = error.message;
    } finally {
      if (turn === asking) results.removeAttribute("aria-busy");
    }
  };
  const form = buildForm(spec.form, { call: app.call, say: app.say, quick: () => ask(), compact: true, limit: fitting(spec.form) });
  if (spec.form.length) {
    node.append(
      h(
        "form",
        {
          class: "filter",
          novalidate: true,
          "data-testid": "filter",
          "aria-label": "查询条件",
          onsubmit: (event) => {
            event.preventDefault();
            ask();
          },
        },
        h(
          "div",
          { class: "filter-row" },
          form.nodes,
          h(
            "div",
            { class: "filter-buttons" },
            h("button", { type: "submit", class: "button main", "data-testid": "ask" }, icon("search", 16), "查询"),
            h("button", { type: "button", class: "button ghost", onclick: () => app.open(spec.key) }, "重置"),
            form.toggle,
          ),
        ),
        form.rest,
        problem,
      ),
    );
  }
  node.append(results);

  // --- results
  function drawBody(body) {
    for (const f of figures) f.close();
    figures = [];
    if (!body.ready) {
      notesButton.hidden = true;
      results.replaceChildren(h("div", { class: "hint" }, icon("search", 26), h("p", null, spec.hint)));
      return;
    }
    const helps = spec.form.filter((f) => f.help).map((f) => [f.label, f.help]);
    const notes = [...body.notes, ...(body.note ? [["本页口径", body.note]] : []), ...helps];
    notesButton.hidden = notes.length === 0;
    notesButton.onclick = () =>
      openDialog(app.page, `${spec.title}：口径说明`, {
        kind: "wide",
        body: h("dl", { class: "terms" }, notes.flatMap(([term, text]) => [h("dt", null, term), h("dd", null, text)])),
      });
    const tables = body.tables.map((t, i) => grid(app, t, i));
    figures = body.charts.map(figure);
    const parts = [
      body.warning && h("p", { class: "warning", role: "status" }, icon("warn", 16), body.warning),
      body.note && h("p", { class: "note" }, body.note),
      body.cards.length > 0 && cards(body.cards),
      body.groups.length > 0 && groups(body.groups),
      figures.length > 0 && h("div", { class: `figures n${Math.min(figures.length, 3)}` }, figures.map((f) => f.node)),
      tables.length === 1 && h("section", { class: "panel" }, tables),
      tables.length > 1 && tabs(body.tables, tables),
    ];
    results.replaceChildren(...parts.filter(Boolean));
    redraw();
  }

  function tabs(specs, tables) {
    const shown = Math.min(app.tab[spec.key] ?? 0, tables.length - 1);
    const buttons = specs.map((t, i) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          "aria-selected": String(i === shown),
          tabindex: i === shown ? "0" : "-1",
          onclick: () => pick(i),
        },
        t.title,
        h("i", null, t.page.total.toLocaleString("zh-CN")),
      ),
    );
    const panels = tables.map((t, i) => h("div", { role: "tabpanel", "aria-label": specs[i].title, hidden: i !== shown }, t));
    const pick = (i) => {
      app.tab[spec.key] = i;
      buttons.forEach((b, n) => {
        b.setAttribute("aria-selected", String(n === i));
        b.tabIndex = n === i ? 0 : -1;
        panels[n].hidden = n !== i;
      });
    };
    const list = h("div", { class: "tabs", role: "tablist", "aria-label": "明细" }, buttons);
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const at = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
      pick(at);
      buttons[at].focus();
    });
    return h("section", { class: "panel" }, list, panels);
  }

  function redraw() {
    for (const f of figures) f.draw(app.main());
  }

  drawBody(spec);
  return {
    node,
    focus: () => title.focus({ preventScroll: true }),
    redraw,
    body: drawBody,
    figures: () => figures,
    close: () => figures.forEach((f) => f.close()),
  };
}
