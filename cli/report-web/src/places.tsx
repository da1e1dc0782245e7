// The tables of assertions and of sites.
import { useMemo } from "preact/hooks";
import type { Place, Report, RunRef } from "./data";
import { Empty, Where } from "./parts";
import { DataTable, type Column } from "./table";
import { one_line, short_path } from "./text";

const text_of = (p: Place): string => `${p.kind} ${p.file}:${p.line} ${p.function} ${p.detail} ${p.id} ${p.rule ?? ""}`;
const seed_of = (run: RunRef | null | undefined): string => run?.seed ?? "";

function common(report: Report): Record<"kind" | "place" | "detail" | "function", Column<Place>> {
  const files = new Set(report.sources.files.map((f) => f.path));
  return {
    kind: { id: "kind", title: "Kind", width: "minmax(9em, 11em)", value: (p) => p.kind, show: (p) => one_line(p.kind) },
    place: {
      id: "place", title: "Place", width: "minmax(12em, 1.4fr)", value: (p) => `${short_path(p.file)}:${String(p.line).padStart(7, "0")}`,
      show: (p) => <Where file={p.file} line={p.line} can_open={files.has(p.file)} />,
    },
    detail: { id: "detail", title: "What", width: "minmax(12em, 2fr)", value: (p) => p.detail, show: (p) => <span title={one_line(p.detail)}>{one_line(p.detail)}</span> },
    function: { id: "function", title: "Function", width: "minmax(8em, 1fr)", value: (p) => p.function, show: (p) => <span title={one_line(p.function)}>{one_line(p.function)}</span> },
  };
}

function State({ place }: { place: Place }) {
  const fails = !place.must && (place.times_false ?? 0) > 0;
  if (fails) return <span class="state bad">✕ violated</span>;
  if (place.must && (place.times_true ?? 0) === 0) return <span class="state open">○ {place.runs > 0 ? "never true" : "not evaluated"}</span>;
  return place.runs > 0 ? <span class="state good">✓ {place.must ? "reached" : "held"}</span> : <span class="state none">– not evaluated</span>;
}
const state_rank = (p: Place): number =>
  !p.must && (p.times_false ?? 0) > 0 ? 0 : p.must && (p.times_true ?? 0) === 0 ? 1 : p.runs === 0 ? 2 : 3;

export function Assertions({ report }: { report: Report }) {
  const columns = useMemo((): Column<Place>[] => {
    const c = common(report);
    return [
      { id: "state", title: "State", width: "9em", value: state_rank, show: (p) => <State place={p} /> },
      c.kind, c.detail, c.place,
      { id: "true", title: "True", hint: "How often it was true", width: "7em", numeric: true, value: (p) => p.times_true ?? 0 },
      { id: "false", title: "False", hint: "How often it was false", width: "7em", numeric: true, value: (p) => p.times_false ?? 0 },
      { id: "runs", title: "Seeds", hint: "Seeds that evaluated it", width: "6em", numeric: true, value: (p) => p.runs },
      { id: "first", title: "First", hint: "The first seed that made it true, or for a violated one false", width: "7em", value: (p) => Number(seed_of(p.must ? p.first_true : p.first_false)) || 0,
        show: (p) => <code>{seed_of(p.must ? p.first_true : p.first_false)}</code> },
    ];
  }, [report]);
  if (report.assertions.length === 0) return <Empty>The program has no assertions of squall: docs/reference/assertions.md.</Empty>;
  return (
    <DataTable name="assertions" rows={report.assertions} total={report.totals.assertions.total} columns={columns} text_of={text_of} sort={{ id: "state", desc: false }}
      choices={[
        { id: "all", label: "All", keep: () => true },
        { id: "violated", label: "Violated", keep: (p) => state_rank(p) === 0 },
        { id: "never", label: "Never true", keep: (p) => state_rank(p) === 1 },
      ]} />
  );
}

export function Sites({ report }: { report: Report }) {
  const columns = useMemo((): Column<Place>[] => {
    const c = common(report);
    return [
      c.kind, c.place, c.function, c.detail,
      { id: "evaluated", title: "Evaluated", width: "8em", numeric: true, value: (p) => p.evaluated ?? 0 },
      { id: "activated", title: "Activated", hint: "Runs that switched it on", width: "7em", numeric: true, value: (p) => p.activated ?? 0 },
      { id: "fired", title: "Fired", width: "7em", numeric: true, value: (p) => p.fired ?? 0 },
      { id: "fired_runs", title: "Seeds", hint: "Seeds in which it fired", width: "6em", numeric: true, value: (p) => p.fired_runs ?? 0 },
      { id: "first", title: "First", hint: "The first seed in which it fired", width: "6em", value: (p) => Number(seed_of(p.first_fired)) || 0, show: (p) => <code>{seed_of(p.first_fired)}</code> },
    ];
  }, [report]);
  if (report.sites.length === 0) return <Empty>The program has no fault sites: squall instrument writes them.</Empty>;
  return (
    <DataTable name="sites" rows={report.sites} total={report.totals.sites.total} columns={columns} text_of={text_of} sort={{ id: "fired", desc: true }}
      choices={[
        { id: "all", label: "All", keep: () => true },
        { id: "fired", label: "Fired", keep: (p) => (p.fired ?? 0) > 0 },
        { id: "silent", label: "Evaluated, never fired", keep: (p) => (p.evaluated ?? 0) > 0 && (p.fired ?? 0) === 0 },
        { id: "never", label: "Never evaluated", keep: (p) => (p.evaluated ?? 0) === 0 },
      ]} />
  );
}
