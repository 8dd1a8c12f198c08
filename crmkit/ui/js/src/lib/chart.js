// One ECharts chart in a panel: size, colours, print, and a table for who cannot see it.

import { h, isDark, onTheme } from "./dom.js";
import echarts from "./echarts.js";

const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC",sans-serif';
const LARGE = matchMedia("(min-width: 1700px)"); // a projector: larger letters
const LIGHT = { text: "#1b2733", muted: "#566472", line: "#e1e7ed", panel: "#ffffff", quiet: "#cfd8e0", solid: 1 };
const DARK = { text: "#e4eaf0", muted: "#9fadba", line: "#2b3540", panel: "#1a2129", quiet: "#3d4c59", solid: 0.85 };
const SERIES = {
  light: ["#0f766e", "#2563eb", "#c2690a", "#be185d", "#7c3aed", "#64748b", "#4d7c0f", "#0891b2"],
  dark: ["#2dd4bf", "#60a5fa", "#fbbf24", "#f472b6", "#a78bfa", "#94a3b8", "#a3e635", "#22d3ee"],
};

/** For this moment: colours of the page and of series without one of their own, size of letters. */
export const look = () => ({
  ...(isDark() ? { ...DARK, series: SERIES.dark } : { ...LIGHT, series: SERIES.light }),
  size: LARGE.matches ? 15 : 12,
});

/** Calls `draw` whenever the look changes (light and dark, window and projector). */
export function onLook(draw) {
  const stop = onTheme(draw);
  LARGE.addEventListener("change", draw);
  return () => {
    stop();
    LARGE.removeEventListener("change", draw);
  };
}

/**
 * While the page is printed it has the size of a sheet (class "printing" in board.css) and light
 * colours; `draw` draws it anew.
 */
export function onPrint(page, charts, draw) {
  const { dataset } = document.body;
  let dark = false;
  const redraw = () => {
    draw();
    for (const item of charts) item.fit();
  };
  const before = () => {
    dark = isDark();
    if (dark) dataset.jpThemeLight = "true";
    page.classList.add("printing");
    redraw();
  };
  const after = () => {
    if (dark) dataset.jpThemeLight = "false";
    page.classList.remove("printing");
    redraw();
  };
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);
  return () => {
    window.removeEventListener("beforeprint", before);
    window.removeEventListener("afterprint", after);
  };
}

/** An axis in the house style; `extra` is laid over it. */
export function axis(c, extra = {}) {
  const { axisLabel, ...rest } = extra;
  return {
    axisLine: { lineStyle: { color: c.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: c.line } },
    nameTextStyle: { color: c.muted },
    ...rest,
    axisLabel: { color: c.muted, fontSize: c.size, ...axisLabel },
  };
}

/**
 * A chart. `draw(option, table)` draws it again: `option` is ECharts', `table` is
 * {caption, head, rows} with the same numbers as text. `fit()` takes the panel's size, `close()` frees it.
 */
export function chart(label, onClick) {
  // Inline, because the style sheet may arrive after the first drawing.
  const canvas = h("div", { role: "img", "aria-label": label, style: "position:absolute;inset:0" });
  const table = h("table", { class: "sr-only" });
  const node = h("div", { class: "chart" }, canvas, table);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let instance = null;
  let pending = null;

  const show = () => {
    const c = look();
    instance.setOption(
      {
        textStyle: { fontFamily: FONT, color: c.text },
        animation: !still,
        animationDuration: 300,
        animationDurationUpdate: 200,
        ...pending,
        tooltip: {
          confine: true,
          backgroundColor: c.panel,
          borderColor: c.line,
          textStyle: { color: c.text, fontFamily: FONT, fontSize: c.size },
          ...pending.tooltip,
        },
      },
      true,
    );
  };
  const fit = () => {
    if (!canvas.clientWidth || !canvas.clientHeight) return; // not laid out yet
    if (instance) {
      instance.resize({ animation: { duration: 0 } });
      instance.getZr().flush(); // printing does not wait for the next frame
    } else {
      instance = echarts.init(canvas, null, { renderer: "svg" });
      if (onClick) instance.on("click", onClick);
      if (pending) show();
    }
  };
  const observer = new ResizeObserver(fit);
  observer.observe(canvas);

  return {
    node,
    fit,
    draw(option, { caption, head, rows }) {
      pending = option;
      if (instance) show();
      else fit();
      canvas.setAttribute("aria-label", `${caption}，数据见随后的表格`);
      table.replaceChildren(
        h("caption", null, caption),
        h("thead", null, h("tr", null, head.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", null, rows.map((row) => h("tr", null, row.map((cell) => h("td", null, String(cell)))))),
      );
    },
    close() {
      observer.disconnect();
      instance?.dispose();
    },
  };
}
