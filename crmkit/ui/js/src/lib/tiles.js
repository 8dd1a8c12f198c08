// 地域分析: the 34 provincial units as tiles, roughly where they lie. A sketch, no borders.

import { look } from "./chart.js";
import { tint } from "./colour.js";
import { h, isDark } from "./dom.js";
import { percent, wan, yuan, count } from "./format.js";

// Column and row of each unit.
const PLACES = {
  黑龙江: [8, 1],
  内蒙古: [5, 2], 北京: [6, 2], 吉林: [8, 2],
  新疆: [1, 3], 宁夏: [4, 3], 山西: [5, 3], 河北: [6, 3], 天津: [7, 3], 辽宁: [8, 3],
  青海: [2, 4], 甘肃: [3, 4], 陕西: [4, 4], 河南: [5, 4], 山东: [6, 4],
  西藏: [1, 5], 四川: [3, 5], 重庆: [4, 5], 湖北: [5, 5], 安徽: [6, 5], 江苏: [7, 5], 上海: [8, 5],
  云南: [3, 6], 贵州: [4, 6], 湖南: [5, 6], 江西: [6, 6], 浙江: [7, 6],
  广西: [4, 7], 广东: [5, 7], 福建: [6, 7], 台湾: [8, 7],
  海南: [4, 8], 澳门: [5, 8], 香港: [6, 8],
};
const NAMES = Object.keys(PLACES);
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The nearest unit in a direction, seen from another one. */
function neighbour(name, [dx, dy]) {
  const [x, y] = PLACES[name];
  let best = null;
  for (const other of NAMES) {
    const [ox, oy] = PLACES[other];
    const along = (ox - x) * dx + (oy - y) * dy;
    const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
    if (along <= 0 || aside > along) continue;
    const distance = along + 2 * aside;
    if (!best || distance < best.distance) best = { other, distance };
  }
  return best?.other ?? name;
}

/** The map. `draw(regions, main)`: regions are [{name, sales, share, buyers}] by any order. */
export function tileMap() {
  const details = h("p", { class: "tile-details", "aria-live": "polite" });
  const grid = h("div", {
    class: "tiles",
    role: "group",
    "aria-label": "各省销售额，用方向键在省份之间移动",
  });
  let summary = "";
  let current = "广东"; // one tile is in the tab order, the arrows reach the others
  const tiles = Object.fromEntries(
    NAMES.map((name) => {
      const [x, y] = PLACES[name];
      const tile = h("button", {
        type: "button",
        class: "tile",
        "data-province": name,
        style: `grid-area:${y}/${x}`,
        onfocus: () => select(name),
        onmouseenter: () => (details.textContent = tile.dataset.details),
        onmouseleave: () => (details.textContent = summary),
        onblur: () => (details.textContent = summary),
        onclick: () => (details.textContent = tile.dataset.details),
      });
      return [name, tile];
    }),
  );
  const select = (name) => {
    tiles[current].tabIndex = -1;
    current = name;
    tiles[name].tabIndex = 0;
    details.textContent = tiles[name].dataset.details;
  };
  grid.append(...Object.values(tiles));
  grid.addEventListener("keydown", (event) => {
    const direction = ARROWS[event.key];
    const name = event.target.dataset?.province;
    if (!direction || !name) return;
    event.preventDefault();
    tiles[neighbour(name, direction)].focus();
  });
  const legend = h("div", { class: "tile-legend", "aria-hidden": "true" }, "少", h("i"), "多");
  const node = h("div", { class: "tile-map" }, grid, h("div", { class: "tile-foot" }, legend, details));

  return {
    node,
    draw(regions, main) {
      const byName = Object.fromEntries(regions.map((region) => [region.name, region]));
      const most = Math.max(...regions.map((region) => region.sales), 1);
      const ground = isDark() ? "#222b34" : "#eef2f5";
      for (const name of NAMES) {
        const { sales = 0, share = 0, buyers = 0 } = byName[name] ?? {};
        // The root spreads the low values, which are many.
        const { background, ink } = tint(ground, main, sales ? 0.08 + 0.92 * Math.sqrt(sales / most) : 0);
        const tile = tiles[name];
        tile.dataset.details = sales
          ? `${name}：${yuan(sales)}，占 ${percent(share)}，${count(buyers)} 人`
          : `${name}：本期没有销售`;
        tile.setAttribute("aria-label", tile.dataset.details);
        tile.tabIndex = name === current ? 0 : -1;
        tile.classList.toggle("empty", !sales);
        tile.style.background = background;
        tile.style.color = sales ? ink : look().muted;
        tile.replaceChildren(h("b", null, name), h("span", null, sales ? wan(sales).replace(" ", "") : "—"));
      }
      const top = [...regions].sort((a, b) => b.sales - a.sales).slice(0, 3).filter((r) => r.sales);
      summary = top.length ? `前三：${top.map((r) => `${r.name} ${percent(r.share)}`).join("、")}` : "";
      details.textContent = summary;
    },
  };
}
