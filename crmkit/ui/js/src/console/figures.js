// A chart of a screen, in a box with its heading.

import { h } from "../lib/dom.js";
import { drawing } from "../lib/drawings.js";

/** A panel with a chart: {node, draw(main), fit(), close()}. */
export function figure(spec) {
  const inner = drawing(spec.kind, spec.title);
  const heading = h("h2", null, spec.title, spec.note && h("small", null, spec.note));
  const place = `figure of-${spec.kind}${spec.wide ? " wide" : ""}`;
  return {
    node: h("section", { class: place, "data-figure": spec.title }, heading, inner.nodes),
    draw: (main) => inner.draw(spec, main),
    fit: inner.fit,
    close: inner.close,
  };
}
