// A quiz: shows questions and marks that crmkit/ui/quiz.py gives, and sends answers there.

import { h, root, watch } from "./lib/dom.js";
import { freshId } from "./lib/ids.js";
import { answerControl } from "./lib/question.js";
import { rpc } from "./lib/rpc.js";

const DRAFT_DELAY = 300; // ms after the last change
const SIGNS = { right: "✓", partly: "◐", wrong: "✗", missing: "○" };
const STATES = { right: "正确", partly: "部分正确", wrong: "不正确", missing: "未作答" };

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function grid({ columns, rows }) {
  return h(
    "div",
    { class: "grid", tabindex: "0", role: "group", "aria-label": "题目给出的数据" },
    h(
      "table",
      null,
      h("thead", null, h("tr", null, columns.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", null, rows.map((row) => h("tr", null, row.map((cell) => h("td", null, cell))))),
    ),
  );
}

/** One question: its control, its feedback and its mark in the row of numbers. */
function block(question, place, uid, onChange) {
  const stemId = `${uid}-stem-${place}`;
  const feedbackId = `${uid}-feedback-${place}`;
  const labelled = { "aria-labelledby": stemId, "aria-describedby": feedbackId };
  const inStem = question.kind === "fill";
  const control = answerControl(question, () => onChange(), labelled);
  const feedback = h("div", { class: "feedback", id: feedbackId });
  const tags = h(
    "span",
    { class: "tags" },
    h("span", { class: "tag" }, question.label),
    h("span", { class: "tag", title: "教学大纲对这部分内容的要求" }, question.level),
    question.inferred &&
      h("span", { class: "tag inferred", title: "原资料不完整，这里按上下文推断；解析里有说明" }, "推断"),
  );
  const stem = h(
    "div",
    { class: "stem" },
    h("span", { id: stemId }, inStem ? control.node : question.stem),
    tags,
  );
  // A gap would else be named by the whole stem that it stands in.
  if (inStem) control.node.removeAttribute("aria-labelledby");
  const node = h(
    "section",
    { class: "question", "data-question": question.id, "data-kind": question.kind, tabindex: "-1" },
    h("span", { class: "bubble", "aria-hidden": "true" }, place),
    h(
      "div",
      { class: "body" },
      h("h4", { class: "sr-only" }, `第 ${place} 题`),
      question.case && h("p", { class: "case" }, question.case),
      question.grid && grid(question.grid),
      stem,
      !inStem && control.node,
      feedback,
    ),
  );
  const chip = h(
    "button",
    {
      type: "button",
      class: "chip",
      onclick: () => {
        node.scrollIntoView({ block: "nearest" });
        (node.querySelector("input:checked, input, select, button") ?? node).focus({ preventScroll: true });
      },
    },
    h("span", null, place),
  );

  const drawChip = (status) => {
    const answered = control.get() !== null;
    chip.dataset.state = status ?? (answered ? "answered" : "empty");
    chip.setAttribute("aria-label", `第 ${place} 题，${STATES[status] ?? (answered ? "已作答" : "未作答")}`);
  };
  return {
    id: question.id,
    place,
    node,
    chip,
    control,
    drawChip,
    drawMark(mark, stale) {
      const status = mark?.status;
      node.dataset.status = status ?? "";
      node.classList.toggle("stale", stale);
      drawChip(stale ? undefined : status);
      control.mark(stale || !mark ? [] : mark.parts, stale ? undefined : status);
      feedback.replaceChildren(
        ...(mark
          ? [
              h(
                "p",
                { class: "verdict" },
                h("b", null, `${SIGNS[status]} ${mark.message}`),
                stale && h("small", null, "答案改过了，提交后重新判分。"),
              ),
              mark.notes.length &&
                h("ul", null, mark.notes.map(([about, why]) => h("li", null, h("q", null, about), why))),
              mark.why && h("p", { class: "why" }, h("b", null, "解析"), mark.why),
            ].filter(Boolean)
          : []),
      );
    },
  };
}

function render({ model, el }) {
  const uid = freshId("quiz");
  const call = rpc(model);
  const questions = model.get("items");
  let timer = null;
  let sending = 0;
  let submitted = {}; // answers that the shown marks belong to

  const answers = () =>
    Object.fromEntries(blocks.map(({ id, control }) => [id, control.get()]).filter(([, answer]) => answer !== null));

  const progress = h("span", { class: "done", "data-testid": "done" });
  const score = h("p", { class: "score", role: "status", "data-testid": "score" });
  const trouble = h("p", { class: "trouble", role: "alert", "data-testid": "trouble" });
  const submit = h("button", { type: "button", class: "submit", "data-testid": "submit" }, "提交");
  const again = h("button", { type: "button", class: "plain", "data-testid": "retry" }, "清空没做对的题");
  const blocks = questions.map((question, i) => block(question, i + 1, uid, () => changed(blocks[i])));

  const drawProgress = () => {
    const done = blocks.filter(({ control }) => control.get() !== null).length;
    progress.textContent = `已答 ${done} / ${blocks.length}`;
  };
  const drawMarks = () => {
    const marks = model.get("marks");
    for (const one of blocks) {
      const mark = marks[one.id];
      one.drawMark(mark, Boolean(mark) && !same(one.control.get(), submitted[one.id] ?? null));
    }
    const { score: points, total, right, partly, wrong, missing, tries } = model.get("summary");
    const parts = [
      [right, `对 ${right} 题`],
      [partly, `部分对 ${partly} 题`],
      [wrong, `错 ${wrong} 题`],
      [missing, `未答 ${missing} 题`],
    ].filter(([count]) => count);
    score.replaceChildren(
      ...(total
        ? [h("b", null, `得分 ${points} / 100`), `　共 ${total} 题：${parts.map(([, text]) => text).join("，")}${tries ? `　第 ${tries} 次提交` : ""}`]
        : ["做完再提交，每题都会说明对错的道理；可以多次提交。"]),
    );
    again.hidden = !total || right === total;
  };
  const say = (text) => {
    trouble.textContent = text;
    trouble.hidden = !text;
  };
  const drawNotice = () => say(model.get("notice"));

  const send = async (method, params) => {
    clearTimeout(timer);
    timer = null;
    sending += 1;
    try {
      await call(method, params);
      drawNotice();
    } catch (error) {
      say(error.message);
    } finally {
      sending -= 1;
    }
  };
  const changed = (one) => {
    const mark = model.get("marks")[one.id];
    one.drawMark(mark, Boolean(mark) && !same(one.control.get(), submitted[one.id] ?? null));
    drawProgress();
    clearTimeout(timer);
    timer = setTimeout(() => send("draft", { answers: answers() }), DRAFT_DELAY);
  };
  /** Answers that changed elsewhere: another view of this quiz, or emptied by Python. */
  const take = () => {
    if (timer !== null || sending > 1) return; // what is typed here is newer
    const given = model.get("given");
    for (const { id, control } of blocks) {
      if (!same(control.get(), given[id] ?? null) && !control.node.contains(document.activeElement)) {
        control.set(given[id]);
      }
    }
    drawProgress();
  };

  submit.addEventListener("click", async () => {
    if (submit.getAttribute("aria-disabled")) return;
    submit.setAttribute("aria-disabled", "true");
    submitted = answers();
    await send("submit", { answers: submitted });
    submit.removeAttribute("aria-disabled");
  });
  again.addEventListener("click", async () => {
    await send("retry", {});
    const marks = model.get("marks");
    const given = model.get("given");
    for (const { id, control } of blocks) control.set(given[id]);
    submitted = { ...given };
    drawMarks();
    drawProgress();
    blocks.find(({ id }) => !marks[id])?.chip.click();
  });

  for (const { id, control } of blocks) {
    const given = model.get("given")[id];
    if (given !== undefined) control.set(given);
  }
  submitted = { ...model.get("given") };
  root(
    el,
    "quiz",
    h(
      "div",
      { class: "top" },
      h("h3", null, model.get("heading")),
      progress,
      h("div", { class: "chips", role: "group", "aria-label": "题号" }, blocks.map(({ chip }) => chip)),
    ),
    blocks.map(({ node }) => node),
    h("div", { class: "bottom" }, submit, score, again, trouble),
  );
  drawMarks();
  drawProgress();
  drawNotice();
  const stop = [
    watch(model, ["marks", "summary"], drawMarks),
    watch(model, ["given"], take),
    watch(model, ["notice"], drawNotice),
  ];
  return () => {
    clearTimeout(timer);
    call.close();
    for (const end of stop) end();
  };
}

export default { render };
