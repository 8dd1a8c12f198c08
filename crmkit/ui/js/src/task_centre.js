// The task centre: draws the outline that crmkit/ui/task_centre.py read from syllabus and disk.

import { addresses } from "./lib/address.js";
import { segments } from "./lib/controls.js";
import { assign, h, root, watch } from "./lib/dom.js";

const CHOICE = "crmkit.timetable";
const DIGITS = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
const ordinal = (n) => (n <= 10 ? DIGITS[n] : `十${DIGITS[n - 10]}`);

/** What the reader chose last time; the kernel forgets it when the page is closed. */
const memory = {
  get: () => {
    try {
      return window.localStorage.getItem(CHOICE);
    } catch {
      return null; // storage is switched off
    }
  },
  set: (value) => {
    try {
      window.localStorage.setItem(CHOICE, value);
    } catch {
      // storage is switched off: the choice lasts as long as the page
    }
  },
};

const link = (href, text, label, primary = false) =>
  h("a", { class: primary ? "go primary" : "go", href, target: "_blank", rel: "noopener", "aria-label": label }, text);

/**
 * An entry that can be searched: `text` is all one may look for, `open` says it has a link; the
 * `teaching` of a lab is one of the six kinds of teaching.
 */
function entry(node, text, open, kind) {
  return { node, text: text.toLowerCase(), open: Boolean(open), kind };
}

function requirementList(chapter, levels) {
  return h(
    "dl",
    { class: "levels" },
    levels
      .filter((level) => chapter.requirements[level]?.length)
      .reverse()
      .map((level) => [
        h("dt", { class: `level level-${levels.indexOf(level)}` }, level),
        h("dd", null, chapter.requirements[level].join("；")),
      ]),
  );
}

function chapterRow(chapter, data, to, opened) {
  const counts = data.levels.map((level, i) =>
    h(
      "span",
      { class: `level level-${i}`, title: `${level}：${(chapter.requirements[level] ?? []).join("；") || "无"}` },
      `${level} ${(chapter.requirements[level] ?? []).length}`,
    ),
  );
  const name = `第${ordinal(chapter.number)}章 ${chapter.title}`;
  const node = h(
    "li",
    { class: "chapter", "data-chapter": chapter.id },
    h(
      "details",
      { open: opened },
      h(
        "summary",
        null,
        h("span", { class: "number", "aria-hidden": "true" }, chapter.number),
        h(
          "span",
          { class: "what" },
          h("b", null, h("span", { class: "sr-only" }, `第${ordinal(chapter.number)}章 `), chapter.title),
          h("span", { class: "facts" }, h("span", { class: "hours" }, `${chapter.hours} 学时`), counts),
        ),
      ),
      h(
        "div",
        { class: "more" },
        requirementList(chapter, data.levels),
        h("p", null, h("b", null, "内容"), chapter.sections.map((section) => h("span", null, section))),
        h(
          "p",
          null,
          h("b", null, "重点"),
          chapter.key_points.join("；"),
          h("b", { class: "next" }, "难点"),
          chapter.difficult_points.join("；"),
          chapter.proposed && h("small", null, "（大纲未列，本课程拟定）"),
        ),
        chapter.labs.length > 0 && h("p", null, h("b", null, "实验"), chapter.labs.join("、")),
        h("p", null, h("b", null, "课程目标"), chapter.aims.join("；"), h("small", null, "（大纲未分到各章，本课程拟定）")),
      ),
    ),
    h(
      "div",
      { class: "links" },
      chapter.notebook
        ? [
            link(to.page(chapter.notebook), "阅读", `阅读${name}`),
            link(to.lab(chapter.notebook), "打开", `在 JupyterLab 打开${name}`, true),
          ]
        : h("span", { class: "absent" }, "尚无课件"),
    ),
  );
  const words = [name, ...chapter.sections, ...Object.values(chapter.requirements).flat(), ...chapter.key_points, ...chapter.labs];
  return entry(node, words.join(" "), chapter.notebook, "chapter");
}

function unitRow(unit) {
  const node = h(
    "li",
    { class: "chapter unit" },
    h(
      "div",
      { class: "summary" },
      h("span", { class: "number", "aria-hidden": "true" }, unit.number),
      h(
        "span",
        { class: "what" },
        h("b", null, h("span", { class: "sr-only" }, `单元${ordinal(unit.number)} `), unit.title),
        h("span", { class: "facts" }, `讲授 ${unit.lecture} · 实践 ${unit.practice} 学时`),
        h(
          "ol",
          { class: "tasks" },
          unit.tasks.map((task) =>
            h(
              "li",
              null,
              h(
                "details",
                null,
                h("summary", null, h("b", null, task.title), h("span", null, `${task.hours} 学时`)),
                task.columns.map(([name, what]) => h("p", null, h("b", null, name), what)),
              ),
            ),
          ),
        ),
      ),
    ),
  );
  const words = unit.tasks.flatMap((task) => [task.title, ...task.columns.map(([, what]) => what)]);
  return entry(node, [unit.title, ...words].join(" "), false, "unit");
}

function labRow(lab, data, to, current) {
  const cell = (timetable) =>
    h(
      "td",
      { class: timetable === current ? "hours now" : "hours" },
      lab.hours[timetable] ? String(lab.hours[timetable]) : h("span", { class: "absent" }, lab.no_hours[timetable]),
    );
  const node = h(
    "tr",
    { "data-lab": lab.id },
    h("td", null, h("span", { class: "code" }, lab.id)),
    h("th", { scope: "row" }, lab.title, h("small", null, data.lab_types[lab.type]), h("small", { class: "trains" }, lab.trains.join(" · "))),
    cell("48"),
    cell("64"),
    h(
      "td",
      { class: "links" },
      lab.notebook
        ? link(to.lab(lab.notebook), "打开", `在 JupyterLab 打开实验 ${lab.id} ${lab.title}`, true)
        : h("span", { class: "absent" }, "尚无"),
    ),
  );
  const words = [lab.id, lab.title, data.lab_types[lab.type], ...lab.trains, ...lab.chapters];
  return { ...entry(node, words.join(" "), lab.notebook, "lab"), teaching: lab.kind };
}

function steps(data, to) {
  const chapter = data.chapters.find((item) => item.notebook);
  const lab = data.labs.find((item) => item.notebook);
  const list = [
    [
      "读一章，边读边做",
      "讲解、图表和小测在同一页；改动代码再运行，看结果怎么变。",
      chapter && link(to.lab(chapter.notebook), `从第${ordinal(chapter.number)}章开始`, null, true),
    ],
    [
      "做实验，立刻知道对不对",
      "先填学号，数据是你自己的一份；每交一个答案，马上告诉你下一步该看哪里。",
      lab && link(to.lab(lab.notebook), `打开实验 ${lab.id}`, null, true),
    ],
    ["保存，交作业", "按 Ctrl+S 保存，把实验的 .ipynb 文件（和 out 文件夹）按老师的要求交上去。", null],
  ];
  return h(
    "ol",
    { class: "steps", "aria-label": "怎样开始" },
    list.map(([title, text, go], i) =>
      h("li", null, h("span", { class: "step", "aria-hidden": "true" }, i + 1), h("div", null, h("h2", null, title), h("p", null, text), go)),
    ),
  );
}

function render({ model, el }) {
  const data = model.get("outline");
  const to = addresses(model.get("here"));
  const remembered = memory.get();
  if (remembered in data.timetables && remembered !== model.get("timetable")) assign(model, "timetable", remembered);

  const choice = segments(
    model,
    "timetable",
    "课时安排",
    Object.entries(data.timetables).map(([value, { label }]) => ({ value, label })),
  );
  const subtitle = h("p", { class: "subtitle" });
  const search = h("input", {
    type: "search",
    placeholder: "搜索章节、知识点、实验……（按 / 键开始）",
    "aria-label": "搜索章节、知识点、实验",
    "data-testid": "search",
  });
  const onlyOpen = h("input", { type: "checkbox", "data-testid": "only-open" });
  const found = h("p", { class: "found", role: "status", "data-testid": "found" });
  const planHead = h("h2");
  const planList = h("ol", { class: "plan" });
  const labsHead = h("h2");
  const kinds = h(
    "select",
    { "aria-label": "教学种类", "data-testid": "kinds" },
    h("option", { value: "" }, "全部种类"),
    data.kinds.map((kind) => h("option", { value: kind }, kind)),
  );
  const labsNote = h(
    "p",
    { class: "note" },
    kinds,
    h("span", null, "实验名下面依次是教学种类、岗位、岗位任务、经营理念的一层；课程标准没有分到各个实验，由本课程拟定。"),
  );
  const labsBody = h("div", { class: "labs" });
  const boards = h("ul", { class: "boards" });
  let entries = [];
  let groups = [];
  let openBefore = null; // chapters that were unfolded before the search began

  const page = root(
    el,
    "task_centre",
    h(
      "header",
      null,
      h("div", { class: "heading" }, h("h1", null, data.title), subtitle),
      choice.node,
    ),
    steps(data, to),
    h(
      "div",
      { class: "tools" },
      search,
      h("label", { class: "check" }, onlyOpen, "只看可以打开的"),
      found,
    ),
    h(
      "div",
      { class: "columns" },
      h("section", { class: "panel", "data-testid": "plan" }, planHead, planList),
      h(
        "div",
        { class: "side" },
        data.dashboards.length > 0 &&
          h("section", { class: "panel", "data-testid": "boards" }, h("h2", null, "看板", h("small", null, "课堂投影用，打开就是整页")), boards),
        h("section", { class: "panel", "data-testid": "labs" }, labsHead, labsNote, labsBody),
      ),
    ),
  );

  /** While a search lasts its finds are unfolded, so that one sees why they were found. */
  const unfold = (searching) => {
    const all = [...planList.querySelectorAll("details")];
    if (searching) {
      openBefore ??= all.map((details) => details.open);
      for (const details of all) details.open = !details.closest("li").hidden;
    } else if (openBefore) {
      all.forEach((details, i) => (details.open = openBefore[i]));
      openBefore = null;
    }
  };
  const filter = () => {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const shown = { chapter: 0, unit: 0, lab: 0, board: 0 };
    for (const item of entries) {
      const match =
        words.every((word) => item.text.includes(word)) &&
        (!onlyOpen.checked || item.open) &&
        (!kinds.value || item.kind !== "lab" || item.teaching === kinds.value);
      item.node.hidden = !match;
      if (match) shown[item.kind] += 1;
    }
    unfold(words.length > 0);
    for (const group of groups) group.node.hidden = group.rows.every((row) => row.hidden);
    const parts = [
      shown.chapter && `${shown.chapter} 章`,
      shown.unit && `${shown.unit} 个单元`,
      shown.lab && `${shown.lab} 个实验`,
      shown.board && `${shown.board} 个看板`,
    ].filter(Boolean);
    found.textContent = parts.length ? parts.join(" · ") : "没有找到，换个词试试。";
  };

  const draw = () => {
    const timetable = model.get("timetable");
    const { facts, lecture, practice } = data.timetables[timetable];
    const named = timetable === "48" ? "实验" : "实践";
    const sum = `${lecture + practice} 学时 = 讲授 ${lecture} + ${named} ${practice}`;
    subtitle.textContent = [data.title_en, ...facts, sum].join(" · ");
    const first = data.chapters.find((chapter) => chapter.notebook);
    const chapters = data.chapters.map((chapter) => chapterRow(chapter, data, to, chapter === first));
    const plan = timetable === "48" ? chapters : data.units.map(unitRow);
    planHead.replaceChildren(
      timetable === "48" ? `${data.chapters.length} 章` : `${data.units.length} 个单元`,
      h("small", null, timetable === "48" ? `讲授 ${lecture} 学时，要求分了解、理解、掌握` : `讲授 ${lecture} + 实践 ${practice} 学时`),
    );
    openBefore = null;
    planList.replaceChildren(
      ...plan.map((item) => item.node),
      ...(timetable === "48"
        ? []
        : [h("li", { class: "divider" }, "课件（与 48 学时课程共用）"), ...chapters.map((item) => item.node)]),
    );
    const labs = Object.fromEntries(data.labs.map((lab) => [lab.id, labRow(lab, data, to, timetable)]));
    labsHead.replaceChildren(`${data.labs.length} 个实验`, h("small", null, `${named} ${practice} 学时`));
    groups = [];
    const bodies = data.timetables[timetable].groups.map(({ title, labs: ids, hours }) => {
      const node = h(
        "tbody",
        { "data-group": title },
        h("tr", { class: "group" }, h("th", { colspan: "5", scope: "rowgroup" }, title, hours > 0 && h("small", null, `${hours} 学时`))),
        ids.map((id) => labs[id].node),
      );
      groups.push({ node, rows: ids.map((id) => labs[id].node) });
      return node;
    });
    labsBody.replaceChildren(
      h(
        "table",
        null,
        h("caption", { class: "sr-only" }, "实验与学时"),
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "col" }, h("span", { class: "sr-only" }, "编号")),
            h("th", { scope: "col" }, "实验"),
            ...Object.entries(data.timetables).map(([key, { label }]) =>
              h("th", { scope: "col", class: key === timetable ? "hours now" : "hours" }, label),
            ),
            h("th", { scope: "col" }, h("span", { class: "sr-only" }, "打开")),
          ),
        ),
        bodies,
      ),
    );
    const pages = data.dashboards.map((item) =>
      entry(
        h("li", null, h("span", null, item.title), link(to.page(item.notebook), "打开", `打开看板 ${item.title}`, true)),
        item.title,
        item.notebook,
        "board",
      ),
    );
    boards.replaceChildren(...pages.map((item) => item.node));
    entries = [...(timetable === "48" ? [] : plan), ...chapters, ...Object.values(labs), ...pages];
    filter();
  };

  search.addEventListener("input", (event) => {
    if (!event.isComposing) filter(); // an input method is still at work
  });
  search.addEventListener("compositionend", filter);
  onlyOpen.addEventListener("change", filter);
  kinds.addEventListener("change", filter);
  const onSlash = (event) => {
    const typing = event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
    event.preventDefault();
    search.focus();
  };
  page.addEventListener("keydown", onSlash);
  // On a page of its own the key works wherever the focus is; in JupyterLab only inside.
  if (document.body.dataset.voila) document.addEventListener("keydown", onSlash);

  draw();
  const stop = watch(model, ["timetable"], () => {
    memory.set(model.get("timetable"));
    draw();
  });
  return () => {
    stop();
    choice.close();
    document.removeEventListener("keydown", onSlash);
  };
}

export default { render };
