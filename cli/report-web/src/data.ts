// What squall put into the page: docs/report.md. Texts of the program under test are as they came; they
// are shown by visible() alone.
export interface RunRef { test: string; simulation: string; seed: string }
export interface Cause {
  verdict: string; message: string; place: string; test: string; simulation: string; runs: number; seeds: string[];
  first_position: number; process: string; virtual_ns: number; events: number; digest: string; options: string;
  tail: string[]; output: string[]; replay: string;
}
export interface Place {
  id: string; kind: string; file: string; line: number; function: string; detail: string; runs: number;
  rule?: string; evaluated?: number; activated?: number; fired?: number; fired_runs?: number; first_fired?: RunRef | null;
  times_true?: number; times_false?: number; true_runs?: number; false_runs?: number;
  first_true?: RunRef | null; first_false?: RunRef | null; must?: boolean; combinations?: number; first?: RunRef | null;
}
export type Point = [number, number];
export interface Estimate { observed: number; once: number; twice: number; total: number; next_run: number; runs: number }
export interface PackedEvents {
  events: number; left_out: number; damaged: number; kinds: string[]; processes: string[]; texts: string[];
  t: number[]; k: number[]; p: number[]; q: number[]; x: number[]; b: number[]; m: number[];
}
export interface Diagram extends Partial<PackedEvents> { cause: number; seed: string; missing?: string }
export interface Report {
  version: number; squall_version: string; verdict: string;
  campaign: {
    file: string; command: string[]; profile: string; overrides: string; fault_changes: string; first_seed: string;
    seed_count: number | null; shard: { index: number; count: number }; stopped: string | null; exit_code: number | null;
    wall_ms: number;
  };
  totals: {
    runs: number; failing: number; causes: number; virtual_seconds: number; events: number;
    sites: { total: number; evaluated: number; activated: number; fired: number };
    assertions: { total: number; evaluated: number };
    sometimes: { total: number; reached: number };
    coverage: { total: number; reached: number };
  };
  verdicts: Record<string, number>; faults: Record<string, number>;
  determinism: { checked: number; different: number };
  simulations: { test: string; simulation: string; runs: number; failing: number }[];
  causes: Cause[]; assertions: Place[]; sites: Place[]; coverage: Place[];
  curves: { coverage: Point[]; sites: Point[]; sometimes: Point[]; causes: Point[]; failing: Point[] };
  estimates: { coverage: Estimate; sites: Estimate; sometimes: Estimate; causes: Estimate };
  sources: { files: { path: string; text: string }[]; missing: { path: string; why: string }[] };
  diagrams: Diagram[];
}

export function read_report(): Report | null {
  const text = document.getElementById("squall-data")?.textContent ?? "null";
  const data = JSON.parse(text) as Report | string;
  return typeof data === "object" ? data : null;
}
