// The events of one run, ready to be drawn: typed columns, arrows, spans, and who could have known what.
import { bisectLeft, bisectRight } from "d3-array";
import type { Diagram, PackedEvents } from "../data";

export type Group = "violation" | "crash" | "life" | "fault" | "noise" | "network" | "message" | "disk" | "log" | "other";
export const groups: { id: Group; label: string }[] = [
  { id: "violation", label: "Violations" }, { id: "crash", label: "Crashes" }, { id: "life", label: "Boots, stops, pauses" },
  { id: "fault", label: "Faults" }, { id: "noise", label: "Frequent faults" }, { id: "network", label: "Connections" },
  { id: "message", label: "Messages" }, { id: "disk", label: "Disk" }, { id: "log", label: "Log lines" }, { id: "other", label: "Other" },
];
// What a reader looks at first.
export const notable = new Set<Group>(["violation", "crash", "life", "fault", "log", "other"]);

const group_of_kind: Record<string, Group> = {
  violation: "violation", crash: "crash", boot: "life", exit: "life", stop: "life", wipe: "life", pause: "life", resume: "life",
  send: "message", deliver: "message", datagram: "message", lost: "message",
  "send-open": "network", "send-opened": "network", accept: "network", connect: "network", refuse: "network",
  "send-end": "network", "end-of-stream": "network", "send-reset": "network", reset: "network",
  sync: "disk", disk: "fault", partition: "fault", heal: "fault", log: "log",
};

export interface Span { lane: number; from: number; to: number; what: "down" | "paused" | "partition" | "disk"; label: string; event: number }
export interface Phase { name: string; from: number; to: number }

export interface Model {
  count: number; time: Float64Array; kind: Uint8Array; group: Uint8Array; lane: Int32Array; peer: Int32Array; text: Int32Array;
  bytes: Float64Array; other: Int32Array;
  kinds: string[]; texts: string[]; lanes: string[];
  by_lane: Int32Array[];  // the events of each lane, in order
  arrows: Int32Array;     // arrivals that have a send, ordered by the time of the send
  arrow_from: Float64Array; longest: number;
  spans: Span[]; phases: Phase[]; end: number; failure: number;  // the event that failed, -1: none
  notable: Int32Array; notable_time: Float64Array;
  left_out: number;
}

const faults_are_frequent = 20;  // a kind of fault, or a site, that comes more often is drawn small

function fault_name(text: string): string {
  return text.split(" ", 1)[0];
}

// "error-return kv::link::send (kv/link.cpp:59) [cd0661975cc319c4]" is a site that fired.
const site_text = /^(.*) \((.*):(\d+)\) \[[0-9a-f]{16}\]$/s;

// What faults are counted by: sites one by one, others by their kind.
function fault_key(text: string): string {
  return site_text.test(text) ? text.slice(0, -19) : fault_name(text);
}

function duration_in(text: string): number | null {
  const match = / for (\d+(?:\.\d+)?) s\b/.exec(text) ?? / for (\d+(?:\.\d+)?) ms\b/.exec(text);
  return match ? Number(match[1]) * (match[0].endsWith("ms") ? 1e6 : 1e9) : null;
}

function group_events(d: PackedEvents): Uint8Array {
  const index = new Map(groups.map((g, i) => [g.id, i]));
  const times = new Map<string, number>();
  for (let i = 0; i < d.events; ++i) {
    if (d.kinds[d.k[i]] === "fault" && d.x[i] >= 0) {
      const key = fault_key(d.texts[d.x[i]]);
      times.set(key, (times.get(key) ?? 0) + 1);
    }
  }
  const result = new Uint8Array(d.events);
  for (let i = 0; i < d.events; ++i) {
    const kind = d.kinds[d.k[i]];
    let group: Group = group_of_kind[kind] ?? "other";
    if (kind === "fault") {
      const key = d.x[i] >= 0 ? fault_key(d.texts[d.x[i]]) : "";
      group = (times.get(key) ?? 0) > faults_are_frequent ? "noise" : "fault";
    }
    result[i] = index.get(group) ?? 0;
  }
  return result;
}

function find_phases(m: Model): Phase[] {
  const phases: Phase[] = [];
  for (let i = 0; i < m.count; ++i) {
    if (m.kinds[m.kind[i]] !== "log" || m.text[i] < 0) continue;
    const match = /^== (.{1,40}) ==$/.exec(m.texts[m.text[i]]);
    if (!match) continue;
    if (phases.length > 0) phases[phases.length - 1].to = m.time[i];
    phases.push({ name: match[1], from: m.time[i], to: m.end });
  }
  return phases;
}

// Who is down, stands still, is cut off, or waits for its disk, from when to when.
function find_spans(m: Model): Span[] {
  const spans: Span[] = [];
  const down = new Map<number, Span>();
  const paused = new Map<number, Span>();
  let partitions: { text: string; spans: Span[] }[] = [];  // in force, the eldest first
  let disks: Span[] = [];
  const open = (store: Map<number, Span>, i: number, what: Span["what"], label: string) => {
    if (store.has(m.lane[i])) return;
    const span: Span = { lane: m.lane[i], from: m.time[i], to: m.end, what, label, event: i };
    store.set(m.lane[i], span);
    spans.push(span);
  };
  const close = (store: Map<number, Span>, i: number) => {
    const span = store.get(m.lane[i]);
    if (span) span.to = m.time[i];
    store.delete(m.lane[i]);
  };
  for (let i = 0; i < m.count; ++i) {
    const text = m.text[i] >= 0 ? m.texts[m.text[i]] : "";
    switch (m.kinds[m.kind[i]]) {
      case "crash": close(paused, i); open(down, i, "down", "crashed"); break;
      case "exit": close(paused, i); open(down, i, "down", "exited"); break;
      case "boot": close(down, i); break;
      case "pause": open(paused, i, "paused", "paused"); break;
      case "resume": close(paused, i); break;
      case "partition": {
        const match = /^(.*) (cut off|cannot send|cannot receive)$/s.exec(text);
        const names = match ? match[1].split(", ") : [];
        const made = names.map((name): Span => ({ lane: m.lanes.indexOf(name), from: m.time[i], to: m.end, what: "partition", label: match?.[2] ?? text, event: i })).filter((s) => s.lane >= 0);
        spans.push(...made);
        partitions.push({ text, spans: made });
        break;
      }
      case "heal": {
        // Names the partition that ends, by what was said of it, or all and with them what troubles the disks.
        const which = partitions.findIndex((p) => p.text === text);
        const over = which >= 0 ? partitions.splice(which, 1).flatMap((p) => p.spans) : [...partitions.flatMap((p) => p.spans), ...disks];
        for (const span of over) span.to = Math.min(span.to, m.time[i]);
        if (which < 0) [partitions, disks] = [[], []];
        break;
      }
      case "disk": {
        const length = duration_in(` ${text}`);
        if (length !== null) disks.push({ lane: m.lane[i], from: m.time[i], to: Math.min(m.end, m.time[i] + length), what: "disk", label: `disk ${text}`, event: i });
        if (length !== null) spans.push(disks[disks.length - 1]);
        break;
      }
    }
  }
  return spans;
}

export function make_model(d: Diagram & PackedEvents): Model {
  const count = d.events;
  const time = new Float64Array(count);
  let now = 0;
  for (let i = 0; i < count; ++i) time[i] = now += d.t[i];
  const lanes = [...d.processes];
  const nobody = d.p.includes(-1) ? lanes.push("the world") - 1 : -1;
  const lane = Int32Array.from(d.p, (p) => (p < 0 ? nobody : p));
  // The simulation's own process and the world stand on top: phases, partitions.
  const order = lanes.map((name, i) => ({ name, i })).sort((a, b) => Number(b.name === "the world" || b.name === "squall") - Number(a.name === "the world" || a.name === "squall") || a.i - b.i);
  const moved = new Int32Array(lanes.length);
  order.forEach((o, at) => (moved[o.i] = at));
  for (let i = 0; i < count; ++i) lane[i] = moved[lane[i]];
  const peer = Int32Array.from(d.q, (p) => (p < 0 ? -1 : moved[p]));
  const m: Model = {
    count, time, kind: Uint8Array.from(d.k), group: group_events(d), lane, peer, text: Int32Array.from(d.x), bytes: Float64Array.from(d.b),
    other: Int32Array.from(d.m), kinds: d.kinds, texts: d.texts, lanes: order.map((o) => o.name), by_lane: [], arrows: new Int32Array(0),
    arrow_from: new Float64Array(0), longest: 0, spans: [], phases: [], end: count > 0 ? time[count - 1] : 0, failure: -1,
    notable: new Int32Array(0), notable_time: new Float64Array(0), left_out: d.left_out,
  };
  const of_lane: number[][] = m.lanes.map(() => []);
  const arrows: number[] = [];
  const stand_out: number[] = [];
  for (let i = 0; i < count; ++i) {
    of_lane[lane[i]].push(i);
    if (m.other[i] >= 0 && m.other[i] < i) arrows.push(i);
    if (notable.has(groups[m.group[i]].id)) stand_out.push(i);
    if (m.kinds[m.kind[i]] === "violation") m.failure = i;
  }
  if (m.failure < 0 && count > 0) m.failure = count - 1;
  m.by_lane = of_lane.map((list) => Int32Array.from(list));
  m.notable = Int32Array.from(stand_out);
  m.notable_time = Float64Array.from(stand_out, (i) => time[i]);
  arrows.sort((a, b) => time[m.other[a]] - time[m.other[b]] || a - b);
  m.arrows = Int32Array.from(arrows);
  m.arrow_from = Float64Array.from(arrows, (a) => time[m.other[a]]);
  for (const a of arrows) m.longest = Math.max(m.longest, time[a] - time[m.other[a]]);
  m.phases = find_phases(m);
  m.spans = find_spans(m);
  return m;
}

// [first, end) of the events from t0 to t1.
export function visible_range(m: Model, t0: number, t1: number): [number, number] {
  return [bisectLeft(m.time, t0), bisectRight(m.time, t1)];
}

// [first, end) of the arrows that may be in sight from t0 to t1.
export function visible_arrows(m: Model, t0: number, t1: number): [number, number] {
  return [bisectLeft(m.arrow_from, t0 - m.longest), bisectRight(m.arrow_from, t1)];
}

// Lamport's happened-before: 1 for each event that may have influenced `of`: what came before it in its process, and
// before the sends of what had arrived.
export function causal_past(m: Model, of: number): Uint8Array {
  const past = new Uint8Array(m.count);
  const known = new Int32Array(m.lanes.length).fill(-1);  // up to which event of a lane
  known[m.lane[of]] = of;
  // The world is no process: what befalls it (the end of the program that was tested, say) comes after all.
  if (m.lanes[m.lane[of]] === "the world") known.fill(of);
  for (let i = of; i >= 0; --i) {
    if (i > known[m.lane[i]]) continue;
    past[i] = 1;
    const sent = m.other[i];
    if (sent >= 0 && sent < i && sent > known[m.lane[sent]]) known[m.lane[sent]] = sent;
  }
  return past;
}

const words: Record<string, string> = {
  boot: "boots", exit: "exits", crash: "crashes", connect: "connected to", accept: "accepted", refuse: "refused by", deliver: "received from",
  "end-of-stream": "saw the end of the stream from", reset: "saw a reset from", partition: "partition", heal: "healed", sync: "synced", fault: "fault",
  violation: "VIOLATION", pause: "stands still", resume: "goes on", stop: "is asked to stop", wipe: "loses its disk", datagram: "received a datagram from",
  lost: "is never to have a datagram from", send: "sent to", "send-open": "asks to connect to", "send-opened": "answers", "send-end": "sent the end of the stream to",
  "send-reset": "sent a reset to", disk: "disk", log: "log",
};

export function describe(m: Model, i: number): string {
  const kind = m.kinds[m.kind[i]];
  let line = words[kind] ?? kind;
  if (m.peer[i] >= 0) line += ` ${m.lanes[m.peer[i]]}`;
  if (m.bytes[i] > 0) line += `: ${m.bytes[i]} bytes`;
  if (m.text[i] >= 0) line += `: ${m.texts[m.text[i]]}`;
  return line;
}
export const group_id = (m: Model, i: number): Group => groups[m.group[i]].id;

// The id of the decision behind a fault, which `squall replay --veto` takes.
export function decision_of(m: Model, i: number): string | null {
  const match = m.kinds[m.kind[i]] === "fault" && m.text[i] >= 0 ? /\[([0-9a-f]{16})\]$/.exec(m.texts[m.text[i]]) : null;
  return match ? match[1] : null;
}

export function site_of(m: Model, i: number): { file: string; line: number } | null {
  const match = m.kinds[m.kind[i]] === "fault" && m.text[i] >= 0 ? site_text.exec(m.texts[m.text[i]]) : null;
  return match ? { file: match[2], line: Number(match[3]) } : null;
}
