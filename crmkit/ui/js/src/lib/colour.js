// Colours that are computed, because they depend on a value or on the shop.

const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const x = part / 255;
    return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** `share` of the way from one colour to another, and the ink that stands out most on it. */
export function tint(from, to, share) {
  const [a, b] = [parse(from), parse(to)];
  const rgb = a.map((part, i) => Math.round(part + (b[i] - part) * share));
  const light = luminance(rgb);
  const ink = 1.05 / (light + 0.05) > (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
  return { background: `rgb(${rgb})`, ink };
}
