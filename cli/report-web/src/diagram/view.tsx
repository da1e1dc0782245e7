// The space-time diagram of a failing seed: zoom, pan, search, selection.
import { select as d3_select } from "d3-selection";
import { zoom as d3_zoom, zoomIdentity, type D3ZoomEvent, type ZoomBehavior } from "d3-zoom";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Diagram, PackedEvents, Report } from "../data";
import { CopyLine, Empty, parse_place, Where } from "../parts";
import { counted, duration, number, one_line, virtual_time } from "../text";
import { EventList } from "./events";
import { causal_past, decision_of, describe, group_id, groups, make_model, notable, site_of, type Group, type Model } from "./model";
import { draw, draw_overview, header_height, hit, read_colours, time_at, type View } from "./render";

const overview_height = 34;

function is_packed(d: Diagram | undefined): d is Diagram & PackedEvents {
  return d !== undefined && d.missing === undefined && d.events !== undefined && d.events > 0;
}

function search(m: Model, text: string): Uint8Array | null {
  const words = text.toLowerCase().split(/\s+/).filter((w) => w !== "");
  if (words.length === 0) return null;
  const found = new Uint8Array(m.count);
  const names = m.lanes.map((name) => name.toLowerCase());
  for (let i = 0; i < m.count; ++i) {
    const line = `${names[m.lane[i]]} ${m.kinds[m.kind[i]]} ${describe(m, i).toLowerCase()}`;
    found[i] = words.every((word) => line.includes(word)) ? 1 : 0;
  }
  return found;
}

function scaled(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const g = canvas.getContext("2d");
  g?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return g;
}

function Details({ model, selected, report, diagram, select, past, set_past }: {
  model: Model; selected: number; report: Report; diagram: Diagram; select: (i: number, show: boolean) => void; past: boolean; set_past: (on: boolean) => void;
}) {
  if (selected < 0) return <div class="details quiet">Click an event, or move through them with ↑ and ↓.</div>;
  const other = model.other[selected];
  const decision = decision_of(model, selected);
  const replay = report.causes[diagram.cause]?.replay ?? "";
  const cause_place = selected === model.failure && group_id(model, selected) === "violation" ? parse_place(report.causes[diagram.cause]?.place ?? "") : null;
  const place = site_of(model, selected) ?? cause_place;
  return (
    <div class="details" role="status">
      <p class={`what ${group_id(model, selected)}`}><b>{one_line(model.lanes[model.lane[selected]])}</b> {one_line(describe(model, selected))}</p>
      <p class="quiet">at {virtual_time(model.time[selected], 1)} · event {number(selected + 1)} of {number(model.count)}
        {model.failure > selected && ` · ${duration(model.time[model.failure] - model.time[selected])} before the end`}</p>
      {place && <p><Where file={place.file} line={place.line} can_open={report.sources.files.some((f) => f.path === place.file)} /></p>}
      {other >= 0 && (
        <p><button type="button" onClick={() => select(other, true)}>{other > selected ? "To its arrival" : "To where it was sent"} ({duration(Math.abs(model.time[other] - model.time[selected]))} {other > selected ? "later" : "earlier"})</button></p>
      )}
      {(group_id(model, selected) === "message" || group_id(model, selected) === "network") && other < 0 && model.kinds[model.kind[selected]].startsWith("send") && <p class="quiet">It never arrived.</p>}
      <p><label><input type="checkbox" checked={past} onChange={(e) => set_past(e.currentTarget.checked)} /> Only what can have led to it <kbd>c</kbd></label></p>
      {decision && replay && <><p class="quiet">The seed without this fault:</p><CopyLine text={replay.replace(" -- ", ` --veto ${decision} -- `)} label="the command that leaves this fault out" /></>}
    </div>
  );
}

function Drawing({ report, diagram }: { report: Report; diagram: Diagram & PackedEvents }) {
  const model = useMemo(() => make_model(diagram), [diagram]);
  const [selected, set_selected] = useState(model.failure);
  const [hidden, set_hidden] = useState<Set<Group>>(new Set());
  const [query, set_query] = useState("");
  const [all, set_all] = useState(false);
  const [past_on, set_past] = useState(false);
  const [tip, set_tip] = useState<{ x: number; y: number; i: number } | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overview = useRef<HTMLCanvasElement>(null);
  const search_field = useRef<HTMLInputElement>(null);
  const behaviour = useRef<ZoomBehavior<HTMLCanvasElement, unknown> | null>(null);
  const frame = useRef(0);
  const past = useMemo(() => (past_on && selected >= 0 ? causal_past(model, selected) : null), [past_on, selected, model]);
  const found = useMemo(() => search(model, query), [model, query]);
  const many = useMemo(() => groups.map((_, g) => model.group.reduce((n, x) => n + (x === g ? 1 : 0), 0)), [model]);
  const shown = useMemo(() => {
    const list: number[] = [];
    for (let i = 0; i < model.count; ++i) {
      const group = groups[model.group[i]].id;
      if (hidden.has(group) || (found && found[i] === 0) || (past && past[i] === 0)) continue;
      if (!found && !all && !notable.has(group)) continue;
      list.push(i);
    }
    return Int32Array.from(list);
  }, [model, hidden, found, all, past]);
  const extent = Math.max(1, model.end) * 1.02;
  const lane_height = Math.max(26, Math.min(72, 520 / model.lanes.length));
  const view = useRef<View>({
    width: 800, height: 400, left: 110, top: header_height, lane_height, scroll: 0, from: 0, to: extent,
    hidden, selected, hover: -1, past, found,
  });
  Object.assign(view.current, { hidden, selected, past, found, lane_height, hover: tip?.i ?? -1 });

  const redraw = () => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      const v = view.current;
      const colours = read_colours();
      const g = canvas.current && scaled(canvas.current, v.width, v.height);
      if (g) draw(g, model, v, colours);
      const o = overview.current && scaled(overview.current, v.width, overview_height);
      if (o) draw_overview(o, model, v, colours, v.width, overview_height);
    });
  };
  // The zoom's own transform is the one truth about what is in sight.
  const show = (from: number, to: number) => {
    const target = canvas.current;
    if (target === null || behaviour.current === null) return;
    const v = view.current;
    const span = Math.max(200, Math.min(extent, to - from));
    const begin = Math.max(0, Math.min(extent - span, from));
    const k = extent / span;
    d3_select(target).call(behaviour.current.transform, zoomIdentity.scale(k).translate(-(begin / extent) * (v.width - v.left), 0));
  };
  const select = (i: number, bring: boolean) => {
    set_selected(i);
    const v = view.current;
    if (!bring || i < 0) return;
    const t = model.time[i];
    const margin = (v.to - v.from) * 0.03;
    if (t < v.from + margin || t > v.to - margin) show(t - (v.to - v.from) / 2, t + (v.to - v.from) / 2);
    const y = model.lane[i] * lane_height;
    const scroller = box.current;
    if (scroller && (y < scroller.scrollTop || y + lane_height > scroller.scrollTop + scroller.clientHeight - header_height)) {
      scroller.scrollTop = Math.max(0, y - scroller.clientHeight / 2);
    }
  };
  const zoom_by = (factor: number) => {
    const v = view.current;
    const at = selected >= 0 && model.time[selected] >= v.from && model.time[selected] <= v.to ? model.time[selected] : (v.from + v.to) / 2;
    show(at - (at - v.from) / factor, at + (v.to - at) / factor);
  };
  const to_failure = () => {
    const at = model.time[model.failure];
    set_selected(model.failure);
    show(at - extent * 0.04, at + extent * 0.005);
  };
  const step = (by: number) => {
    if (shown.length === 0) return;
    let at = shown.findIndex((i) => i >= selected);
    if (at < 0) at = shown.length - 1;
    else if (shown[at] === selected || by < 0) at += by;
    select(shown[Math.max(0, Math.min(shown.length - 1, at))], true);
  };

  useEffect(() => {
    const target = canvas.current;
    const scroller = box.current;
    if (target === null || scroller === null) return;
    const zooming = d3_zoom<HTMLCanvasElement, unknown>()
      .filter((event: MouseEvent) => !event.button && !event.shiftKey)
      .wheelDelta((event) => -event.deltaY * (event.deltaMode === 1 ? 0.05 : event.deltaMode ? 1 : 0.0022))
      .on("zoom", (event: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        const v = view.current;
        const plot = v.width - v.left;
        v.from = (-event.transform.x / event.transform.k / plot) * extent;
        v.to = v.from + extent / event.transform.k;
        redraw();
      });
    behaviour.current = zooming;
    const fit = () => {
      const v = view.current;
      const [from, to] = [v.from, v.to];
      v.width = Math.max(320, scroller.clientWidth);
      v.left = v.width < 600 ? 72 : 110;
      v.height = Math.max(160, scroller.clientHeight);
      const plot = v.width - v.left;
      // d3-zoom knows the canvas alone, so its extent is the plot, from the canvas' left edge.
      zooming.extent([[0, 0], [plot, v.height]]).translateExtent([[0, 0], [plot, v.height]]).scaleExtent([1, Math.max(1, extent / 200)]);
      show(from, to);
      redraw();
    };
    const selection = d3_select(target).call(zooming).on("dblclick.zoom", null);
    const sized = new ResizeObserver(fit);
    sized.observe(scroller);
    const scrolled = () => { view.current.scroll = scroller.scrollTop; redraw(); };
    scroller.addEventListener("scroll", scrolled);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", redraw);
    addEventListener("squall-theme", redraw);
    fit();
    return () => {
      sized.disconnect();
      scroller.removeEventListener("scroll", scrolled);
      dark.removeEventListener("change", redraw);
      removeEventListener("squall-theme", redraw);
      selection.on(".zoom", null);
      cancelAnimationFrame(frame.current);
    };
  }, [model]);
  useEffect(redraw);

  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const v = view.current;
    const span = v.to - v.from;
    const typing = event.target instanceof HTMLInputElement && event.target.type === "search";
    if (event.key === "Escape") { set_query(""); set_past(false); canvas.current?.focus(); }
    else if (typing && event.key === "Enter") step(event.shiftKey ? -1 : 1);
    else if (typing) return;
    else if (event.key === "/") search_field.current?.focus();
    else if (event.key === "f") to_failure();
    else if (event.key === "c") set_past(!past_on);
    else if (event.key === "+" || event.key === "=") zoom_by(1.6);
    else if (event.key === "-") zoom_by(1 / 1.6);
    else if (event.key === "0") show(0, extent);
    else if (event.target !== canvas.current) return;
    else if (event.key === "ArrowLeft") show(v.from - span * 0.15, v.to - span * 0.15);
    else if (event.key === "ArrowRight") show(v.from + span * 0.15, v.to + span * 0.15);
    else if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Home") select(shown[0] ?? -1, true);
    else if (event.key === "End") select(shown[shown.length - 1] ?? -1, true);
    else if (event.key === "Enter" && selected >= 0 && model.other[selected] >= 0) select(model.other[selected], true);
    else return;
    event.preventDefault();
  };
  const pointer = (event: MouseEvent): [number, number] => {
    const r = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    return [event.clientX - r.left, event.clientY - r.top];
  };
  const overview_move = (event: PointerEvent) => {
    if ((event.buttons & 1) === 0 || overview.current === null) return;
    const r = overview.current.getBoundingClientRect();
    const at = ((event.clientX - r.left) / r.width) * model.end;
    const half = (view.current.to - view.current.from) / 2;
    show(at - half, at + half);
  };
  const found_count = found ? found.reduce((a, b) => a + b, 0) : 0;
  return (
    <div class="diagram" onKeyDown={key}>
      <div class="tools">
        <input ref={search_field} type="search" placeholder="Search events …  /" aria-label="Search events" value={query} onInput={(e) => set_query(e.currentTarget.value)} />
        {found && <span class="quiet" role="status">{counted(found_count, "event")} <kbd>Enter</kbd> next</span>}
        <span class="spacer" />
        <button type="button" onClick={() => zoom_by(1.6)} aria-label="Zoom in" title="Zoom in (+)">+</button>
        <button type="button" onClick={() => zoom_by(1 / 1.6)} aria-label="Zoom out" title="Zoom out (-)">−</button>
        <button type="button" onClick={() => show(0, extent)} title="0">Whole run</button>
        <button type="button" onClick={to_failure} title="f">Failure</button>
      </div>
      <div class="chips legend" role="group" aria-label="What is drawn">
        {groups.map((g, i) => many[i] > 0 && (
          <button key={g.id} type="button" class={g.id} aria-pressed={!hidden.has(g.id)}
            onClick={() => { const next = new Set(hidden); if (!next.delete(g.id)) next.add(g.id); set_hidden(next); }}>
            <span class="sign" aria-hidden="true">{{ violation: "★", crash: "✕", life: "▶", fault: "◆", noise: "◇", network: "○", message: "●", disk: "❘", log: "■", other: "■" }[g.id]}</span>
            {g.label} <span class="count">{number(many[i])}</span>
          </button>
        ))}
      </div>
      <div class="stage scroll" ref={box} style={{ height: `${Math.min(620, header_height + lane_height * model.lanes.length + 4)}px` }}>
        <div style={{ height: `${header_height + lane_height * model.lanes.length}px` }}>
          <canvas ref={canvas} tabIndex={0} role="application"
            aria-label={`Space-time diagram of seed ${diagram.seed}: ${counted(model.lanes.length, "lane")}, ${counted(model.count, "event")}. Arrow keys move and step, plus and minus zoom, f goes to the failure; the list below has the same events.`}
            onClick={(e) => { const [x, y] = pointer(e); const i = hit(model, view.current, x, y); if (i >= 0) select(i, false); }}
            onDblClick={(e) => { const [x] = pointer(e); const t = time_at(view.current, x); const span = (view.current.to - view.current.from) / 6; show(t - span, t + span); }}
            onMouseMove={(e) => { const [x, y] = pointer(e); const i = hit(model, view.current, x, y); set_tip(i >= 0 ? { x, y, i } : null); }}
            onMouseLeave={() => set_tip(null)} />
        </div>
        {tip && (
          <div class="tip" style={{ left: `${Math.min(tip.x + 14, view.current.width - 320)}px`, top: `${tip.y + 16 + view.current.scroll}px` }}>
            <b>{one_line(model.lanes[model.lane[tip.i]])}</b> {one_line(describe(model, tip.i)).slice(0, 300)}<br /><span class="quiet">{virtual_time(model.time[tip.i], 1000)}</span>
          </div>
        )}
      </div>
      <canvas class="overview" ref={overview} aria-hidden="true" onPointerDown={(e) => { e.currentTarget.setPointerCapture(e.pointerId); overview_move(e); }} onPointerMove={overview_move} />
      {model.left_out > 0 && <p class="note">The record was longer: {counted(model.left_out, "event")} before these are left out.</p>}
      <div class="below">
        <div>
          <div class="tools">
            <h2>Events</h2>
            <div class="chips" role="group" aria-label="Which events">
              <button type="button" aria-pressed={!all} onClick={() => set_all(false)}>Notable</button>
              <button type="button" aria-pressed={all} onClick={() => set_all(true)}>All</button>
            </div>
            <span class="quiet" role="status">{number(shown.length)} of {number(model.count)}{past && ", that can have led to the chosen one"}</span>
          </div>
          <EventList model={model} shown={shown} selected={selected} past={past} select={select} />
        </div>
        <div>
          <h2>Chosen</h2>
          <Details model={model} selected={selected} report={report} diagram={diagram} select={select} past={past_on} set_past={set_past} />
          <p class="quiet keys"><kbd>wheel</kbd> <kbd>+</kbd> <kbd>−</kbd> zoom · drag <kbd>←</kbd> <kbd>→</kbd> pan · <kbd>↑</kbd> <kbd>↓</kbd> step · <kbd>Enter</kbd> other end · <kbd>f</kbd> failure · <kbd>c</kbd> causes · <kbd>0</kbd> whole run · <kbd>/</kbd> search</p>
        </div>
      </div>
    </div>
  );
}

export function DiagramView({ report, chosen }: { report: Report; chosen: number }) {
  const wanted = report.diagrams.find((d) => d.cause === chosen) ?? report.diagrams.find(is_packed) ?? report.diagrams[0];
  if (wanted === undefined) return <Empty>No seed was run again for this report (--diagrams 0).</Empty>;
  const cause = report.causes[wanted.cause];
  return (
    <>
      <div class="tools">
        <label>Failure{" "}
          <select value={String(wanted.cause)} onChange={(e) => { location.hash = `diagram/${e.currentTarget.value}`; }}>
            {report.diagrams.map((d) => <option key={d.cause} value={String(d.cause)}>seed {d.seed}: {one_line(report.causes[d.cause]?.message ?? "").slice(0, 90)}{d.missing ? " (no diagram)" : ""}</option>)}
          </select>
        </label>
        {cause && <span class="quiet">{counted(cause.runs, "seed")} of this cause</span>}
      </div>
      {is_packed(wanted) ? <Drawing key={wanted.cause} report={report} diagram={wanted} /> : <Empty>No diagram of seed {wanted.seed}: {one_line(wanted.missing ?? "its record is empty")}</Empty>}
    </>
  );
}
