// The teacher's board of a class: draws what autograder/insight/board.py computed.

import { ScatterChart } from "echarts/charts";
import { MarkLineComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { axis, chart, look, onLook, onPrint } from "./lib/chart.js";
import { definitions, dropDown, segments } from "./lib/controls.js";
import { h, root, watch } from "./lib/dom.js";
import { percent } from "./lib/format.js";
import { rpc } from "./lib/rpc.js";

echarts.use([ScatterChart, MarkLineComponent]);

const PASS = 6; // the first bin of a pass
const NAMES = [
  { value: "hidden", label: "隐藏姓名" },
  { value: "shown", label: "显示姓名" },
];
const two = (value) => (value === null ? "—" : value.toFixed(2));
const people = (n) => `${n} 人`;

function panel(area, title, note, ...content) {
  return h("section", { class: `panel area-${area}`, "data-panel": area }, h("h2", null, title, note), content);
}

function card({ id, label, value, note }) {
  return h(
    "li",
    { class: "card", "data-card": id },
    h("span", { class: "card-name" }, label),
    h("b", null, value),
    h("span", { class: "card-change none" }, note),
  );
}

function spreadChart(data, main) {
  const c = look();
  return [
    {
      grid: { left: 3 * c.size, right: 8, top: 24, bottom: 26 },
      tooltip: { trigger: "item", formatter: ({ name, value }) => `得分率 ${name}%：${people(value)}` },
      xAxis: axis(c, {
        type: "category",
        data: data.bins.map((bin) => bin.label),
        axisLabel: { interval: 0, fontSize: c.size - 2 },
      }),
      yAxis: axis(c, { type: "value", splitNumber: 4, minInterval: 1 }),
      series: [
        {
          type: "bar",
          data: data.bins.map((bin, i) => ({
            value: bin.n,
            itemStyle: { color: i < PASS ? c.series[2] : main, opacity: c.solid, borderRadius: [4, 4, 0, 0] },
          })),
          barCategoryGap: "18%",
          label: {
            show: true,
            position: "top",
            color: c.text,
            fontSize: c.size,
            formatter: ({ value }) => (value ? String(value) : ""),
          },
        },
      ],
    },
    {
      caption: "得分分布",
      head: ["得分率（%）", "人数"],
      rows: data.bins.map((bin) => [bin.label, bin.n]),
    },
  ];
}

const MOODS = { 很好: 0, 较好: 1, "尚可，可以改进": 2 };

const NEAR = [0.04, 0.09]; // of the axes' lengths: signs this close would hide each other

/** Items that lie close together are one sign; the label names them all. */
function groupsOf(items, least) {
  const groups = [];
  const mean = (group, key) => group.reduce((sum, item) => sum + item[key], 0) / group.length;
  for (const item of items) {
    if (item.discrimination === null) continue;
    const near = groups.find(
      (group) =>
        Math.abs(mean(group, "difficulty") - item.difficulty) < NEAR[0] * (1 - least.x) &&
        Math.abs(mean(group, "discrimination") - item.discrimination) < NEAR[1] * (1 - least.y),
    );
    if (near) near.push(item);
    else groups.push([item]);
  }
  return groups.map((group) => ({ group, place: [mean(group, "difficulty"), mean(group, "discrimination")] }));
}

const short = (id) => id.replace(/^.*-/, "");

function itemChart(data, main) {
  const c = look();
  const colours = [main, c.series[1], c.series[2]];
  const lowest = (key, start) => Math.floor(Math.min(start, ...data.items.map((i) => i[key] ?? start)) * 5) / 5;
  const least = { x: lowest("difficulty", 0.8), y: lowest("discrimination", 0) };
  const groups = groupsOf(data.items, least);
  return [
    {
      grid: { left: 3.2 * c.size, right: 3 * c.size, top: 26, bottom: 3.2 * c.size },
      tooltip: {
        trigger: "item",
        formatter: ({ dataIndex }) =>
          groups[dataIndex]?.group
            .map((i) => `${echarts.format.encodeHTML(`${i.id} ${i.title}`)}：难度 ${two(i.difficulty)}，区分度 ${two(i.discrimination)}`)
            .join("<br>"),
      },
      xAxis: axis(c, {
        type: "value",
        name: "难度（左难右易）",
        nameLocation: "middle",
        nameGap: 2 * c.size,
        nameTextStyle: { color: c.muted, fontSize: c.size },
        min: least.x,
        max: 1,
        interval: least.x < 0.4 ? 0.2 : 0.1,
        axisLabel: { formatter: (value) => value.toFixed(1) },
      }),
      yAxis: axis(c, {
        type: "value",
        name: "区分度",
        nameTextStyle: { color: c.muted, fontSize: c.size, align: "right" },
        min: least.y,
        max: 1,
        interval: 0.2,
        axisLabel: { formatter: (value) => value.toFixed(1) },
      }),
      series: [
        {
          type: "scatter",
          data: groups.map(({ place }) => place),
          symbolSize: (_, { dataIndex }) => 9 + 3 * Math.sqrt(groups[dataIndex].group.reduce((sum, i) => sum + i.points, 0)),
          itemStyle: {
            color: ({ dataIndex }) => colours[MOODS[groups[dataIndex].group[0].verdict]] ?? c.series[3],
            opacity: 0.8,
          },
          cursor: "pointer",
          label: {
            show: true,
            position: "top",
            distance: 3,
            color: c.text,
            fontSize: c.size,
            formatter: ({ dataIndex }) => groups[dataIndex].group.map((i) => short(i.id)).join("、"),
          },
          labelLayout: { hideOverlap: true },
          markLine: {
            silent: true,
            symbol: "none",
            lineStyle: { color: c.series[3], type: "dashed", width: 1 },
            label: { formatter: "0.2", color: c.muted, fontSize: c.size - 1, position: "end" },
            data: [{ yAxis: 0.2 }],
          },
        },
      ],
    },
    {
      caption: "难度与区分度",
      head: ["题号", "题目", "人数", "难度", "题总相关", "区分度", "评语"],
      rows: data.items.map((i) => [
        i.id, i.title, i.n, two(i.difficulty), two(i.correlation), two(i.discrimination), i.verdict || "—",
      ]),
    },
  ];
}

function timeChart(data, main) {
  const c = look();
  const { bins } = data.timing;
  return [
    {
      grid: { left: 3 * c.size, right: 8, top: 22, bottom: 26 },
      tooltip: { trigger: "item", formatter: ({ name, value }) => `${name}：${people(value)}` },
      xAxis: axis(c, {
        type: "category",
        data: bins.map((bin) => bin.label),
        axisLabel: { interval: 0, fontSize: c.size - 1 },
      }),
      yAxis: axis(c, { type: "value", splitNumber: 3, minInterval: 1 }),
      series: [
        {
          type: "bar",
          data: bins.map((bin, i) => ({
            value: bin.n,
            itemStyle: {
              color: i === bins.length - 1 ? c.series[2] : main,
              opacity: c.solid,
              borderRadius: [4, 4, 0, 0],
            },
          })),
          barMaxWidth: 40,
          label: { show: true, position: "top", color: c.text, fontSize: c.size, formatter: ({ value }) => value || "" },
        },
      ],
    },
    { caption: "提交时间", head: ["离截止", "人数"], rows: bins.map((bin) => [bin.label, bin.n]) },
  ];
}

/** One dialog for whatever is looked at more closely. */
function closerLook() {
  const title = h("h2", { tabindex: "-1" });
  const body = h("div", { class: "body", tabindex: "0", role: "region", "aria-label": "内容" });
  const dialog = h(
    "dialog",
    { class: "closer", "aria-label": "详细", "data-testid": "closer" },
    h("div", { class: "closer-head" }, title, h("form", { method: "dialog" }, h("button", { class: "plain" }, "关闭"))),
    body,
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return {
    node: dialog,
    show(words, ...content) {
      title.textContent = words;
      dialog.setAttribute("aria-label", words);
      body.replaceChildren(...content.flat(3));
      body.scrollTop = 0;
      if (!dialog.open) dialog.showModal();
    },
    close: () => dialog.open && dialog.close(),
  };
}

function table(head, rows, numeric = []) {
  const cell = (tag, value, i, extra) => h(tag, { ...extra, class: numeric.includes(i) ? "number" : null }, String(value));
  return h(
    "table",
    { class: "rows" },
    h("thead", null, h("tr", null, head.map((name, i) => cell("th", name, i, { scope: "col" })))),
    h("tbody", null, rows.map((row) => h("tr", null, row.map((value, i) => cell("td", value, i))))),
  );
}

const itemTable = (data) =>
  table(
    ["题号", "题目", "满分", "人数", "难度", "题总相关", "前 27%", "后 27%", "区分度", "评语", "没作答"],
    data.items.map((i) => [
      i.id, i.title, i.points, i.n, two(i.difficulty), two(i.correlation), two(i.upper), two(i.lower),
      two(i.discrimination), i.verdict || (i.n ? "人数太少" : "还没有批改"), i.empty,
    ]),
    [2, 3, 4, 5, 6, 7, 8, 10],
  );

const nothing = (words) => h("li", { class: "nothing" }, words);
const chip = (kind, ...words) => h("span", { class: `chip ${kind}` }, words);

function mistakeRows(data, closer) {
  if (!data.mistakes.length) return [nothing("没有失分的题")];
  return data.mistakes.map((m) =>
    h(
      "li",
      null,
      h(
        "button",
        {
          type: "button",
          "data-mistake": m.item,
          onclick: () =>
            closer.show(
              `${m.item} ${m.title}`,
              h("p", { class: "lead" }, m.hint),
              h("p", { class: "muted" }, `${people(m.n)}，占做了这一题的 ${percent(m.share, 0)}；${m.recognised ? "评分程序认得的典型错误" : "没有认出原因，这是一般提示"}`),
              h("ul", { class: "people" }, m.students.map((name) => h("li", null, name))),
            ),
        },
        chip(m.recognised ? "known" : "", short(m.item)),
        h("span", { class: "words" }, m.hint),
        h("b", null, people(m.n)),
        h("i", { class: "bar", style: `width:${Math.round(100 * m.share)}%`, "aria-hidden": "true" }),
      ),
    ),
  );
}

function stuckRows(data, closer) {
  if (!data.stuck.length) return [nothing("没有需要特别关注的学生")];
  return data.stuck.map((s) =>
    h(
      "li",
      null,
      h(
        "button",
        {
          type: "button",
          "data-stuck": s.item,
          onclick: () =>
            closer.show(
              `${s.student}${s.id ? `（${s.id}）` : ""}`,
              h("p", { class: "lead" }, `从 ${s.item} ${s.title} 起：${s.reasons.join("、")}`),
              table(["情况", "题数", "题号"], [
                ["没有作答", s.missing.length, s.missing.join("、") || "—"],
                ["作答了但没有得分", s.failed.length, s.failed.join("、") || "—"],
              ], [1]),
            ),
        },
        h("span", { class: "who" }, s.student),
        h("span", { class: "words" }, `${s.item} 起`),
        s.reasons.map((reason) => chip("warn", reason)),
      ),
    ),
  );
}

const clues = (hint) => [
  hint.code !== null && chip("code", `代码 ${percent(hint.code, 0)}`),
  hint.text !== null && chip("text", `文字 ${percent(hint.text, 0)}`),
  hint.foreign > 0 && chip("answer", `答案 ${hint.foreign} 题`),
];

function likenessRows(data, open) {
  const { checked, hints, compared } = data.likeness;
  if (!checked) return [nothing("还没有比较过。在终端运行 autograder similar，再刷新这一页。")];
  if (!hints.length) return [nothing(`比较了 ${compared} 份，没有需要看的。`)];
  return hints.map((hint) =>
    h(
      "li",
      null,
      h(
        "button",
        { type: "button", "data-hint": hint.number, onclick: () => open(hint) },
        h("span", { class: "words pair-names" }, `${hint.a} · ${hint.b}`),
        clues(hint),
      ),
    ),
  );
}

function excerpt(part, name) {
  const lines = part.text.split("\n").map((line, i) =>
    h("div", { class: "line" }, h("span", { class: "line-number", "aria-hidden": "true" }, part.first + i), h("code", null, line)),
  );
  const where = `${part.cell}，第 ${part.first}${part.last > part.first ? `–${part.last}` : ""} 行`;
  return h("figure", null, h("figcaption", null, h("b", null, name), ` ${where}`), h("div", { class: "source" }, lines));
}

function pairContent(pair) {
  const [a, b] = [pair.a + (pair.id_a ? `（${pair.id_a}）` : ""), pair.b + (pair.id_b ? `（${pair.id_b}）` : "")];
  return [
    h("p", { class: "caution" }, pair.caution),
    h("p", { class: "chips" }, clues({ ...pair, foreign: pair.answers.length }), pair.passages.length ? h("span", { class: "muted" }, `共同片段里逐字相同 ${percent(pair.verbatim, 0)}，其余只是改了名字或写法`) : null),
    pair.answers.length > 0 && [
      h("h3", null, "对不上自己的数据，却与另一位同学有关的答案"),
      h(
        "ul",
        { class: "answers" },
        pair.answers.map((x) =>
          h("li", null, h("b", null, `${x.item} ${x.title}`), `：${x.student} 交的，${x.fits ? `恰好是 ${x.owner} 的数据算出的答案` : `与 ${x.owner} 交的每个值都相同`}`),
        ),
      ),
    ],
    pair.comments.length > 0 && [
      h("h3", null, "只有这两份作业里有的注释"),
      h("ul", { class: "answers" }, pair.comments.map((words) => h("li", null, words))),
    ],
    pair.passages.length > 0 && h("h3", null, "共同片段"),
    pair.passages.map((p) => h("div", { class: "passage" }, excerpt(p.a, a), excerpt(p.b, b))),
  ].filter(Boolean);
}

function render({ model, el }) {
  const call = rpc(model);
  const options = model.get("options");
  const title = h("h1");
  const subtitle = h("p", { class: "subtitle" });
  const live = h("p", { class: "sr-only", "aria-live": "polite" });
  const controls = [
    segments(model, "names", "姓名", NAMES),
    dropDown(model, "lab", "实验", () => options.labs),
  ];
  const notes = definitions("口径说明", "这一页的数是怎么算的", () => options.definitions);
  const closer = closerLook();

  const cards = h("ul", { class: "cards", "aria-label": "关键指标" });
  const spread = chart("得分分布");
  const items = chart("难度与区分度", () => showItems());
  const times = chart("提交时间");
  const charts = [spread, items, times];
  const spreadNote = h("small");
  const timeNote = h("small");
  const list = (label) => h("ul", { class: "list", "aria-label": label });
  const [mistakes, stuck, likeness] = [list("常见错误"), list("需要关注的学生"), list("相似提示")];
  const showItems = () => closer.show("逐题数据", itemTable(model.get("data")));
  const more = h("button", { type: "button", class: "more", "data-testid": "items", onclick: showItems }, "逐题数据");
  const openPair = async (hint) => {
    try {
      const pair = await call("pair", { number: hint.number });
      closer.show(`${pair.a} · ${pair.b}`, pairContent(pair));
    } catch (error) {
      closer.show("没有打开", h("p", { class: "lead" }, error.message));
    }
  };
  const stale = h("small", { class: "stale" });

  const page = root(
    el,
    "marks",
    h("header", null, h("div", { class: "heading" }, title, subtitle), controls.map((c) => c.node), notes.node),
    cards,
    h(
      "div",
      { class: "panels" },
      panel("spread", "得分分布", spreadNote, spread.node),
      panel("items", "难度与区分度", [h("small", null, "点的大小是分值；虚线以下分不出高低"), more], items.node),
      panel("mistakes", "常见错误", h("small", null, "点开看是谁"), mistakes),
      panel("times", "提交时间", timeNote, times.node),
      panel("stuck", "需要关注的学生", h("small", null, "停下来了，或接连没有得分"), stuck),
      panel("likeness", "相似提示", [h("small", null, "提示，不是结论；点开并排对照"), stale], likeness),
    ),
    h("footer", null, "只供老师使用。难度、区分度按经典测量理论计算，人数少时只作参考；见口径说明。"),
    closer.node,
    live,
  );
  page.classList.add("board");

  const draw = () => {
    const data = model.get("data");
    const main = getComputedStyle(page).getPropertyValue("--accent").trim() || "#0f766e";
    title.textContent = `${data.title} · 班级分析`;
    subtitle.textContent = `满分 ${data.points} 分，${people(data.spread.n)}有成绩${data.names ? "" : "；姓名已隐藏，可以投影"}`;
    cards.replaceChildren(...data.cards.map(card));
    spreadNote.textContent = data.spread.n ? `横轴：得分率（%）；最低 ${data.spread.lowest.toFixed(1)} 分，最高 ${data.spread.highest.toFixed(1)} 分` : "还没有成绩";
    const timed = data.timing.bins.length > 0;
    timeNote.textContent = timed ? `截止 ${data.timing.due}；${data.timing.late ? `${people(data.timing.late)}迟交` : "没有人迟交"}` : data.timing.known ? "没有设截止时间" : "作业里没有时间戳";
    spread.draw(...spreadChart(data, main));
    items.draw(...itemChart(data, main));
    times.draw(...timeChart(data, main));
    times.node.hidden = !timed;
    mistakes.replaceChildren(...mistakeRows(data, closer));
    stuck.replaceChildren(...stuckRows(data, closer));
    likeness.replaceChildren(...likenessRows(data, openPair));
    stale.textContent = data.likeness.checked && !data.likeness.current ? "成绩有变化，请重新运行 autograder similar" : "";
    page.dataset.view = `${data.lab} ${data.names ? "shown" : "hidden"}`;
  };
  const wait = () => {
    closer.close();
    page.setAttribute("aria-busy", "true");
  };
  draw();
  const stops = [
    watch(model, ["lab", "names"], wait),
    watch(model, ["data"], () => {
      page.removeAttribute("aria-busy");
      draw();
      live.textContent = `已更新：${title.textContent}`;
    }),
    onLook(draw),
    onPrint(page, charts, draw),
    ...controls.map((c) => c.close),
    ...charts.map((c) => c.close),
    call.close,
  ];
  return () => stops.forEach((stop) => stop());
}

export default { render };
