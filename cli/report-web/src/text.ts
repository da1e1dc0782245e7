// Texts and numbers as people read them.

// Characters that cannot be seen, or that change how others are seen: controls, bidirectional marks, line separators,
// zero-width ones.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

// The text with each such character written as ‹U+202E›. Preact escapes the rest; on a canvas nothing needs it.
export function visible(text: string): string {
  return text.replace(unseen, (c) => `‹U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

// On one line.
export function one_line(text: string): string {
  return visible(text.replace(/\n/g, "⏎").replace(/\t/g, "→"));
}

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
export const number = (n: number): string => whole.format(n);
export const counted = (n: number, one: string, many = one + "s"): string => `${number(n)} ${n === 1 ? one : many}`;

export function percent(part: number, all: number): string {
  if (all === 0) return "–";
  const p = (part / all) * 100;
  return p === 0 || p === 100 ? `${p} %` : p < 0.1 ? "< 0.1 %" : p > 99.9 ? "> 99.9 %" : `${p.toFixed(1)} %`;
}

export function small(n: number): string {
  return n === 0 ? "0" : n >= 100 ? number(n) : n >= 0.01 ? n.toPrecision(2) : n.toExponential(1);
}

// Nanoseconds of virtual time, with as many digits as `step` (ns) tells apart.
export function virtual_time(ns: number, step = 1000): string {
  const digits = step >= 1e9 ? 0 : Math.min(9, Math.max(0, Math.ceil(9 - Math.log10(step))));
  return `${(ns / 1e9).toFixed(digits)} s`;
}

export function duration(ns: number): string {
  const n = Math.abs(ns);
  if (n >= 1e9) return `${(ns / 1e9).toPrecision(4)} s`;
  if (n >= 1e6) return `${(ns / 1e6).toPrecision(4)} ms`;
  if (n >= 1e3) return `${(ns / 1e3).toPrecision(4)} µs`;
  return `${Math.round(ns)} ns`;
}

export function long_time(seconds: number): string {
  if (seconds < 120) return `${seconds.toPrecision(3)} s`;
  if (seconds < 7200) return `${(seconds / 60).toPrecision(3)} min`;
  if (seconds < 172800) return `${(seconds / 3600).toPrecision(3)} h`;
  return `${number(seconds / 86400)} days`;
}

// Without what all paths begin with leading upwards.
export const short_path = (path: string): string => visible(path.replace(/^(\.\.\/)+/, ""));
