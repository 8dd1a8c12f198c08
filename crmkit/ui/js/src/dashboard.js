// The shop board: draws what crmkit/ui/dashboard.py computed.

import { cards } from "./lib/cards.js";
import { axis, chart, look, onLook, onPrint } from "./lib/chart.js";
import { definitions, dropDown, segments } from "./lib/controls.js";
import { assign, h, isDark, root, watch } from "./lib/dom.js";
import { axisWan, count, exactYuan, percent, wan, yuan } from "./lib/format.js";
import { tileMap } from "./lib/tiles.js";

// A shop's colour on dark ground: the same hue, light enough to read.
const ON_DARK = { "#15803d": "#4ade80", "#1d4ed8": "#60a5fa", "#6d28d9": "#a78bfa" };

function panel(area, title, note, ...content) {
  return h("section", { class: `panel area-${area}`, "data-panel": area }, h("h2", null, title, note), content);
}

const share = (row) => (row.share === null ? "—" : percent(row.share));

function trendChart(data, main) {
  const c = look();
  const labels = data.trend.map((row) => row.label);
  return [
    {
      grid: { left: 4.8 * c.size, right: 3.8 * c.size, top: 18, bottom: 28 },
      tooltip: { trigger: "axis" },
      xAxis: axis(c, { type: "category", data: labels, axisLabel: { hideOverlap: true } }),
      yAxis: [
        axis(c, { type: "value", splitNumber: 4, axisLabel: { formatter: axisWan } }),
        axis(c, { type: "value", splitNumber: 4, splitLine: { show: false }, minInterval: 1 }),
      ],
      series: [
        {
          name: "销售额",
          type: "line",
          data: data.trend.map((row) => row.sales),
          symbol: "circle",
          symbolSize: labels.length > 20 ? 4 : 7,
          lineStyle: { width: 3, color: main },
          itemStyle: { color: main },
          areaStyle: { color: main, opacity: 0.08 },
          tooltip: { valueFormatter: exactYuan },
          z: 3,
        },
        {
          name: "订单数",
          type: "bar",
          yAxisIndex: 1,
          data: data.trend.map((row) => row.orders),
          barMaxWidth: 24,
          barCategoryGap: "45%",
          itemStyle: { color: c.quiet, borderRadius: [3, 3, 0, 0] },
          tooltip: { valueFormatter: (value) => `${count(value)} 单` },
        },
      ],
    },
    {
      caption: "销售趋势",
      head: ["时间", "销售额（元）", "订单数"],
      rows: data.trend.map((row) => [row.label, row.sales, row.orders]),
    },
  ];
}

function channelChart(data) {
  const c = look();
  const total = data.channels.reduce((sum, row) => sum + row.sales, 0);
  const chosen = data.channels.find((row) => row.id === data.channel);
  const centre = {
    show: true,
    position: "center",
    formatter: chosen ? `{value|${share(chosen)}}\n{name|占全店}` : `{value|${wan(total)}}\n{name|全店（元）}`,
    rich: {
      value: { color: c.text, fontSize: c.size + 5, fontWeight: 600, lineHeight: 2 * c.size },
      name: { color: c.muted, fontSize: c.size },
    },
  };
  return [
    {
      tooltip: { trigger: "item", valueFormatter: exactYuan },
      series: [
        {
          type: "pie",
          radius: ["62%", "92%"],
          center: ["50%", "50%"],
          cursor: "pointer",
          label: { show: false },
          emphasis: { scaleSize: 3 },
          itemStyle: { borderColor: c.panel, borderWidth: 2 },
          data: data.channels.map((row, i) => ({
            name: row.name,
            value: row.sales,
            id: row.id,
            itemStyle: { color: c.series[i % c.series.length], opacity: chosen && row !== chosen ? 0.28 : 1 },
            label: i === 0 ? centre : undefined, // one of them writes into the middle
          })),
        },
      ],
    },
    {
      caption: "渠道构成",
      head: ["渠道", "销售额（元）", "占比"],
      rows: data.channels.map((row) => [row.name, row.sales, share(row)]),
    },
  ];
}

/** The channels as buttons: legend of the chart, and its filter for the keyboard. */
function channelLegend(data, toggle) {
  const { series } = look();
  return data.channels.map((row, i) =>
    h(
      "li",
      null,
      h(
        "button",
        {
          type: "button",
          "aria-pressed": String(row.id === data.channel),
          "data-channel": row.id,
          title: `${row.name}：${exactYuan(row.sales)}`,
          onclick: () => toggle(row.id),
        },
        h("i", { style: `background:${series[i % series.length]}` }),
        h("span", null, row.name),
        h("b", null, share(row)),
      ),
    ),
  );
}

function productChart(data, main) {
  const c = look();
  const rows = [...data.products].reverse();
  return [
    {
      grid: { left: 8, right: 5 * c.size, top: 2, bottom: 2, containLabel: true },
      tooltip: {
        trigger: "item",
        formatter: ({ dataIndex: i }) =>
          `${rows[i].name}<br>${exactYuan(rows[i].sales)}，${count(rows[i].quantity)} 件`,
      },
      xAxis: { type: "value", show: false },
      yAxis: axis(c, {
        type: "category",
        data: rows.map((row) => row.name),
        axisLine: { show: false },
        axisLabel: { color: c.text, width: 13 * c.size, overflow: "truncate" },
      }),
      series: [
        {
          type: "bar",
          data: rows.map((row) => row.sales),
          barWidth: "48%",
          barMaxWidth: 1.6 * c.size,
          itemStyle: { color: main, opacity: c.solid, borderRadius: 3 },
          label: { show: true, position: "right", color: c.muted, fontSize: c.size, formatter: ({ value }) => wan(value) },
        },
      ],
    },
    {
      caption: "商品销售额排行",
      head: ["商品", "销售额（元）", "件数"],
      rows: data.products.map((row) => [row.name, row.sales, row.quantity]),
    },
  ];
}

function frequencyChart(data, main) {
  const c = look();
  return [
    {
      grid: { left: 3.8 * c.size, right: 10, top: 28, bottom: 28 },
      tooltip: { trigger: "item", valueFormatter: (value) => `${count(value)} 人` },
      xAxis: axis(c, { type: "category", data: data.frequency.map((row) => row.label) }),
      yAxis: axis(c, { type: "value", splitNumber: 4, minInterval: 1 }),
      series: [
        {
          name: "顾客",
          type: "bar",
          data: data.frequency.map((row) => row.buyers),
          barMaxWidth: 44,
          itemStyle: { color: main, opacity: c.solid, borderRadius: [4, 4, 0, 0] },
          label: {
            show: true,
            position: "top",
            color: c.text,
            fontSize: c.size,
            formatter: ({ value, dataIndex: i }) => {
              const part = data.frequency[i].share;
              return part === null ? count(value) : `${count(value)} 人 · ${percent(part, 0)}`;
            },
          },
        },
      ],
    },
    {
      caption: "购买频次",
      head: ["本期购买次数", "顾客数", "占比"],
      rows: data.frequency.map((row) => [row.label, row.buyers, share(row)]),
    },
  ];
}

function render({ model, el }) {
  const options = model.get("options");
  const shopOf = (name) => options.shops.find((shop) => shop.value === name);

  const title = h("h1");
  const subtitle = h("p", { class: "subtitle" });
  const live = h("p", { class: "sr-only", "aria-live": "polite" });
  const controls = [
    options.shops.length > 1 && segments(model, "shop", "店铺", options.shops),
    segments(model, "period", "时段", options.periods),
    dropDown(
      model,
      "channel",
      "渠道",
      () => [{ value: "", label: "全部渠道" }, ...(shopOf(model.get("shop"))?.channels ?? [])],
      ["shop"],
    ),
  ].filter(Boolean);
  const notes = definitions("口径说明", "这一页的数是怎么算的", () => options.definitions);

  const kpis = h("ul", { class: "cards", "aria-label": "关键指标" });
  const trend = chart("销售趋势");
  // A click on a channel filters by it, a second click takes the filter away.
  const toggle = (id) => assign(model, "channel", model.get("channel") === id ? "" : id);
  const channels = chart("渠道构成", ({ data: { id } }) => toggle(id));
  const legend = h("ul", { class: "legend", "aria-label": "按渠道筛选" });
  const products = chart("商品销售额排行");
  const frequency = chart("购买频次");
  const map = tileMap();
  const charts = [trend, channels, products, frequency];

  const page = root(
    el,
    "dashboard",
    h(
      "header",
      null,
      h("div", { class: "heading" }, title, subtitle),
      controls.map((control) => control.node),
      notes.node,
    ),
    kpis,
    h(
      "div",
      { class: "panels" },
      panel(
        "trend",
        "销售趋势",
        h("small", null, h("i", { class: "key-line" }), "销售额（元，左轴）", h("i", { class: "key-bar" }), "订单数（右轴）"),
        trend.node,
      ),
      panel("channels", "渠道构成", h("small", null, "按销售额，点击可筛选"), h("div", { class: "pair" }, channels.node, legend)),
      panel("regions", "地域分析", h("small", null, "示意图，非行政区划边界"), map.node),
      panel("products", "商品销售额排行", h("small", null, "元"), products.node),
      panel("frequency", "购买频次", h("small", null, "本期购买次数与顾客数"), frequency.node),
    ),
    h(
      "footer",
      null,
      `数据日期 ${options.as_of}。按付款时间统计有效订单；销售额含运费，未减退款；退款率按退款完成日。`,
    ),
    live,
  );
  page.classList.add("board");

  const draw = () => {
    const data = model.get("data");
    const shop = shopOf(data.shop);
    const main = isDark() ? ON_DARK[shop.colour] : shop.colour;
    page.style.setProperty("--accent", main);
    page.style.setProperty("--on-accent", isDark() ? "#08201c" : "#ffffff");
    const channel = shop.channels.find((item) => item.value === data.channel)?.label;
    title.textContent = `${data.title} · 经营看板`;
    subtitle.textContent = `${data.window}${channel ? `，仅${channel}` : ""}；上期 ${data.before}`;
    kpis.replaceChildren(...cards(data.kpis));
    trend.draw(...trendChart(data, main));
    channels.draw(...channelChart(data));
    const focused = legend.contains(document.activeElement) && document.activeElement.dataset.channel;
    legend.replaceChildren(...channelLegend(data, toggle));
    if (focused) legend.querySelector(`[data-channel="${focused}"]`)?.focus();
    products.draw(...productChart(data, main));
    frequency.draw(...frequencyChart(data, main));
    map.draw(data.regions, main);
    page.dataset.view = [data.shop, data.period, data.channel].join(" ");
  };
  const announce = () => {
    const data = model.get("data");
    const [sales, orders] = data.kpis;
    live.textContent = `已更新：${data.window}，销售额 ${yuan(sales.value)}，订单 ${count(orders.value)} 单`;
  };
  // Figures that no longer belong to the choice are dimmed until the new ones are there.
  const wait = () => page.setAttribute("aria-busy", "true");
  draw();
  const stops = [
    watch(model, ["shop", "period", "channel"], wait),
    watch(model, ["data"], () => {
      const { shop, period, channel } = model.get("data");
      const current = [model.get("shop"), model.get("period"), model.get("channel")];
      if (String([shop, period, channel]) === String(current)) page.removeAttribute("aria-busy");
      draw();
      announce();
    }),
    onLook(draw),
    onPrint(page, charts, draw),
    ...controls.map((control) => control.close),
    ...charts.map((item) => item.close),
  ];
  return () => stops.forEach((stop) => stop());
}

export default { render };
