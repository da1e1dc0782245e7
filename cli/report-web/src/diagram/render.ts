// Draws what of the run is in sight. Many events in a pixel are drawn as how many; what is notable always by itself.
import { bisectLeft, bisectRight, ticks } from "d3-array";
import { duration, one_line, virtual_time } from "../text";
import { describe, groups, notable, visible_arrows, visible_range, type Group, type Model } from "./model";

export interface View {
  width: number; height: number; left: number; top: number; lane_height: number; scroll: number;
  from: number; to: number;  // virtual time in sight, ns
  hidden: Set<Group>; selected: number; hover: number; past: Uint8Array | null; found: Uint8Array | null;
}
export type Colours = Record<"ink" | "quiet" | "line" | "back" | "lane" | "blue" | "orange" | "red" | "green" | "purple" | "sky" | "yellow", string>;

export const header_height = 40;
const many_events = 5000;
const many_arrows = 1500;

export function read_colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const names = ["ink", "quiet", "line", "back", "lane", "blue", "orange", "red", "green", "purple", "sky", "yellow"] as const;
  return Object.fromEntries(names.map((n) => [n, style.getPropertyValue(`--${n}`).trim()])) as Colours;
}

export const x_of = (v: View, t: number): number => v.left + ((t - v.from) / (v.to - v.from)) * (v.width - v.left);
export const time_at = (v: View, x: number): number => v.from + ((x - v.left) / (v.width - v.left)) * (v.to - v.from);
export const y_of = (v: View, lane: number): number => v.top + (lane + 0.5) * v.lane_height - v.scroll;

function colour_of(group: Group, c: Colours): string {
  switch (group) {
    case "violation": case "crash": return c.red;
    case "fault": return c.orange;
    case "noise": return c.yellow;
    case "life": return c.green;
    case "network": return c.purple;
    case "message": return c.blue;
    case "disk": return c.sky;
    case "log": return c.quiet;
    default: return c.ink;
  }
}

type Context = CanvasRenderingContext2D;

function shape(g: Context, group: Group, kind: string, x: number, y: number, size: number) {
  g.beginPath();
  switch (group) {
    case "violation":
      for (let k = 0; k < 10; ++k) {
        const r = (k % 2 === 0 ? 1.7 : 0.75) * size;
        const a = -Math.PI / 2 + (k * Math.PI) / 5;
        g.lineTo(x + r * Math.cos(a), y + r * Math.sin(a));
      }
      g.closePath();
      g.fill();
      break;
    case "crash":
      g.lineWidth = 2.5;
      g.moveTo(x - size, y - size); g.lineTo(x + size, y + size);
      g.moveTo(x + size, y - size); g.lineTo(x - size, y + size);
      g.stroke();
      break;
    case "fault": case "noise":
      g.moveTo(x, y - size); g.lineTo(x + size, y); g.lineTo(x, y + size); g.lineTo(x - size, y);
      g.fill();
      break;
    case "life":
      if (kind === "boot" || kind === "resume") { g.moveTo(x - size * 0.7, y - size); g.lineTo(x + size, y); g.lineTo(x - size * 0.7, y + size); }
      else g.rect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6);
      g.fill();
      break;
    case "log": case "other":
      g.rect(x - size * 0.6, y - size * 0.6, size * 1.2, size * 1.2);
      g.fill();
      break;
    case "disk":
      g.rect(x - 0.75, y - size, 1.5, size * 2);
      g.fill();
      break;
    default:
      g.arc(x, y, size * 0.6, 0, 2 * Math.PI);
      if (kind === "refuse" || kind === "reset" || kind === "send-reset" || kind === "lost") { g.lineWidth = 1.2; g.stroke(); } else g.fill();
  }
}

function hatch(g: Context, colour: string): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const h = tile.getContext("2d");
  if (h === null) return colour;
  h.strokeStyle = colour;
  h.lineWidth = 1.4;
  h.beginPath();
  for (const o of [-6, 0, 6]) { h.moveTo(o, 6); h.lineTo(o + 6, 0); }
  h.stroke();
  return g.createPattern(tile, "repeat") ?? colour;
}

function clipped(g: Context, text: string, x: number, y: number, width: number) {
  const shown = width < 18 ? "" : shortened(g, text, width);
  if (shown) g.fillText(shown, x, y);
}

// On a plate, so that it can be read over lines.
function backed(g: Context, text: string, x: number, y: number, tint: string, c: Colours) {
  g.fillStyle = c.back;
  g.globalAlpha = 0.82;
  g.fillRect(x - 2, y - 7, g.measureText(text).width + 4, 14);
  g.globalAlpha = 1;
  g.fillStyle = tint;
  g.fillText(text, x, y);
}

function shortened(g: Context, text: string, width: number): string {
  if (g.measureText(text).width <= width) return text;
  let n = Math.min(text.length, Math.ceil(width / 4));
  while (n > 0 && g.measureText(`${text.slice(0, n)}…`).width > width) --n;
  return n > 2 ? `${text.slice(0, n)}…` : "";
}

function draw_axis(g: Context, m: Model, v: View, c: Colours) {
  g.fillStyle = c.back;
  g.fillRect(0, 0, v.width, v.top);
  const wanted = Math.max(2, Math.floor((v.width - v.left) / 130));
  const at = ticks(v.from / 1e9, v.to / 1e9, wanted);
  const step = at.length > 1 ? (at[1] - at[0]) * 1e9 : 1e9;
  g.font = "12px system-ui, sans-serif";
  g.textBaseline = "middle";
  g.textAlign = "center";
  for (const t of at) {
    const x = x_of(v, t * 1e9);
    if (x < v.left) continue;
    g.strokeStyle = c.line;
    g.lineWidth = 1;
    g.beginPath(); g.moveTo(x, v.top - 6); g.lineTo(x, v.height); g.stroke();
    g.fillStyle = c.quiet;
    const text = virtual_time(t * 1e9, step);
    const half = g.measureText(text).width / 2 + 4;
    g.fillText(text, Math.max(v.left + half, Math.min(x, v.width - half)), v.top - 13);
  }
  g.textAlign = "left";
  m.phases.forEach((phase, i) => {
    const from = Math.max(v.left, x_of(v, phase.from));
    const to = Math.min(v.width, x_of(v, phase.to));
    if (to <= from) return;
    g.globalAlpha = i % 2 === 0 ? 0.1 : 0.2;
    g.fillStyle = c.quiet;
    g.fillRect(from, 0, to - from, 16);
    g.globalAlpha = 1;
    g.fillStyle = c.quiet;
    clipped(g, one_line(phase.name), from + 5, 8, to - from - 8);
  });
}

function draw_lanes(g: Context, m: Model, v: View, c: Colours, hatched: CanvasPattern | string) {
  for (let lane = 0; lane < m.lanes.length; ++lane) {
    const y = y_of(v, lane);
    if (y < v.top - v.lane_height || y > v.height + v.lane_height) continue;
    if (lane % 2 === 1) {
      g.fillStyle = c.lane;
      g.fillRect(v.left, y - v.lane_height / 2, v.width - v.left, v.lane_height);
    }
    const born = m.by_lane[lane].length > 0 ? m.time[m.by_lane[lane][0]] : m.end;
    const x = Math.max(v.left, x_of(v, born));
    const to = Math.min(v.width, x_of(v, m.end));
    if (to > x) {
      g.strokeStyle = c.quiet;
      g.globalAlpha = 0.6;
      g.lineWidth = 1.5;
      g.beginPath(); g.moveTo(x, y); g.lineTo(to, y); g.stroke();
      g.globalAlpha = 1;
    }
  }
  for (const s of m.spans) {
    const from = Math.max(v.left, x_of(v, s.from));
    const to = Math.min(v.width, Math.max(x_of(v, s.to), x_of(v, s.from) + 2));
    if (to <= from || s.from > v.to || s.to < v.from) continue;
    const y = y_of(v, s.lane);
    const half = v.lane_height / 2;
    g.font = "11px system-ui, sans-serif";
    g.textBaseline = "middle";
    g.textAlign = "left";
    if (s.what === "down") {
      g.fillStyle = c.back;
      g.fillRect(from, y - half + 2, to - from, v.lane_height - 4);
      g.fillStyle = hatched;
      g.globalAlpha = 0.55;
      g.fillRect(from, y - half + 2, to - from, v.lane_height - 4);
      g.globalAlpha = 1;
      const text = `down ${duration(s.to - s.from)}`;
      if (to - from > 100) {
        backed(g, text, from + 12, y, c.red, c);
      }
    } else {
      const [tint, top, tall] = s.what === "partition" ? [c.purple, y - half + 2, 7] : s.what === "paused" ? [c.orange, y - 5, 10] : [c.sky, y + half - 9, 7];
      g.fillStyle = tint;
      g.globalAlpha = s.what === "paused" ? 0.45 : 0.6;
      g.fillRect(from, top, to - from, tall);
      g.globalAlpha = 1;
      if (v.lane_height >= 34 && s.what === "partition" && to - from > 70) {
        g.font = "10px system-ui, sans-serif";
        backed(g, `${one_line(s.label)} ${duration(s.to - s.from)}`, from + 6, top + 14, c.purple, c);
      }
    }
  }
}

function draw_arrows(g: Context, m: Model, v: View, c: Colours): void {
  const show_messages = !v.hidden.has("message");
  const show_network = !v.hidden.has("network");
  if (!show_messages && !show_network) return;
  const [first, end] = visible_arrows(m, v.from, v.to);
  // Of too many some are drawn, chosen by a hash of their number: zooming in only adds to them, and a rhythm in the
  // traffic picks no one link.
  let share = 1;
  while ((end - first) / share > many_arrows) share *= 2;
  const drawn = (k: number): boolean => share === 1 || (Math.imul(k, 0x9e3779b1) >>> 0) < 0x1_0000_0000 / share;
  const few = (end - first) / share < 400;
  for (const network of [true, false]) {
    if (network ? !show_network : !show_messages) continue;
    g.strokeStyle = g.fillStyle = network ? c.purple : c.blue;
    g.lineWidth = 1;
    for (const bright of v.past ? [false, true] : [true]) {
      g.globalAlpha = bright ? (few ? 0.75 : share === 1 ? 0.3 : 0.2) : 0.06;
      g.beginPath();
      for (let k = first; k < end; ++k) {
        if (!drawn(k)) continue;
        const to = m.arrows[k];
        const from = m.other[to];
        if (m.time[to] < v.from || (groups[m.group[to]].id === "network") !== network) continue;
        if (v.past && (v.past[to] === 1) !== bright) continue;
        g.moveTo(x_of(v, m.time[from]), y_of(v, m.lane[from]));
        g.lineTo(x_of(v, m.time[to]), y_of(v, m.lane[to]));
      }
      g.stroke();
      if (few) {
        for (let k = first; k < end; ++k) {
          if (!drawn(k)) continue;
          const to = m.arrows[k];
          if (m.time[to] < v.from || (groups[m.group[to]].id === "network") !== network || (v.past && (v.past[to] === 1) !== bright)) continue;
          arrow_head(g, m, v, to, 5);
        }
      }
    }
  }
  g.globalAlpha = 1;
}

function arrow_head(g: Context, m: Model, v: View, to: number, size: number) {
  const from = m.other[to];
  const x1 = x_of(v, m.time[to]);
  const y1 = y_of(v, m.lane[to]);
  const a = Math.atan2(y1 - y_of(v, m.lane[from]), x1 - x_of(v, m.time[from]));
  g.beginPath();
  g.moveTo(x1, y1);
  g.lineTo(x1 - size * Math.cos(a - 0.4), y1 - size * Math.sin(a - 0.4));
  g.lineTo(x1 - size * Math.cos(a + 0.4), y1 - size * Math.sin(a + 0.4));
  g.fill();
}

// How many events there are in each column of two pixels, lane by lane.
function draw_density(g: Context, m: Model, v: View, c: Colours, first: number, end: number) {
  const columns = Math.ceil((v.width - v.left) / 2) + 1;
  const counts = new Uint16Array(columns * m.lanes.length);
  const scale = (v.width - v.left) / (v.to - v.from) / 2;
  const shown = groups.map((group) => !v.hidden.has(group.id) && !notable.has(group.id));
  for (let i = first; i < end; ++i) {
    if (!shown[m.group[i]] || (v.past && v.past[i] === 0)) continue;
    counts[m.lane[i] * columns + Math.floor((m.time[i] - v.from) * scale)] += 1;
  }
  g.fillStyle = c.blue;
  g.globalAlpha = 0.5;
  for (let lane = 0; lane < m.lanes.length; ++lane) {
    const y = y_of(v, lane);
    if (y < v.top - v.lane_height || y > v.height + v.lane_height) continue;
    for (let column = 0; column < columns; ++column) {
      const n = counts[lane * columns + column];
      if (n > 0) {
        const h = Math.min(v.lane_height - 6, 3 + 3 * Math.log2(n));
        g.fillRect(v.left + column * 2, y - h / 2, 2, h);
      }
    }
  }
  g.globalAlpha = 1;
}

function draw_events(g: Context, m: Model, v: View, c: Colours) {
  const [first, end] = visible_range(m, v.from, v.to);
  const dense = end - first > many_events;
  if (dense) draw_density(g, m, v, c, first, end);
  const taken = new Map<number, number>();  // lane and group to the last pixel drawn
  for (let i = first; i < end; ++i) {
    const group = groups[m.group[i]].id;
    if (v.hidden.has(group) || (dense && !notable.has(group))) continue;
    const x = x_of(v, m.time[i]);
    const key = m.lane[i] * groups.length + m.group[i];
    if (dense && taken.has(key) && x - (taken.get(key) ?? 0) < 3 && group !== "violation") continue;
    taken.set(key, x);
    const y = y_of(v, m.lane[i]);
    if (y < v.top - 10 || y > v.height + 10) continue;
    g.globalAlpha = v.past && v.past[i] === 0 ? 0.15 : 1;
    g.fillStyle = g.strokeStyle = colour_of(group, c);
    shape(g, group, m.kinds[m.kind[i]], x, y, group === "noise" ? 2.5 : group === "message" || group === "network" ? 4 : group === "violation" ? 6 : group === "log" ? 3.5 : 5);
  }
  g.globalAlpha = 1;
  if (v.found) {
    g.strokeStyle = c.orange;
    g.lineWidth = 2;
    let last = -10;
    for (let i = first; i < end; ++i) {
      const x = x_of(v, m.time[i]);
      if (v.found[i] === 0 || (dense && x - last < 2)) continue;
      last = x;
      g.beginPath(); g.arc(x, y_of(v, m.lane[i]), 8, 0, 2 * Math.PI); g.stroke();
    }
  }
}

// What each notable event is, where there is room for it.
function draw_labels(g: Context, m: Model, v: View, c: Colours) {
  if (v.lane_height < 34) return;
  const first = bisectLeft(m.notable_time, v.from);
  const end = bisectRight(m.notable_time, v.to);
  g.font = "11px system-ui, sans-serif";
  g.textBaseline = "middle";
  g.textAlign = "left";
  const next: number[] = [];
  const cut = new Set(m.spans.filter((s) => s.what === "partition").map((s) => `${s.lane} ${s.from}`));
  for (let k = end - 1; k >= first; --k) {
    const i = m.notable[k];
    const group = groups[m.group[i]].id;
    if (v.hidden.has(group) || (v.past && v.past[i] === 0)) continue;
    const lane = m.lane[i];
    const x = x_of(v, m.time[i]);
    const room = (next[lane] ?? v.width) - x - 12;
    next[lane] = Math.min(x, next[lane] ?? x);
    const kind = m.kinds[m.kind[i]];
    const text = one_line(describe(m, i)).replace(/^(fault|log): /, "").replace(/ \[[0-9a-f]{16}\]$/, "");
    const y = y_of(v, lane) - v.lane_height * 0.27;
    if (group === "violation") {
      // It is at the end, where there is no room to its right.
      g.font = "600 12px system-ui, sans-serif";
      const shown = shortened(g, text, Math.max(60, x - v.left - 30));
      backed(g, shown, Math.max(v.left + 6, x - 14 - g.measureText(shown).width), y, c.red, c);
      g.font = "11px system-ui, sans-serif";
      next[lane] = x - 24 - g.measureText(shown).width;
      continue;
    }
    if (kind === "boot" || kind === "crash" || room < 40 || text.startsWith("== ") || cut.has(`${lane} ${m.time[i]}`)) continue;
    const shown = shortened(g, text, Math.min(room, 420));
    if (shown) backed(g, shown, x + 8, y, c.ink, c);
  }
}

function draw_chosen(g: Context, m: Model, v: View, c: Colours, i: number, strong: boolean) {
  if (i < 0 || i >= m.count) return;
  const x = x_of(v, m.time[i]);
  const y = y_of(v, m.lane[i]);
  g.strokeStyle = c.ink;
  if (strong) {
    g.lineWidth = 1;
    g.setLineDash([3, 4]);
    g.beginPath(); g.moveTo(x, v.top); g.lineTo(x, v.height); g.stroke();
    g.setLineDash([]);
  }
  g.lineWidth = strong ? 2.5 : 1.5;
  g.beginPath(); g.arc(x, y, 9, 0, 2 * Math.PI); g.stroke();
  const other = m.other[i];
  if (other >= 0) {
    g.fillStyle = c.ink;
    const to = other > i ? other : i;
    const from = m.other[to] >= 0 ? m.other[to] : other;
    g.beginPath();
    g.moveTo(x_of(v, m.time[from]), y_of(v, m.lane[from]));
    g.lineTo(x_of(v, m.time[to]), y_of(v, m.lane[to]));
    g.stroke();
    arrow_head(g, m, v, to, 9);
  }
}

function draw_names(g: Context, m: Model, v: View, c: Colours) {
  g.fillStyle = c.back;
  g.fillRect(0, v.top, v.left, v.height - v.top);
  g.fillRect(0, 0, v.left, v.top);
  g.font = "600 12px system-ui, sans-serif";
  g.textBaseline = "middle";
  g.textAlign = "left";
  for (let lane = 0; lane < m.lanes.length; ++lane) {
    const y = y_of(v, lane);
    if (y < v.top - v.lane_height || y > v.height + v.lane_height) continue;
    g.fillStyle = c.ink;
    g.save();
    g.beginPath(); g.rect(0, v.top, v.left, v.height - v.top); g.clip();
    clipped(g, one_line(m.lanes[lane]), 8, y, v.left - 14);
    g.restore();
  }
  g.strokeStyle = c.line;
  g.lineWidth = 1;
  g.beginPath(); g.moveTo(v.left - 0.5, 0); g.lineTo(v.left - 0.5, v.height); g.stroke();
}

export function draw(g: Context, m: Model, v: View, c: Colours) {
  g.fillStyle = c.back;
  g.fillRect(0, 0, v.width, v.height);
  const hatched = hatch(g, c.red);
  g.save();
  g.beginPath(); g.rect(v.left, v.top, v.width - v.left, v.height - v.top); g.clip();
  draw_lanes(g, m, v, c, hatched);
  g.restore();
  draw_axis(g, m, v, c);
  g.save();
  g.beginPath(); g.rect(v.left, v.top, v.width - v.left, v.height - v.top); g.clip();
  draw_arrows(g, m, v, c);
  draw_events(g, m, v, c);
  draw_labels(g, m, v, c);
  if (m.failure >= 0 && m.kinds[m.kind[m.failure]] === "violation") {
    const x = x_of(v, m.time[m.failure]);
    g.strokeStyle = c.red;
    g.lineWidth = 1.5;
    g.beginPath(); g.moveTo(x, v.top); g.lineTo(x, v.height); g.stroke();
  }
  draw_chosen(g, m, v, c, v.hover, false);
  draw_chosen(g, m, v, c, v.selected, true);
  g.restore();
  draw_names(g, m, v, c);
}

// The event at the pointer, or the arrival of the arrow there; -1: nothing.
export function hit(m: Model, v: View, x: number, y: number): number {
  if (x < v.left || y < v.top) return -1;
  const lane = Math.floor((y - v.top + v.scroll) / v.lane_height);
  const reach = ((v.to - v.from) / (v.width - v.left)) * 8;
  const [first, end] = visible_range(m, time_at(v, x) - reach, time_at(v, x) + reach);
  let best = -1;
  let nearest = 11;
  for (let i = first; i < end; ++i) {
    const group = groups[m.group[i]].id;
    if (m.lane[i] !== lane || v.hidden.has(group)) continue;
    // What is notable wins over what lies about it.
    const distance = Math.hypot(x_of(v, m.time[i]) - x, y_of(v, lane) - y) - (notable.has(group) ? 3 : 0);
    if (distance < nearest) { nearest = distance; best = i; }
  }
  if (best >= 0) return best;
  const [a, b] = visible_arrows(m, v.from, v.to);
  if (b - a > 20_000) return -1;
  nearest = 5;
  for (let k = a; k < b; ++k) {
    const to = m.arrows[k];
    if (v.hidden.has(groups[m.group[to]].id)) continue;
    const x0 = x_of(v, m.time[m.other[to]]);
    const y0 = y_of(v, m.lane[m.other[to]]);
    const dx = x_of(v, m.time[to]) - x0;
    const dy = y_of(v, m.lane[to]) - y0;
    const t = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1);
    if (t < 0 || t > 1) continue;
    const distance = Math.hypot(x0 + t * dx - x, y0 + t * dy - y);
    if (distance < nearest) { nearest = distance; best = to; }
  }
  return best;
}

// The strip below: the whole run, with what is in sight framed.
export function draw_overview(g: Context, m: Model, v: View, c: Colours, width: number, height: number) {
  g.fillStyle = c.lane;
  g.fillRect(0, 0, width, height);
  const span = Math.max(1, m.end);
  const columns = new Uint32Array(Math.ceil(width) + 1);
  let most = 1;
  for (let i = 0; i < m.count; ++i) {
    const n = ++columns[Math.floor((m.time[i] / span) * width)];
    if (n > most) most = n;
  }
  g.fillStyle = c.blue;
  g.globalAlpha = 0.55;
  for (let x = 0; x < columns.length; ++x) {
    if (columns[x] > 0) {
      const h = 2 + ((height - 6) * Math.log1p(columns[x])) / Math.log1p(most);
      g.fillRect(x, height - h, 1, h);
    }
  }
  g.globalAlpha = 1;
  const marked = groups.map((group) => (group.id === "crash" || group.id === "violation" ? c.red : group.id === "fault" ? c.orange : null));
  for (let i = 0; i < m.count; ++i) {
    const tint = marked[m.group[i]];
    if (tint === null) continue;
    g.fillStyle = tint;
    g.fillRect((m.time[i] / span) * width - 1, 0, 2, groups[m.group[i]].id === "fault" ? 5 : height);
  }
  const from = (v.from / span) * width;
  const to = (v.to / span) * width;
  g.fillStyle = c.back;
  g.globalAlpha = 0.6;
  g.fillRect(0, 0, from, height);
  g.fillRect(to, 0, width - to, height);
  g.globalAlpha = 1;
  g.strokeStyle = c.ink;
  g.lineWidth = 1.5;
  g.strokeRect(Math.max(1, from), 1, Math.max(3, Math.min(width - 2, to) - Math.max(1, from)), height - 2);
}
