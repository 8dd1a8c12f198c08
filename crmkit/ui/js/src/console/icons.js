// Line icons, drawn here so that no font and no file is needed.

const PATHS = {
  customers: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 20c0-3.3 3.6-6 8-6s8 2.7 8 6",
  segments: "M12 3v9h9M12 12 5.6 18.4M21 12a9 9 0 1 1-9-9",
  analysis: "M4 20V10M10 20V4M16 20v-7M21 20H3",
  products: "M3 8l9-5 9 5v8l-9 5-9-5V8ZM3 8l9 5 9-5M12 13v8",
  orders: "M7 3h10a2 2 0 0 1 2 2v16l-3-2-2 2-2-2-2 2-2-2-3 2V5a2 2 0 0 1 2-2ZM9 8h6M9 12h6",
  marketing: "M4 10v4h3l8 5V5L7 10H4ZM18.5 9a4 4 0 0 1 0 6",
  interactions: "M4 5h16v11H9l-5 4V5ZM8 9h8M8 12h5",
  channels:
    "M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM18 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM12 21a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM6 8v2c0 2 6 2 6 6M18 8v2c0 2-6 2-6 6",
  opportunities: "M4 18l5-6 4 3 7-9M15 6h5v5M4 21h16",
  system: "M5 3h14v18H5zM8 8h8M8 12h8M8 16h5",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4",
  up: "M12 16V4M7 9l5-5 5 5M4 20h16",
  down: "M12 4v12M7 11l5 5 5-5M4 20h16",
  x: "M6 6l12 12M18 6 6 18",
  edit: "M4 20h4L19 9l-4-4L4 16v4ZM13 7l4 4",
  out: "M15 4h4v16h-4M10 8l-4 4 4 4M6 12h9",
  check: "M5 12l5 5L20 7",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5M12 8h.01",
  warn: "M12 4 2.5 20h19L12 4ZM12 10v5M12 17.5h.01",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3 2",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z",
  print: "M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z",
  columns: "M4 5h16v14H4zM10 5v14M15 5v14",
  chevron: "M9 6l6 6-6 6",
  menu: "M4 7h16M4 12h16M4 17h16",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  undo: "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 0 12",
  plus: "M12 5v14M5 12h14",
  shop: "M4 10v10h16V10M3 10l2-6h14l2 6M3 10c0 3 4.5 3 4.5 0 0 3 4.5 3 4.5 0 0 3 4.5 3 4.5 0 0 3 4.5 3 4.5 0",
};

/** An icon; it says nothing to a screen reader, the control around it has the name. */
export function icon(name, size = 18) {
  const template = document.createElement("template"); // the parser knows that this is SVG
  template.innerHTML =
    `<svg viewBox="0 0 24 24" width="${size}" height="${size}" class="icon" aria-hidden="true" focusable="false">` +
    `<path d="${PATHS[name] ?? PATHS.info}"/></svg>`;
  return template.content.firstChild;
}
