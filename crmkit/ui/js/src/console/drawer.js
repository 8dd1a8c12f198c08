// The details of one row, in a panel at the side.

import { h } from "../lib/dom.js";
import { openDialog } from "./dialogs.js";
import { cellContent, plainTable, status } from "./grid.js";
import { icon } from "./icons.js";

const facts = (pairs, kind) =>
  h("dl", { class: kind }, pairs.flatMap(([label, value]) => [h("dt", null, label), h("dd", null, cellContent(value, "text"))]));

function section(s) {
  return h(
    "section",
    null,
    s.title && h("h3", null, s.title),
    s.text && h("p", { class: "prose" }, s.text),
    s.facts.length > 0 && facts(s.facts, "facts"),
    s.events.length > 0 &&
      h(
        "ol",
        { class: "timeline" },
        s.events.map((e) =>
          h(
            "li",
            { class: `tone-${e.tone}` },
            h("time", null, e.when),
            h("div", null, h("b", null, e.title), e.text && h("p", null, e.text)),
          ),
        ),
      ),
    s.table && plainTable(s.table, s.title),
  );
}

/** Opens the drawer; `draw(spec)` shows other contents in it. */
export function openDrawer(app, spec, { reveal, onclose }) {
  const sheet = openDialog(app.page, spec.title, { kind: "drawer", onclose });
  const draw = (next) => {
    sheet.heading.textContent = next.title;
    sheet.node.setAttribute("aria-label", next.title);
    sheet.body.replaceChildren(
      ...[
        (next.status || next.lead.length > 0) &&
          h(
            "div",
            { class: "lead" },
            next.status && status(next.status),
            next.lead.map(([label, value]) => h("span", null, `${label} `, h("b", null, cellContent(value, "text")))),
          ),
        next.chips.length > 0 && h("div", { class: "chips" }, next.chips.map((c) => h("span", { class: "chip" }, c))),
        ...next.sections.map(section),
      ].filter(Boolean),
    );
    const may = app.shell().rights.includes("查看明文");
    sheet.foot.replaceChildren(
      ...[
        next.reveal &&
          h(
            "button",
            {
              type: "button",
              class: "button",
              "data-testid": "reveal",
              "aria-disabled": may ? null : "true",
              title: may ? "会记入操作日志" : app.shell().rights_why["查看明文"],
              onclick: reveal,
            },
            icon("eye", 16),
            "查看明文",
          ),
        h("span", { class: "space" }),
        ...next.actions.map((a) => app.button(a, "")),
      ].filter(Boolean),
    );
    sheet.foot.hidden = !next.reveal && !next.actions.length;
  };
  draw(spec);
  return { draw, close: sheet.close };
}
