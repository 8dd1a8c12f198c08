// A quiz round on the projector: draws what crmkit/ui/quiz_round.py holds. Only the countdown runs here.

import { h, root, watch } from "./lib/dom.js";
import { freshId } from "./lib/ids.js";
import { rpc } from "./lib/rpc.js";

const SHORT_OPTION = 18; // characters up to which options stand two in a row
const LARGEST = 42; // px of the type of a question; it shrinks until the question fits
const SMALLEST = 17;
const LAST_SECONDS = 5;
const MOST_DOTS = 20; // a longer round shows its place as a number only
const KEYS = [
  ["→　PageDown", "下一题"],
  ["←　PageUp", "上一题"],
  ["空格", "公布答案，再按一次收起"],
  ["1 – 6", "给这一组加 1 分"],
  ["Shift + 1 – 6", "减 1 分"],
  ["T", "倒计时开始、暂停"],
];

const button = (text, attributes) => h("button", { type: "button", ...attributes }, text);

function grid({ columns, rows }) {
  return h(
    "div",
    { class: "grid" },
    h(
      "table",
      { "aria-label": "题目给出的数据" },
      h("thead", null, h("tr", null, columns.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", null, rows.map((row) => h("tr", null, row.map((cell) => h("td", null, cell))))),
    ),
  );
}

const because = (text) => text && h("span", { class: "because" }, text);

// ---------------------------------------------------------------- a question and, once revealed, its key

function choices(question, key) {
  const two = !key?.options && question.options.every(({ text }) => text.length <= SHORT_OPTION);
  return h(
    "ol",
    { class: `choices ${two ? "two" : ""}` },
    question.options.map(({ key: letter, text }, i) => {
      const found = key?.options?.[i];
      const sign = question.kind === "truefalse" ? "" : letter;
      return h(
        "li",
        { class: found ? (found.right ? "is-right" : "is-wrong") : "" },
        h("b", null, sign || (letter ? "✓" : "✗")),
        h("span", null, text, found?.right && h("em", null, "　✓ 正确"), because(found?.why)),
      );
    }),
  );
}

function pairs(question, key) {
  if (key.pairs) {
    return [
      h(
        "ul",
        { class: "pairs" },
        key.pairs.map(({ left, right, why }) =>
          h("li", null, h("span", null, left), h("b", null, `→ ${right}`), because(why)),
        ),
      ),
      key.extra.map(({ text, why }) => h("p", { class: "extra" }, h("b", null, `「${text}」不选`), because(why))),
    ];
  }
  return h(
    "div",
    { class: "columns" },
    h("ol", { class: "lefts" }, question.lefts.map((left) => h("li", null, left))),
    h("ul", { class: "rights", "aria-label": "可选的" }, question.rights.map((right) => h("li", null, right))),
  );
}

const steps = (question, key) =>
  key.steps
    ? h("ol", { class: "steps known" }, key.steps.map(({ text, why }) => h("li", null, h("span", null, text, because(why)))))
    : h("ul", { class: "steps" }, question.items.map((text) => h("li", null, h("span", null, text))));

const numbers = (question, key) =>
  h(
    "ul",
    { class: "numbers" },
    question.asks.map(({ label, unit }, i) =>
      h(
        "li",
        null,
        h("span", null, label),
        key.numbers ? h("b", null, `${key.numbers[i].value} ${unit}`) : h("i", null, `＿＿＿＿ ${unit}`),
      ),
    ),
  );

const gaps = (question, key) =>
  question.stem.flatMap((text, i) =>
    i === question.stem.length - 1
      ? [text]
      : [text, key.blanks ? h("b", { class: "gap filled" }, key.blanks[i]) : h("span", { class: "gap" }, `（${i + 1}）`)],
  );

const BODIES = { single: choices, multi: choices, truefalse: choices, match: pairs, order: steps, numeric: numbers };

function sheet(question, key) {
  const known = Boolean(key.why);
  const inStem = question.kind === "fill";
  return [
    question.case && h("p", { class: "case" }, question.case),
    question.grid && grid(question.grid),
    h("h2", { class: "stem" }, inStem ? gaps(question, key) : question.stem),
    inStem ? key.order_free && h("p", { class: "extra" }, "各空不分先后。") : BODIES[question.kind](question, key),
    known && h("p", { class: "why" }, h("b", null, "解析"), key.why),
  ];
}

// ---------------------------------------------------------------- the countdown

function countdown(say) {
  const face = button("", { class: "clock", hidden: true, onclick: () => toggle() });
  let left = 0; // seconds
  let end = null; // when it runs: the moment it is over
  let timer = null;
  const draw = () => {
    const seconds = Math.max(0, Math.ceil(end === null ? left : (end - performance.now()) / 1000));
    const state = seconds === 0 ? "over" : end === null ? "paused" : "running";
    face.textContent = seconds ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "时间到";
    face.dataset.state = state;
    face.classList.toggle("soon", seconds <= LAST_SECONDS);
    face.setAttribute("aria-label", `倒计时 ${face.textContent}${seconds ? (state === "running" ? "，点一下暂停" : "，点一下继续") : ""}`);
    if (seconds === 0 && end !== null) {
      stop();
      left = 0;
      say("时间到");
    }
  };
  const stop = () => {
    clearInterval(timer);
    if (end !== null) left = Math.max(0, (end - performance.now()) / 1000);
    end = null;
  };
  const run = () => {
    end = performance.now() + left * 1000;
    clearInterval(timer);
    timer = setInterval(draw, 200);
    draw();
  };
  const toggle = () => {
    if (face.hidden || left <= 0) return;
    if (end === null) run();
    else {
      stop();
      draw();
    }
  };
  return {
    node: face,
    toggle,
    start(seconds) {
      stop();
      face.hidden = !seconds;
      left = seconds;
      if (seconds) run();
    },
    pause() {
      if (end === null) return;
      stop();
      draw();
    },
    close: () => clearInterval(timer),
  };
}

// ---------------------------------------------------------------- the choices before a round

function setup(model, change, begin, uid) {
  const field = (name, label, node) => {
    node.id = `${uid}-${name}`;
    node.dataset.testid = `choose-${name}`;
    return h("div", { class: `field ${name}` }, h("label", { for: node.id }, label), node);
  };
  const list = (name, label, options) => {
    const node = h(
      "select",
      { onchange: () => change({ [name]: node.value }) },
      model.get("options")[options].map(([value, text]) => h("option", { value }, text)),
    );
    node.value = String(model.get("chosen")[name]);
    return field(name, label, node);
  };
  const { available, fresh } = model.get("options");
  const n = h("input", {
    type: "number", min: "1", max: String(Math.max(1, available)), step: "1", value: model.get("chosen").n,
    onchange: () => change({ n: Math.max(1, Math.round(Number(n.value)) || 1) }),
  });
  const start = button("开始", { class: "primary start", id: `${uid}-start`, "data-testid": "start", onclick: begin });
  start.disabled = !available;
  const few = available < model.get("chosen").n;
  return [
    h("h1", null, "课堂测验"),
    h("p", { class: "lead" }, "一题占满一屏，全班一起答，答完公布答案和道理；会的组加分，最后按节小结。"),
    h(
      "div",
      { class: "fields" },
      list("chapter", "章", "chapters"),
      list("section", "节", "sections"),
      list("kind", "题型", "kinds"),
      list("level", "教学要求", "levels"),
      field("n", "出几题", n),
      list("seconds", "每题倒计时", "seconds"),
      list("teams", "分组", "teams"),
    ),
    h(
      "div",
      { class: "begin" },
      start,
      h(
        "p",
        { role: "status", "data-testid": "available" },
        available
          ? [`符合条件的有 ${available} 题`, fresh < available && `，其中 ${fresh} 题还没有问过`, few && `；这一轮出 ${available} 题`, "。"]
          : "这样选没有题目，请放宽条件。",
      ),
    ),
    h("dl", { class: "keys", "aria-label": "键盘" }, KEYS.map(([key, what]) => h("div", null, h("dt", null, key), h("dd", null, what)))),
  ];
}

// ---------------------------------------------------------------- the end

function ending({ asked, known, sections, totals, first, unknown, teams }) {
  const scored = teams.length > 0;
  return [
    h("h2", null, first.length ? `${first.join("、")}领先` : "这一轮小结"),
    h("p", { class: "lead" }, `一共问了 ${asked} 题`, scored && `，有小组得分的 ${known} 题`, "。"),
    h(
      "table",
      { class: "points", "data-testid": "points" },
      h(
        "thead",
        null,
        h("tr", null, ["节", "问了", ...(scored ? ["有组得分", ...teams] : [])].map((name) => h("th", { scope: "col" }, name))),
      ),
      h(
        "tbody",
        null,
        sections.map((row) =>
          h(
            "tr",
            null,
            h("th", { scope: "row" }, `${row.section}　${row.title}`),
            [row.asked, ...(scored ? [row.known, ...row.points] : [])].map((value) => h("td", null, String(value))),
          ),
        ),
      ),
      h(
        "tfoot",
        null,
        h(
          "tr",
          null,
          h("th", { scope: "row" }, "合计"),
          [asked, ...(scored ? [known, ...totals] : [])].map((value) => h("td", null, String(value))),
        ),
      ),
    ),
    unknown.length > 0 && [
      h("h3", null, "没有组得分的题，值得再讲"),
      h("ul", { class: "unknown" }, unknown.map(({ place, section, kind, stem }) => h("li", null, h("b", null, `第 ${place} 题　${section}　${kind}`), stem))),
    ],
  ];
}

// ---------------------------------------------------------------- the page

function render({ model, el }) {
  const uid = freshId("round");
  const call = rpc(model);
  const live = h("p", { class: "sr-only", "aria-live": "polite" });
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const say = (text) => (live.textContent = text);
  const clock = countdown(say);
  const send = async (method, params) => {
    try {
      await call(method, params);
      trouble.hidden = true;
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
    }
  };

  const tags = h("p", { class: "tags" });
  const dots = h("ol", { class: "dots", "aria-label": "题目" });
  const count = h("p", { class: "count", "data-testid": "count" });
  const paper = h("div", { class: "sheet" });
  const stage = h("main", { class: "stage", tabindex: "-1" }, paper);
  const teams = h("ul", { class: "teams", "aria-label": "各组得分" });
  const back = button("上一题", { "data-testid": "back", onclick: () => send("go", { place: model.get("place") - 1 }) });
  const reveal = button("公布答案", { class: "primary", "data-testid": "reveal", onclick: () => send("reveal", { shown: !model.get("key").why }) });
  const next = button("下一题", { "data-testid": "next", onclick: () => send("go", { place: model.get("place") + 1 }) });
  const end = button("小结", { class: "quiet", "data-testid": "end", onclick: () => send("end") });
  const head = h("header", null, tags, dots, clock.node, count);
  const foot = h("footer", null, teams, h("div", { class: "moves" }, back, reveal, next, end));

  const page = root(el, "quiz_round", head, trouble, stage, foot, live);
  page.tabIndex = -1;

  /** As large as fits; a question that does not fit at the smallest size scrolls. */
  const fit = () => {
    if (model.get("phase") !== "question" || !stage.clientHeight) return;
    let size = Math.min(LARGEST * Math.max(1, window.innerWidth / 1366), stage.clientWidth / 26);
    for (; size > SMALLEST; size *= 0.95) {
      page.style.setProperty("--size", `${size.toFixed(1)}px`);
      if (paper.scrollHeight <= stage.clientHeight && paper.scrollWidth <= stage.clientWidth) return;
    }
    page.style.setProperty("--size", `${SMALLEST}px`);
  };

  const drawScores = () => {
    const focused = teams.contains(document.activeElement) ? document.activeElement.dataset.team : null;
    teams.replaceChildren(
      ...model.get("scores").map(({ name, total, here }, i) =>
        h(
          "li",
          { "data-team": i, class: here ? "scored" : "" },
          h("span", { class: "name" }, name),
          h("b", { "aria-label": `${total} 分` }, String(total)),
          button("＋", { class: "add", "aria-label": `${name}加 1 分`, "data-team": `${i}+`, onclick: () => send("award", { team: i }) }),
          button("−", {
            class: "less", "aria-label": `${name}减 1 分`, "data-team": `${i}-`, disabled: !here && "",
            onclick: () => send("award", { team: i, points: -1 }),
          }),
        ),
      ),
    );
    if (focused) (teams.querySelector(`button[data-team="${focused}"]:enabled`) ?? stage).focus();
  };
  const drawDots = () => {
    const place = model.get("place");
    dots.classList.toggle("none", model.get("marks").length > MOST_DOTS);
    dots.replaceChildren(
      ...model.get("marks").map((mark, i) =>
        h("li", null, button(String(i + 1), {
          class: `dot ${mark}`, "aria-current": i === place ? "step" : null,
          "aria-label": `第 ${i + 1} 题${mark === "known" ? "，有组得分" : mark ? "，问过" : ""}`,
          onclick: () => send("go", { place: i }),
        })),
      ),
    );
  };
  let drawn = "";
  const drawQuestion = () => {
    const question = model.get("question");
    const key = model.get("key");
    const total = model.get("marks").length;
    const place = model.get("place");
    const known = Boolean(key.why);
    tags.replaceChildren(
      ...[question.section, question.label, question.level, question.inferred && "推断"].filter(Boolean).map((text) => h("span", null, text)),
    );
    count.replaceChildren(h("b", null, String(place + 1)), ` / ${total}`);
    paper.replaceChildren(...sheet(question, key).flat(9).filter(Boolean));
    reveal.textContent = known ? "收起答案" : "公布答案";
    reveal.setAttribute("aria-pressed", String(known));
    next.textContent = place + 1 < total ? "下一题" : "小结";
    end.hidden = place + 1 >= total;
    back.disabled = place === 0;
    page.dataset.question = question.id;
    page.dataset.revealed = String(known);
    fit();
    if (known) {
      clock.pause();
      say(`答案已公布。${key.why}`);
    } else if (drawn !== question.id) {
      clock.start(model.get("chosen").seconds);
      say(`第 ${place + 1} 题，共 ${total} 题`);
    }
    if (drawn !== question.id) {
      stage.scrollTop = 0;
      stage.focus({ preventScroll: true });
    }
    drawn = question.id;
  };
  const draw = () => {
    const phase = model.get("phase");
    page.dataset.phase = phase;
    head.hidden = foot.hidden = phase !== "question";
    if (phase === "question") {
      drawScores();
      drawDots();
      drawQuestion();
      return;
    }
    drawn = "";
    clock.start(0);
    if (phase === "setup") {
      const focused = paper.contains(document.activeElement) ? document.activeElement.id : "";
      paper.replaceChildren(...setup(model, (settings) => send("choose", { settings }), () => send("start"), uid).filter(Boolean));
      if (focused) page.querySelector(`#${focused}`)?.focus();
    } else {
      paper.replaceChildren(
        ...ending(model.get("summary")).flat(9).filter(Boolean),
        h(
          "div",
          { class: "moves" },
          button("再来一轮", { class: "primary", "data-testid": "again", onclick: () => send("again") }),
          button("回到最后一题", { onclick: () => send("go", { place: model.get("place") }) }),
        ),
      );
      stage.focus({ preventScroll: true });
    }
  };
  let waiting = false;
  /** Several traits change together: draw once. */
  const soon = () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      draw();
    });
  };

  const onKey = (event) => {
    if (model.get("phase") !== "question" || event.ctrlKey || event.altKey || event.metaKey) return;
    const pressed = event.target.closest?.("button");
    const team = /^(?:Digit|Numpad)([1-6])$/.exec(event.code);
    const place = model.get("place");
    if (event.key === "ArrowRight" || event.key === "PageDown") send("go", { place: place + 1 });
    else if (event.key === "ArrowLeft" || event.key === "PageUp") {
      if (place > 0) send("go", { place: place - 1 });
    } else if (event.key === " " && !pressed) send("reveal", { shown: !model.get("key").why });
    else if (team && Number(team[1]) <= model.get("scores").length) send("award", { team: team[1] - 1, points: event.shiftKey ? -1 : 1 });
    else if (event.key.toLowerCase() === "t") clock.toggle();
    else return;
    event.preventDefault();
  };
  page.addEventListener("keydown", onKey);
  const alone = "voila" in document.body.dataset; // the whole page is the quiz: keys count wherever the focus is
  const elsewhere = (event) => {
    if (event.target === document.body) onKey(event);
  };
  if (alone) document.addEventListener("keydown", elsewhere);
  const sizes = new ResizeObserver(fit);
  sizes.observe(stage);

  draw();
  const stop = watch(model, ["phase", "options", "chosen", "question", "key", "place", "marks", "scores", "summary"], soon);
  return () => {
    stop();
    call.close();
    clock.close();
    sizes.disconnect();
    document.removeEventListener("keydown", elsewhere);
  };
}

export default { render };
