// Numbers as Chinese readers write them.

const plain = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** 842000 → "84.2 万"; below ten thousand in full. */
export function wan(value) {
  const size = Math.abs(value);
  if (size >= 1e8) return `${(value / 1e8).toFixed(2)} 亿`;
  if (size >= 1e6) return `${(value / 1e4).toFixed(0)} 万`;
  if (size >= 1e4) return `${(value / 1e4).toFixed(1)} 万`;
  return plain.format(Math.round(value));
}

/** A label of an axis: no decimals that say nothing. */
export const axisWan = (value) => wan(value).replace(/\.0+(?= )/, "");

export const count = (value) => plain.format(value);
export const yuan = (value) => `¥${wan(value)}`;
export const exactYuan = (value) => `¥${exact.format(value)}`;
export const percent = (value, digits = 1) => `${(value * 100).toFixed(digits)}%`;

const decimal = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 2 });
const number = (value) => decimal.format(value);
const withUnit = (unit) => (value) => `${decimal.format(value)} ${unit}`;
const OTHERS = { number, days: withUnit("天"), seconds: withUnit("秒"), minutes: withUnit("分钟"), times: withUnit("倍") };

const WRITERS = { ...OTHERS, yuan, count, percent };
const EXACT = { ...OTHERS, yuan: exactYuan, count, percent: (value) => percent(value, 2) };

/** A figure with its unit ("yuan", "count", "percent" or one of `OTHERS`); null is no value. */
export const figure = (value, unit) => (value === null ? "—" : WRITERS[unit](value));
export const exactFigure = (value, unit) => (value === null ? "无数值" : EXACT[unit](value));
