// Drawings that only boards need: curves over numbers, radar, tornado, points in four fields.

import { RadarChart, ScatterChart } from "echarts/charts";
import { RadarComponent } from "echarts/components";
import { LabelLayout } from "echarts/features";
import { axis } from "../lib/chart.js";
import echarts from "../lib/echarts.js";
import { addKinds } from "../lib/drawings.js";
import { axisWan, figure } from "../lib/format.js";

echarts.use([RadarChart, ScatterChart, RadarComponent, LabelLayout]);

const UNITS = { money: "yuan", percent: "percent", count: "count", days: "days" };
const said = (unit) => (v) => figure(v ?? null, UNITS[unit] ?? "number");
const onAxis = (unit) => (v) =>
  unit === "percent" ? `${Math.round(v * 1000) / 10}%` : Math.abs(v) < 1e4 ? String(Math.round(v * 1e4) / 1e4) : axisWan(v);

const numbers = (c, { name, unit, low, high }, extra = {}) =>
  axis(c, {
    type: "value",
    name,
    min: low ?? undefined,
    max: high ?? undefined,
    scale: true,
    splitNumber: 5,
    ...extra,
    axisLabel: { formatter: onAxis(unit), hideOverlap: true },
  });

const axes = (spec, c) => ({
  grid: { left: 6, right: 18, top: 30, bottom: 22, containLabel: true },
  xAxis: numbers(c, spec.x, { nameLocation: "middle", nameGap: 24, splitLine: { show: false } }),
  yAxis: numbers(c, spec.y, { nameTextStyle: { color: c.muted, align: "left" } }),
});

const legend = (c) => ({ top: 0, right: 0, itemHeight: 9, itemWidth: 14, textStyle: { color: c.muted, fontSize: c.size } });

/** Lines over numbers: Lorenz, whale, service level. `points` of a series are [x, y]. */
function curve(spec, c, main) {
  return {
    ...axes(spec, c),
    legend: spec.series.length > 1 ? legend(c) : undefined,
    tooltip: { trigger: "axis", valueFormatter: said(spec.y.unit), axisPointer: { label: { formatter: ({ value }) => onAxis(spec.x.unit)(value) } } },
    series: spec.series.map((s, i) => {
      const colour = s.quiet ? c.muted : i === 0 ? main : c.series[i % c.series.length];
      return {
        name: s.name,
        type: "line",
        data: s.points,
        showSymbol: s.points.length <= 24 && !s.quiet,
        symbol: "circle",
        symbolSize: 6,
        lineStyle: { width: s.quiet ? 1.5 : 2.5, color: colour, type: s.quiet ? "dashed" : "solid" },
        itemStyle: { color: colour },
        areaStyle: i === 0 && !s.quiet ? { color: colour, opacity: 0.08 } : undefined,
        z: s.quiet ? 2 : 3,
      };
    }),
  };
}

const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/**
 * Labels beside their points so that none covers another or an earlier point: to the right, left,
 * above or below, whichever is free; one for which nothing is free is left to its tooltip.
 */
function besidePoints() {
  let taken = [];
  return ({ dataIndex, seriesIndex, rect, labelRect: { width, height } }) => {
    if (!dataIndex && !seriesIndex) taken = []; // a new drawing
    const [middle, centre] = [rect.y + (rect.height - height) / 2, rect.x + (rect.width - width) / 2];
    const places = [
      { x: rect.x + rect.width + 3, y: middle },
      { x: rect.x - width - 3, y: middle },
      { x: centre, y: rect.y - height - 1 },
      { x: centre, y: rect.y + rect.height + 1 },
    ].map((place) => ({ ...place, width, height }));
    const free = places.find((place) => !taken.some((other) => overlap(place, other)));
    taken.push(rect, free ?? rect);
    const { x, y } = free ?? places[0];
    return { x, y, align: "left", verticalAlign: "top", hideOverlap: true };
  };
}

/** Points with names and, when given, two lines that part them into four fields. */
function points(spec, c, main) {
  const cut = (data) => ({
    type: "line",
    data,
    symbol: "none",
    silent: true,
    tooltip: { show: false },
    lineStyle: { width: 1.2, color: c.muted, type: "dashed" },
    z: 1,
  });
  const { x, y } = spec;
  const many = spec.labels.length > 60;
  const beside = besidePoints();
  const cuts =
    spec.cuts && [cut([[spec.cuts[0], y.low], [spec.cuts[0], y.high]]), cut([[x.low, spec.cuts[1]], [x.high, spec.cuts[1]]])];
  return {
    ...axes(spec, c),
    legend: spec.series.length > 1 ? { ...legend(c), data: spec.series.map((s) => s.name) } : undefined,
    tooltip: {
      trigger: "item",
      formatter: ({ data }) => `${data.name}<br>${x.name}：${said(x.unit)(data.value[0])}<br>${y.name}：${said(y.unit)(data.value[1])}`,
    },
    series: [
      ...spec.series.map((s, i) => ({
        name: s.name,
        type: "scatter",
        data: s.points.map(([a, b, name]) => ({ value: [a, b], name })),
        symbolSize: many ? 6 : 12,
        itemStyle: { color: i === 0 ? main : c.series[i % c.series.length], opacity: 0.85 },
        label: {
          show: spec.labels.length <= 24,
          position: "top",
          color: c.text,
          fontSize: c.size,
          formatter: ({ data }) => data.name,
        },
        labelLayout: beside,
      })),
      ...(cuts ?? []),
    ],
  };
}

/** What each factor alone does to a value: bars to both sides of the value itself. */
function tornado(spec, c, main) {
  const [low, high] = spec.series;
  const { base } = spec;
  const unit = said(low.unit);
  const bars = (s, colour, place) => ({
    name: s.name,
    type: "bar",
    stack: place,
    barGap: "-100%",
    barWidth: "52%",
    data: s.values.map((v) => v - base),
    itemStyle: { color: colour, opacity: c.solid, borderRadius: 3 },
    tooltip: { valueFormatter: (v) => unit(v + base) },
    label: {
      show: true,
      fontSize: c.size - 1,
      color: c.muted,
      formatter: ({ dataIndex: i }) => (Math.abs(s.values[i] - base) < 0.005 ? "" : unit(s.values[i])),
    },
  });
  const side = (series) => ({
    ...series,
    data: series.data.map((v) => ({ value: v, label: { position: v < 0 ? "left" : "right" } })),
  });
  const widest = 1.45 * Math.max(...[...low.values, ...high.values].map((v) => Math.abs(v - base)), 1e-9);
  return {
    grid: { left: 6, right: 10, top: 30, bottom: 4, containLabel: true },
    legend: legend(c),
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
    xAxis: { type: "value", min: -widest, max: widest, show: false },
    yAxis: axis(c, { type: "category", inverse: true, data: spec.labels, axisLine: { show: false, onZero: false }, axisLabel: { color: c.text } }),
    series: [side(bars(low, c.series[2], "low")), side(bars(high, main, "high"))],
  };
}

function radar(spec, c, main) {
  return {
    legend: spec.series.length > 1 ? { ...legend(c), orient: "vertical" } : undefined,
    tooltip: { trigger: "item", valueFormatter: said(spec.series[0].unit) },
    radar: {
      center: ["50%", "56%"],
      radius: "78%",
      indicator: spec.labels.map((name) => ({ name, max: spec.most, min: spec.least ?? 0 })),
      axisName: { color: c.text, fontSize: c.size },
      axisLine: { lineStyle: { color: c.line } },
      splitLine: { lineStyle: { color: c.line } },
      splitArea: { show: false },
      splitNumber: 4,
    },
    series: [
      {
        type: "radar",
        data: spec.series.map((s, i) => {
          const colour = i === 0 ? main : c.series[i % c.series.length];
          return {
            name: s.name,
            value: s.values,
            symbolSize: 5,
            lineStyle: { width: 2.5, color: colour },
            itemStyle: { color: colour },
            areaStyle: { color: colour, opacity: i === 0 ? 0.16 : 0.05 },
          };
        }),
      },
    ],
  };
}

addKinds({ curve, points, tornado, radar });
