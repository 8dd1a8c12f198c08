// Small helpers for drawing a widget without a framework.

/**
 * An element. Keys of `attributes` that begin with "on" are event listeners, `class` is the class
 * name, null/undefined/false are left out; children may be nested lists, strings or nodes.
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(9)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

/**
 * The root of a widget, inside anywidget's `el`. JupyterLab's command shortcuts (x cuts, d d
 * deletes a cell) act on the cell while a button inside it has the focus; so key presses stop here.
 */
export function root(el, name, ...children) {
  const element = h(
    "div",
    { class: `crm-ui crm-${name}`, lang: "zh-CN", "data-testid": name, "data-lm-suppress-shortcuts": "true" },
    ...children,
  );
  element.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(element);
  return element;
}

/** True when the page is dark: JupyterLab's theme, or Voila's ?theme=dark. */
export const isDark = () => document.body.dataset.jpThemeLight === "false";

/** Calls `draw` whenever the page changes between light and dark; returns the way to stop. */
export function onTheme(draw) {
  const observer = new MutationObserver(draw);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  return () => observer.disconnect();
}

/** Sets a trait of the model and sends it to Python. */
export function assign(model, key, value) {
  model.set(key, value);
  model.save_changes();
}

/** Listens to traits of the model; returns the way to stop. */
export function watch(model, keys, listener) {
  const events = keys.map((key) => `change:${key}`);
  for (const event of events) model.on(event, listener);
  return () => {
    for (const event of events) model.off(event, listener);
  };
}
