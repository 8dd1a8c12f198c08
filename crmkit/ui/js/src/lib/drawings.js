// Charts from their description in Python (crmkit/ui/console/figures.py): screens and boards.

import { FunnelChart, HeatmapChart } from "echarts/charts";
import { VisualMapComponent } from "echarts/components";
import { axis, chart, look } from "./chart.js";
import { tint } from "./colour.js";
import { h, isDark } from "./dom.js";
import echarts from "./echarts.js";
import { axisWan, count, exactYuan, percent, wan } from "./format.js";
import { tileMap } from "./tiles.js";

echarts.use([FunnelChart, HeatmapChart, VisualMapComponent]);

/** More kinds of drawings: name → (spec, look, main colour) => ECharts option. */
export function addKinds(kinds) {
  Object.assign(OPTIONS, kinds);
}

const WORDS = { money: exactYuan, percent: (v) => percent(v, 2), count, days: (v) => `${wan(v)} 天` };
const few = (v) => (Math.abs(v) < 100 ? String(Math.round(v * 100) / 100) : wan(v));
const SHORT = { number: few, days: few, money: wan, percent: (v) => percent(v, v && Math.abs(v) < 0.1 ? 1 : 0), count: wan };
const exact = (unit) => (v) => (v === null || v === undefined ? "—" : (WORDS[unit] ?? String)(v));
const short = (unit) => (v) => (v === null || v === undefined ? "" : (SHORT[unit] ?? wan)(v));
const axisText = (unit) => (unit === "percent" ? (v) => percent(v, Number.isInteger(Math.round(v * 1e6) / 1e4) ? 0 : 1) : unit === "number" || unit === "days" ? (v) => (Math.abs(v) < 100 ? few(v) : axisWan(v)) : axisWan);
const cut = (text, n) => (text.length > n ? `${text.slice(0, n)}…` : text);

const textWidth = (text, size) => [...text].reduce((sum, x) => sum + (x > "\u2e80" ? size : size * 0.58), 0);

const valueAxis = (c, unit, extra = {}) =>
  axis(c, { type: "value", splitNumber: 4, minInterval: unit === "count" ? 1 : 0, ...extra, axisLabel: { formatter: axisText(unit) } });

/** How to write months so that they stand side by side: 2025-01, 25-01, 1月. */
function monthWords(labels, fits) {
  if (!labels.length || !labels.every((x) => /^\d{4}-\d{2}$/.test(x))) return null;
  const ways = [(x) => x, (x) => x.slice(2), (x) => `${Number(x.slice(5))}月${x.endsWith("-01") ? `\n${x.slice(0, 4)}` : ""}`];
  return ways.find((way) => labels.every((x) => fits(way(x).split("\n")[0]))) ?? ways[2];
}

/** How far the label of a line's first point, which stands on the axis, moves off the axis' own numbers. */
const offAxis = (width, slot) => Math.max(0, width / 2 - 5, Math.min(width / 2 + 1, slot - width - 2));

function columns(spec, c, main) {
  const units = [0, 1].map((n) => spec.series.find((s) => (s.axis ?? 0) === n)?.unit);
  // Slanted where the labels would not stand side by side.
  const slot = ((spec.room ?? (spec.wide ? 1080 : 500)) - (units[1] === undefined ? 58 : 84)) / Math.max(spec.labels.length, 1);
  const months = monthWords(spec.labels, (text) => textWidth(text, c.size) + 3 <= slot);
  const write = months ?? ((x) => cut(x, 10));
  const widest = Math.max(0, ...spec.labels.map((x) => textWidth(write(x).split("\n")[0], c.size) + 3));
  // Of months every second or third is enough, counted from a January.
  const every = months ? Math.ceil(widest / slot) : 1;
  const january = Math.max(0, spec.labels.findIndex((x) => x.endsWith("-01")));
  const thinned = every > 1 ? (i) => (i - january) % every === 0 : spec.labels.length > 24 ? "auto" : 0;
  const crowded = !months && widest > slot;
  const folded = crowded && slot > 4 * c.size; // in two lines rather than slanted
  const many = spec.series.length > 1;
  return {
    grid: { left: 8, right: 8, top: many ? 34 : 24, bottom: 4, containLabel: true },
    legend: many ? { top: 0, right: 0, itemHeight: 9, itemWidth: 14, textStyle: { color: c.muted, fontSize: c.size } } : undefined,
    tooltip: { trigger: "axis" },
    xAxis: axis(c, {
      type: "category",
      data: spec.labels,
      boundaryGap: spec.kind !== "lines",
      axisLabel: { interval: thinned, rotate: crowded && !folded ? 30 : 0, formatter: write, ...(folded && { width: slot - 4, overflow: "break", lineHeight: c.size + 3 }) },
    }),
    yAxis: units.filter((u) => u !== undefined).map((unit, n) => valueAxis(c, unit, n ? { splitLine: { show: false } } : {})),
    series: spec.series.map((s, i) => {
      const colour = i === 0 ? main : s.line ? c.series[2] : c.series[i % c.series.length];
      const line = spec.kind === "lines" || s.line;
      const label = !many && spec.labels.length <= 12 && slot > (line ? 46 : 24);
      return {
        name: s.name,
        type: line ? "line" : "bar",
        yAxisIndex: s.axis ?? 0,
        stack: spec.stacked ? "all" : undefined,
        data: s.values,
        connectNulls: false,
        symbol: "circle",
        symbolSize: spec.labels.length > 20 ? 4 : 6,
        lineStyle: line ? { width: 2.5, color: colour } : undefined,
        areaStyle: line && !many ? { color: colour, opacity: 0.08 } : undefined,
        itemStyle: { color: colour, opacity: line ? 1 : c.solid, borderRadius: line || spec.stacked ? 0 : [3, 3, 0, 0] },
        barMaxWidth: 40,
        tooltip: { valueFormatter: exact(s.unit) },
        label: label ? { show: true, position: "top", color: c.muted, fontSize: c.size - 1, formatter: ({ value }) => short(s.unit)(value) } : undefined,
        labelLayout: ({ dataIndex, labelRect }) => ({ hideOverlap: true, dx: spec.kind === "lines" && !dataIndex ? offAxis(labelRect.width, slot) : 0 }),
        z: line ? 3 : 2,
      };
    }),
  };
}

function ranking(spec, c, main) {
  const [s] = spec.series;
  return {
    grid: { left: 4, right: 5 * c.size, top: 2, bottom: 2, containLabel: true },
    tooltip: { trigger: "item", valueFormatter: exact(s.unit) },
    xAxis: { type: "value", show: false },
    yAxis: axis(c, {
      type: "category",
      inverse: true,
      data: spec.labels,
      axisLine: { show: false },
      axisLabel: { color: c.text, width: spec.room ? 0.36 * spec.room : (spec.wide ? 24 : 12) * c.size, overflow: "truncate" },
    }),
    series: [
      {
        type: "bar",
        name: s.name,
        data: s.values,
        barWidth: "52%",
        barMaxWidth: 1.6 * c.size,
        itemStyle: { color: main, opacity: c.solid, borderRadius: 3 },
        label: { show: true, position: "right", color: c.muted, fontSize: c.size, formatter: ({ value }) => short(s.unit)(value) },
      },
    ],
  };
}

function ring(spec, c, main) {
  const [s] = spec.series;
  const total = s.values.reduce((sum, v) => sum + (v ?? 0), 0);
  const colours = [main, ...c.series.slice(1)];
  return {
    tooltip: { trigger: "item", valueFormatter: exact(s.unit) },
    legend: {
      orient: "vertical",
      right: 0,
      top: "middle",
      type: "plain",
      itemWidth: 10,
      itemHeight: 10,
      icon: "circle",
      textStyle: { color: c.text, fontSize: c.size },
      formatter: (name) => {
        const value = s.values[spec.labels.indexOf(name)] ?? 0;
        return `${cut(name, 9)}  ${total ? percent(value / total) : "—"}`;
      },
    },
    series: [
      {
        type: "pie",
        name: s.name,
        radius: ["52%", "84%"],
        center: ["30%", "50%"],
        label: { show: false },
        emphasis: { scaleSize: 3 },
        itemStyle: { borderColor: c.panel, borderWidth: 2 },
        data: spec.labels.map((name, i) => ({ name, value: s.values[i], itemStyle: { color: colours[i % colours.length] } })),
      },
    ],
  };
}

function funnel(spec, c, main) {
  const [s] = spec.series;
  const first = s.values[0] || 0;
  const ground = isDark() ? "#222b34" : "#eef2f5";
  return {
    tooltip: { trigger: "item", valueFormatter: exact(s.unit) },
    series: [
      {
        type: "funnel",
        name: s.name,
        sort: "none",
        left: "8%",
        right: "34%",
        top: 6,
        bottom: 6,
        minSize: "12%",
        gap: 3,
        itemStyle: { borderWidth: 0 },
        label: {
          position: "right",
          color: c.text,
          fontSize: c.size,
          formatter: ({ name, value }) => `${name}  ${short(s.unit)(value)}${first ? ` · ${percent(value / first, 0)}` : ""}`,
        },
        data: spec.labels.map((name, i) => ({
          name,
          value: s.values[i] ?? 0,
          itemStyle: { color: tint(ground, main, 1 - (0.62 * i) / Math.max(spec.labels.length - 1, 1)).background },
        })),
      },
    ],
  };
}

function heat(spec, c, main) {
  const [s] = spec.series;
  const values = spec.points.map((p) => p[2]).filter((v) => v !== null);
  const most = Math.max(...values, 0);
  return {
    grid: { left: 4, right: 8, top: 4, bottom: 4, containLabel: true },
    tooltip: { trigger: "item", formatter: ({ value: [x, y, v] }) => `${spec.rows[y]} · ${spec.labels[x]}<br>${exact(s.unit)(v)}` },
    visualMap: { show: false, min: 0, max: most || 1, inRange: { color: [isDark() ? "#222b34" : "#eef2f5", main] } },
    xAxis: axis(c, { type: "category", data: spec.labels, axisLabel: { hideOverlap: true } }),
    yAxis: axis(c, { type: "category", data: spec.rows, inverse: true, axisLabel: { color: c.text, interval: spec.rows.length > 16 ? "auto" : 0 } }),
    series: [
      {
        type: "heatmap",
        name: s.name,
        data: spec.points.filter((p) => p[2] !== null).map((p) => ({
          value: p,
          label: { color: most && p[2] / most > 0.55 ? (isDark() ? "#08201c" : "#ffffff") : c.text },
        })),
        label: { show: spec.points.length <= 220, fontSize: c.size - 1, formatter: ({ value }) => short(s.unit)(value[2]) },
        itemStyle: { borderColor: c.panel, borderWidth: 2 },
      },
    ],
  };
}

const OPTIONS = { bars: columns, lines: columns, mixed: columns, pareto: columns, ranking, share: ring, funnel, heat };

/** The figures as a table, for who cannot see the drawing. */
function asTable(spec) {
  if (spec.table) return { caption: spec.title, ...spec.table };
  if (spec.kind === "heat") {
    const [s] = spec.series;
    return {
      caption: spec.title,
      head: ["行", "列", s.name],
      rows: spec.points.map(([x, y, v]) => [spec.rows[y], spec.labels[x], exact(s.unit)(v)]),
    };
  }
  return {
    caption: spec.title,
    head: ["项目", ...spec.series.map((s) => s.name)],
    rows: spec.labels.map((label, i) => [label, ...spec.series.map((s) => exact(s.unit)(s.values[i]))]),
  };
}

const isEmpty = (spec) => (spec.kind === "tiles" ? !spec.regions.length : !spec.labels.length);

/**
 * A drawing without its heading: {node, draw(spec, main), fit(), close()}. `spec` may change from
 * one drawing to the next as long as it stays a map (`tiles`) or stays a chart. `onPick(index)`:
 * a part was clicked.
 */
export function drawing(kind, label, onPick) {
  const empty = h("p", { class: "muted", hidden: true }, "没有可画的数据");
  const inner = kind === "tiles" ? tileMap() : chart(label, onPick && (({ dataIndex }) => onPick(dataIndex)));
  return {
    nodes: [inner.node, empty],
    draw(spec, main) {
      const nothing = isEmpty(spec);
      inner.node.hidden = nothing;
      empty.hidden = !nothing;
      if (nothing) return;
      if (kind === "tiles") inner.draw(spec.regions, main);
      else inner.draw(OPTIONS[spec.kind]({ ...spec, room: inner.node.clientWidth || undefined }, look(), main), asTable(spec));
    },
    fit: () => inner.fit?.(),
    close: () => inner.close?.(),
  };
}
