// A table: Python sorts, searches and pages; this draws the page that it sends.

import { h } from "../lib/dom.js";
import { icon } from "./icons.js";
import { openDialog } from "./dialogs.js";

const NUMERIC = new Set(["count", "number", "money", "percent", "days", "score"]);
const SIZES = [10, 20, 50, 100];
const TURN = ["", "①", "②", "③", "④", "⑤"];

export const status = ({ text, tone }) => h("span", { class: `status tone-${tone}` }, text);

/** The content of a cell by its kind. */
export function cellContent(value, kind) {
  if (Array.isArray(value)) {
    if (!value.length) return h("span", { class: "muted" }, "—");
    const shown = value.slice(0, 3).map((word) => h("span", { class: "chip" }, word));
    const left = value.length - shown.length;
    return [shown, left > 0 && h("span", { class: "chip", title: value.slice(3).join("、") }, `+${left}`)];
  }
  if (value && typeof value === "object") return status(value);
  if (kind === "wrap") return h("span", { class: "clip", title: value }, value);
  return value;
}

export const cellClass = (kind) => (NUMERIC.has(kind) ? "num" : `is-${kind}`);

/** A small table shown whole, in drawers and reports. */
export function plainTable({ columns, rows, left_out: left }, caption, empty = "没有记录") {
  if (!rows.length) return h("p", { class: "muted" }, empty);
  return h(
    "div",
    { class: "table-scroll small", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      null,
      h("caption", { class: "sr-only" }, caption),
      h("thead", null, h("tr", null, columns.map((c) => h("th", { scope: "col", class: cellClass(c.kind) }, c.name)))),
      h(
        "tbody",
        null,
        rows.map((row) =>
          h("tr", null, row.map((cell, i) => h("td", { class: cellClass(columns[i].kind) }, cellContent(cell, columns[i].kind)))),
        ),
      ),
    ),
    left > 0 && h("p", { class: "muted" }, `还有 ${left} 行没有列出。`),
  );
}

/** One table of a screen. `app` gives call, say, act, details, page; `spec` is what Python sent. */
export function grid(app, spec, index) {
  let page = spec.page;
  let asked = 0;
  const rowActions = spec.actions.map((a, i) => [a, i]).filter(([a]) => a.on === "row");
  const bulk = spec.actions.filter((a) => a.on === "rows");

  const ask = async (change) => {
    const turn = ++asked;
    node.setAttribute("aria-busy", "true");
    try {
      const answer = await app.call("table", { table: index, change });
      if (turn === asked) draw(answer);
    } catch (error) {
      app.say(error.message, { bad: true });
    }
    if (turn === asked) node.setAttribute("aria-busy", "false");
  };
  const choose = async (keys, on) => {
    try {
      draw(await app.call("choose", { table: index, keys, on }));
    } catch (error) {
      app.say(error.message, { bad: true });
    }
  };

  // --- head: search, columns, export
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask({ search: search.value }), 160);
  };
  const search = h("input", {
    type: "search",
    "aria-label": `在「${spec.title}」中搜索`,
    placeholder: "在结果中搜索，空格分隔多个词",
    "data-testid": "search",
    oninput: (event) => !event.isComposing && look(),
    oncompositionend: look,
  });
  search.value = page.search;
  const pickColumns = () => {
    const shown = new Set(page.columns.map((c) => c.name));
    const inputs = page.all.map((name) => {
      const input = h("input", { type: "checkbox", value: name });
      input.checked = shown.has(name);
      return input;
    });
    const { close } = openDialog(app.page, "选择要显示的列", {
      body: h("div", { class: "picks" }, inputs.map((x) => h("label", { class: "pick" }, x, h("span", null, x.value)))),
      foot: [
        h("button", { type: "button", class: "button", onclick: () => close() }, "取消"),
        h(
          "button",
          {
            type: "button",
            class: "button main",
            onclick: () => {
              const columns = inputs.filter((x) => x.checked).map((x) => x.value);
              close();
              ask({ columns });
            },
          },
          "显示所选的列",
        ),
      ],
    });
  };
  const tools = h(
    "div",
    { class: "grid-tools" },
    page.searches ? h("div", { class: "search" }, icon("search", 16), search) : h("span", { class: "space muted" }, `${page.found.toLocaleString("zh-CN")} 条，用上面的条件来查`),
    spec.note && h("span", { class: "muted grid-note" }, spec.note),
    page.all.length > 5 && h("button", { type: "button", class: "button", onclick: pickColumns }, icon("columns", 16), "列"),
    spec.export &&
      h(
        "button",
        {
          type: "button",
          class: "button",
          "data-testid": "export",
          "aria-disabled": spec.export_why ? "true" : null,
          title: spec.export_why || "把查到的全部行导出为 xlsx",
          onclick: () => app.download(index),
        },
        icon("down", 16),
        "导出",
      ),
  );

  // --- body
  const bar = h("div", { class: "selection", hidden: true });
  const head = h("tr");
  const body = h("tbody");
  const scroll = h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": `${spec.title}，可以横向滚动` },
    h("table", null, h("caption", { class: "sr-only" }, spec.title), h("thead", null, head), body),
  );
  const foot = h("div", { class: "pager" });
  const node = h("div", { class: "grid", "data-testid": "grid", "data-table": spec.title }, tools, bar, scroll, foot);

  const button = (text, number, label, current = false) =>
    h(
      "button",
      {
        type: "button",
        class: current ? "turn current" : "turn",
        "aria-label": label,
        "aria-current": current ? "page" : null,
        disabled: number < 1 || number > page.pages,
        onclick: () => ask({ number }),
      },
      text,
    );

  function drawHead() {
    const every = page.rows.length > 0 && page.rows.every((r) => r.chosen);
    const box = h("input", {
      type: "checkbox",
      "aria-label": "选择本页全部",
      onchange: () => choose(page.rows.map((r) => r.key), box.checked),
    });
    box.checked = every;
    box.indeterminate = !every && page.rows.some((r) => r.chosen);
    head.replaceChildren(
      ...[
        bulk.length > 0 && h("th", { scope: "col", class: "tick" }, box),
        ...page.columns.map((c) =>
          h(
            "th",
            {
              scope: "col",
              class: cellClass(c.kind),
              "aria-sort": c.sort ? (c.sort === "up" ? "ascending" : "descending") : "none",
            },
            !c.sorts ? c.name : h(
              "button",
              {
                type: "button",
                class: "sort",
                title: "点击排序；按住 Shift 再点，加作下一级排序",
                onclick: (event) => ask({ sort: c.name, also: event.shiftKey }),
              },
              h("span", null, c.name),
              h("i", { "aria-hidden": "true" }, c.sort === "up" ? "▲" : c.sort === "down" ? "▼" : "↕", TURN[c.turn] ?? c.turn),
            ),
          ),
        ),
        rowActions.length > 0 && h("th", { scope: "col", class: "offers" }, "操作"),
      ].filter(Boolean),
    );
  }

  function drawRow(row) {
    const tick =
      bulk.length > 0 &&
      h("input", { type: "checkbox", "aria-label": `选择 ${row.key}`, onchange: (event) => choose([row.key], event.target.checked) });
    if (tick) tick.checked = row.chosen;
    return h(
      "tr",
      { "data-row": row.key, class: row.chosen ? "chosen" : null },
      tick && h("td", { class: "tick" }, tick),
      row.cells.map((cell, i) => {
        const { name, kind } = page.columns[i];
        const link = spec.drawer && (name === spec.link || (i === 0 && !page.columns.some((c) => c.name === spec.link)));
        return h(
          "td",
          { class: cellClass(kind) },
          link
            ? h("button", { type: "button", class: "link", onclick: () => app.details(index, row.key) }, cellContent(cell, kind))
            : cellContent(cell, kind),
        );
      }),
      rowActions.length > 0 &&
        h(
          "td",
          { class: "offers" },
          rowActions
            .filter(([, i]) => row.offers.includes(i))
            .map(([action]) => app.button(action, row.key, "small soft")),
        ),
    );
  }

  function draw(next) {
    page = next;
    const kept = document.activeElement;
    const at = body.contains(kept) || head.contains(kept) || foot.contains(kept);
    const label = at && (kept.getAttribute("aria-label") || kept.textContent);
    drawHead();
    body.replaceChildren(
      ...(page.rows.length
        ? page.rows.map(drawRow)
        : [
            h(
              "tr",
              null,
              h(
                "td",
                { class: "none", colspan: String(page.columns.length + (bulk.length ? 1 : 0) + (rowActions.length ? 1 : 0)) },
                page.total ? "没有找到，换个词试试" : spec.empty,
              ),
            ),
          ]),
    );
    const near = [1, page.number - 1, page.number, page.number + 1, page.pages];
    const numbers = [...new Set(near)].filter((n) => n >= 1 && n <= page.pages).sort((a, b) => a - b);
    const turns = numbers.flatMap((n, i) => [
      i > 0 && n - numbers[i - 1] > 1 && h("span", { class: "gap", "aria-hidden": "true" }, "…"),
      button(String(n), n, `第 ${n} 页`, n === page.number),
    ]);
    const size = h(
      "select",
      { "aria-label": "每页行数", onchange: () => ask({ size: Number(size.value) }) },
      SIZES.map((n) => h("option", { value: n }, String(n))),
    );
    size.value = page.size;
    foot.replaceChildren(
      h(
        "span",
        { class: "found", "data-testid": "count", role: "status" },
        page.found === page.total
          ? `共 ${page.total.toLocaleString("zh-CN")} 条`
          : `找到 ${page.found.toLocaleString("zh-CN")} 条，共 ${page.total.toLocaleString("zh-CN")} 条`,
      ),
      h("span", { class: "space" }),
      h("label", { class: "size" }, "每页", size),
      h(
        "nav",
        { "aria-label": "分页" },
        button("‹", page.number - 1, "上一页"),
        turns.filter(Boolean),
        button("›", page.number + 1, "下一页"),
      ),
    );
    bar.hidden = page.chosen === 0;
    if (page.chosen) {
      bar.replaceChildren(
        h("b", { "data-testid": "chosen" }, `已选 ${page.chosen.toLocaleString("zh-CN")} 行`),
        page.chosen < page.found
          ? h(
              "button",
              { type: "button", class: "button small ghost", onclick: () => choose(["*"], true) },
              `选择全部 ${page.found.toLocaleString("zh-CN")} 行`,
            )
          : "",
        ...bulk.map((action) => app.button(action, "", "small soft")),
        h("button", { type: "button", class: "button small ghost", onclick: () => choose(["*"], false) }, "取消选择"),
      );
    }
    if (label && !node.contains(document.activeElement)) {
      const twin = [...node.querySelectorAll("button, input, select")].find(
        (x) => (x.getAttribute("aria-label") || x.textContent) === label && !x.disabled,
      );
      (twin ?? scroll).focus({ preventScroll: true });
    }
  }
  draw(page);
  return node;
}
