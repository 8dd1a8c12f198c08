// KPI cards: a figure and how it changed, in the colour of good or bad news.

import { h } from "./dom.js";
import { exactFigure, figure, percent } from "./format.js";

const STEADY = 0.0005; // below 0.05 % the arrow would show a change of 0.0

/** Words and colour of a change; `points` is a difference of two rates. */
function change({ change: value, change_unit: unit, good, aside }) {
  if (aside !== undefined) return { text: aside, mood: "none" }; // nothing to compare with
  if (value === null) return { text: "上期无数据", mood: "none" };
  if (Math.abs(value) < STEADY) return { text: "— 与上期持平", mood: "none" };
  const size = unit === "points" ? `${(Math.abs(value) * 100).toFixed(1)} 个百分点` : percent(Math.abs(value));
  const mood = good === "none" ? "none" : value > 0 === (good === "up") ? "good" : "bad";
  return { text: `${value > 0 ? "▲" : "▼"} ${size}`, mood, up: value > 0 };
}

const MOODS = { good: "，是好消息", bad: "，需要留意", none: "" };

/** A list of cards; an entry is {id, label, value, unit, change, change_unit, good, note, aside}. */
export function cards(entries) {
  return entries.map((entry) => {
    const { text, mood, up } = change(entry);
    const spoken = up === undefined ? "" : `较上期${up ? "上升" : "下降"}${text.slice(2)}${MOODS[mood]}`;
    return h(
      "li",
      { class: "card", "data-kpi": entry.id, title: `${entry.note}\n准确值：${exactFigure(entry.value, entry.unit)}` },
      h("span", { class: "card-name" }, entry.label),
      h("b", null, figure(entry.value, entry.unit)),
      spoken
        ? h(
            "span",
            { class: `card-change ${mood}` },
            h("span", { "aria-hidden": "true" }, text, h("small", null, " 较上期")),
            h("span", { class: "sr-only" }, spoken),
          )
        : h("span", { class: "card-change none" }, text),
    );
  });
}
