// Source with coverage, sites and assertions in the margin.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Place, Report } from "./data";
import { Empty } from "./parts";
import { counted, number, one_line, percent, short_path, visible } from "./text";
import { use_virtual } from "./virtual";

interface FileSum { path: string; marks: number; reached: number; sites: number; assertions: number; violated: number }

function sums(report: Report): FileSum[] {
  const of = new Map<string, FileSum>();
  const at = (path: string): FileSum => {
    let sum = of.get(path);
    if (!sum) of.set(path, (sum = { path, marks: 0, reached: 0, sites: 0, assertions: 0, violated: 0 }));
    return sum;
  };
  for (const p of report.coverage) {
    at(p.file).marks += 1;
    at(p.file).reached += p.runs > 0 ? 1 : 0;
  }
  for (const p of report.sites) at(p.file).sites += 1;
  for (const p of report.assertions) {
    at(p.file).assertions += 1;
    at(p.file).violated += !p.must && (p.times_false ?? 0) > 0 ? 1 : 0;
  }
  return [...of.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Line { text: string; places: Place[]; runs: number | null }

function lines_of(report: Report, path: string): Line[] {
  const file = report.sources.files.find((f) => f.path === path);
  if (!file) return [];
  const lines: Line[] = file.text.replace(/\r\n/g, "\n").split("\n").map((text) => ({ text, places: [], runs: null }));
  for (const p of report.coverage) {
    const line = p.file === path ? lines[p.line - 1] : undefined;
    if (line) line.runs = Math.max(line.runs ?? 0, p.runs);
  }
  for (const p of [...report.assertions, ...report.sites]) {
    const line = p.file === path ? lines[p.line - 1] : undefined;
    if (line) line.places.push(p);
  }
  return lines;
}

function says(p: Place): string {
  if (p.evaluated !== undefined) return `${p.kind}: evaluated ${number(p.evaluated)}, fired ${number(p.fired ?? 0)} times in ${counted(p.fired_runs ?? 0, "seed")}. ${p.detail}`;
  return `${p.kind}: true ${number(p.times_true ?? 0)}, false ${number(p.times_false ?? 0)} times. ${p.detail}`;
}

function Mark({ place }: { place: Place }) {
  const text = one_line(says(place));
  const site = place.evaluated !== undefined;
  const kind = site ? ((place.fired ?? 0) > 0 ? "fired" : (place.evaluated ?? 0) > 0 ? "silent" : "never")
    : !place.must && (place.times_false ?? 0) > 0 ? "bad" : place.must && (place.times_true ?? 0) === 0 ? "open" : "good";
  const sign = site ? (kind === "never" ? "◇" : "◆") : kind === "bad" ? "✕" : kind === "open" ? "○" : "✓";
  return <span class={`mark ${kind}`} title={text} aria-label={text} role="img">{sign}</span>;
}

function Text({ report, path, line }: { report: Report; path: string; line: number }) {
  const lines = useMemo(() => lines_of(report, path), [report, path]);
  const box = useRef<HTMLDivElement>(null);
  const virtual = use_virtual({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => 20, overscan: 30 });
  useEffect(() => {
    if (line > 0) virtual.scrollToIndex(Math.min(line, lines.length) - 1, { align: "center" });
    else box.current?.scrollTo(0, 0);
  }, [path, line]);
  const chosen = lines[line - 1];
  return (
    <div class="source-text">
      <div class="scroll code" ref={box} tabIndex={0} aria-label={`Source of ${short_path(path)}`}>
        <div style={{ height: `${virtual.getTotalSize()}px`, position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const l = lines[item.index];
            const covered = l.runs === null ? "" : l.runs > 0 ? " covered" : " uncovered";
            return (
              <div key={item.key} class={`code-line${covered}${item.index + 1 === line ? " chosen" : ""}`} style={{ transform: `translateY(${item.start}px)` }}>
                <span class="runs" title={l.runs === null ? "" : l.runs > 0 ? `reached by ${counted(l.runs, "seed")}` : "reached by no seed"}>{l.runs === null ? "" : l.runs > 0 ? number(l.runs) : "0"}</span>
                <span class="marks">{l.places.slice(0, 3).map((p) => <Mark key={p.id} place={p} />)}{l.places.length > 3 && <small>+{l.places.length - 3}</small>}</span>
                <a class="no" href={`#source/${encodeURIComponent(path)}/${item.index + 1}`}>{item.index + 1}</a>
                <span class="text">{visible(l.text)}</span>
              </div>
            );
          })}
        </div>
      </div>
      {chosen && chosen.places.length > 0 && (
        <ul class="plain line-facts">{chosen.places.map((p) => <li key={p.id}><Mark place={p} /> {one_line(says(p))} <code class="quiet">{p.id}</code></li>)}</ul>
      )}
    </div>
  );
}

export function SourceView({ report, file, line }: { report: Report; file?: string; line: number }) {
  const all = useMemo(() => sums(report), [report]);
  const [filter, set_filter] = useState("");
  const here = new Set(report.sources.files.map((f) => f.path));
  const path = file && here.has(file) ? file : all.find((f) => here.has(f.path))?.path;
  if (all.length === 0) return <Empty>Nothing in the program has a place: there are no sites, assertions or coverage marks.</Empty>;
  const shown = all.filter((f) => f.path.toLowerCase().includes(filter.toLowerCase()));
  return (
    <div class="source">
      <nav aria-label="Files">
        <input type="search" placeholder="Filter files …" aria-label="Filter files" value={filter} onInput={(e) => set_filter(e.currentTarget.value)} />
        <ul>
          {shown.map((f) => {
            const why = report.sources.missing.find((m) => m.path === f.path)?.why;
            const inside = (
              <>
                <span class="path" title={short_path(f.path)}>{short_path(f.path)}</span>
                {f.marks > 0 && <span class="meter" title={`${f.reached} of ${f.marks} marks`}><span style={{ width: percent(f.reached, f.marks).replace(" ", "") }} /></span>}
                <span class="quiet">
                  {[f.marks > 0 && percent(f.reached, f.marks), f.sites > 0 && counted(f.sites, "site"), f.assertions > 0 && counted(f.assertions, "assertion")].filter(Boolean).join(" · ")}
                  {f.violated > 0 && <b class="bad"> ✕ {f.violated}</b>}
                </span>
              </>
            );
            return (
              <li key={f.path}>
                {here.has(f.path)
                  ? <a href={`#source/${encodeURIComponent(f.path)}`} aria-current={f.path === path ? "true" : undefined}>{inside}</a>
                  : <div class="gone" title={visible(why ?? "")}>{inside}<span class="quiet">{visible(why ?? "not in this report")}</span></div>}
              </li>
            );
          })}
        </ul>
        <p class="key quiet"><span class="mark fired">◆</span> fired <span class="mark silent">◆</span> evaluated <span class="mark never">◇</span> never evaluated<br />
          <span class="mark good">✓</span> held <span class="mark bad">✕</span> violated <span class="mark open">○</span> never true<br />left: seeds that reached the line</p>
      </nav>
      {path ? <Text report={report} path={path} line={line} /> : <Empty>None of the source files was found. squall report --source DIR says where they are.</Empty>}
    </div>
  );
}
