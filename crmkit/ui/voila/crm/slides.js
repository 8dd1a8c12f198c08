// A chapter for the projector: a page for every heading, turned by keys or by the bar below.
// The cells stay where they are and are only shown or hidden, so that activities and quizzes live on.
(() => {
  const HEADING = /^H[123]$/;
  const BLOCKS =
    "#rendered_cells [cell-index] .jp-MarkdownCell .jp-RenderedMarkdown > *, " +
    "#rendered_cells [cell-index] .jp-CodeCell:not(.jp-mod-noOutputs)";
  const KEYS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1, Home: -Infinity, End: Infinity };
  let pages = [];
  let sections = []; // of every page, the section it belongs to
  let now = -1; // no page: the chapter as a column

  const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const button = (text, label, onclick) => {
    const made = element("button", { type: "button", "aria-label": label, title: label }, text);
    made.onclick = onclick;
    return made;
  };

  /** Blocks from one heading to the next; headings that follow each other stay together. */
  function cut() {
    pages = [];
    sections = [];
    let section = "";
    for (const block of document.querySelectorAll(BLOCKS)) {
      const heading = HEADING.test(block.tagName);
      const open = pages.at(-1);
      if (!open || (heading && !open.every((b) => HEADING.test(b.tagName)))) pages.push([]);
      pages.at(-1).push(block);
      if (heading && block.tagName !== "H3") section = block.firstChild?.textContent ?? "";
      sections[pages.length - 1] = section;
    }
  }

  function show(page) {
    if (!pages.length) return;
    now = Math.max(0, Math.min(page, pages.length - 1));
    pages.forEach((blocks, i) => blocks.forEach((b) => b.classList.toggle("crm-off", i !== now)));
    document.body.classList.add("crm-slides");
    place.textContent = `${now + 1} / ${pages.length}`;
    section.textContent = sections[now];
    done.style.width = `${(100 * (now + 1)) / pages.length}%`;
    for (const e of [document.scrollingElement, document.getElementById("rendered_cells")]) e.scrollTop = 0;
    history.replaceState(null, "", `#p${now + 1}`);
  }

  function leave() {
    const here = pages[now]?.[0];
    now = -1;
    document.body.classList.remove("crm-slides");
    pages.flat().forEach((b) => b.classList.remove("crm-off"));
    history.replaceState(null, "", location.pathname + location.search);
    here?.scrollIntoView();
    start.focus({ preventScroll: true });
  }

  const turn = (step) => show(now + step);
  /** The page that shows what is at the top of the window now. */
  const nearest = () => {
    const below = pages.findIndex((blocks) => blocks.at(-1).getBoundingClientRect().bottom > 80);
    return Math.max(below, 0);
  };

  const start = button("投影", "投影：一节一页", () => {
    cut();
    show(nearest());
  });
  start.className = "crm-slides-start";
  const place = element("span", { class: "place" });
  const section = element("span", { class: "section" });
  const done = element("i", {});
  const bar = element(
    "div",
    { class: "crm-slides-bar", role: "toolbar", "aria-label": "投影" },
    element("div", { class: "done", "aria-hidden": "true" }, done),
    section,
    button("‹", "上一页（←）", () => turn(-1)),
    place,
    button("›", "下一页（→）", () => turn(1)),
    button("退出", "退出投影（Esc）", leave),
  );

  document.addEventListener("keydown", (event) => {
    if (now < 0 || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") return leave();
    const step = KEYS[event.key];
    // A control that is being used keeps its keys.
    if (!step || event.target.closest("input, select, textarea, [role=group] button, [contenteditable]")) return;
    event.preventDefault();
    turn(step);
  });

  window.crmSlides = () => {
    if (document.body.contains(bar)) return;
    document.body.append(start, bar);
    const asked = /^#p(\d+)$/.exec(location.hash);
    if (!asked) return;
    cut();
    show(Number(asked[1]) - 1);
  };
})();
