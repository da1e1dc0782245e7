// What was found over the seeds, and how much is estimated to be left.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Estimate, Point, Report } from "./data";
import { Empty } from "./parts";
import { counted, number, small } from "./text";

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A step curve from the first seed to the last.
function series(points: Point[], runs: number): [number[], number[]] {
  const xs = [0];
  const ys = [0];
  for (const [x, y] of points) {
    xs.push(x);
    ys.push(y);
  }
  if (xs[xs.length - 1] < runs) {
    xs.push(runs);
    ys.push(ys[ys.length - 1]);
  }
  return [xs, ys];
}

function Curve({ points, runs, limit, tint }: { points: Point[]; runs: number; limit: number | null; tint: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const target = box.current;
    if (target === null) return;
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      const [xs, ys] = series(points, runs);
      const axis: uPlot.Axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") }, font: "12px system-ui, sans-serif", values: (_, v) => v.map((n) => (Number.isInteger(n) ? number(n) : "")) };
      plot = new uPlot({
        width: Math.max(240, target.clientWidth), height: 200, legend: { show: true, live: true },
        scales: { x: { time: false }, y: { range: (_u, _min, max) => [0, Math.max(1, max, limit ?? 0) * 1.06] } },
        cursor: { y: false },
        axes: [{ ...axis, size: 34 }, { ...axis, size: 56 }],
        series: [
          { label: "Seeds", value: (_, v) => (v == null ? "–" : number(v)) },
          { label: "Found", stroke: colour(tint), width: 2, fill: colour(`${tint}-soft`), paths: uPlot.paths.stepped?.({ align: 1 }), points: { show: points.length < 30, size: 5, fill: colour(tint) }, value: (_, v) => (v == null ? "–" : number(v)) },
          ...(limit === null ? [] : [{ label: "Estimated in all", stroke: colour("--quiet"), dash: [5, 5], width: 1, points: { show: false }, value: () => `≥ ${number(Math.round(limit))}` }]),
        ],
      }, limit === null ? [xs, ys] : [xs, ys, xs.map(() => limit)], target);
    };
    draw();
    const seen = new ResizeObserver(() => {
      if (plot && Math.abs(plot.width - target.clientWidth) > 2) plot.setSize({ width: Math.max(240, target.clientWidth), height: 200 });
    });
    seen.observe(target);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    addEventListener("squall-theme", draw);
    return () => {
      seen.disconnect();
      dark.removeEventListener("change", draw);
      removeEventListener("squall-theme", draw);
      plot?.destroy();
    };
  }, [points, runs, limit, tint]);
  return <div class="plot" ref={box} />;
}

function Left({ estimate, what }: { estimate: Estimate; what: string }) {
  const unseen = Math.round(estimate.total - estimate.observed);
  return (
    <p>
      <b>{number(estimate.observed)}</b> seen, {number(estimate.once)} of them in one seed only.{" "}
      {estimate.observed === 0 ? "" : unseen === 0 ? estimate.once === 0 && `Nothing suggests that more ${what} are within reach of these seeds.` : <>At least <b>{number(unseen)}</b> more are estimated to be within reach.</>}
      {estimate.once > 0 && (estimate.next_run >= 1
        ? <> The next seed is expected to bring {small(estimate.next_run)} new {what}.</>
        : <> A seed with new {what} is expected once in about {counted(Math.round(1 / estimate.next_run), "seed")}.</>)}
    </p>
  );
}

export function Discovery({ report }: { report: Report }) {
  const { curves, estimates, totals } = report;
  if (totals.runs === 0) return <Empty>No seed was run.</Empty>;
  const all: { title: string; what: string; points: Point[]; estimate: Estimate | null; tint: string }[] = [];
  if (totals.coverage.total > 0) all.push({ title: `Coverage marks, of ${number(totals.coverage.total)}`, what: "marks", points: curves.coverage, estimate: estimates.coverage, tint: "--blue" });
  if (totals.sometimes.total > 0) all.push({ title: `Sometimes assertions that came true, of ${number(totals.sometimes.total)}`, what: "assertions", points: curves.sometimes, estimate: estimates.sometimes, tint: "--green" });
  if (totals.sites.total > 0) all.push({ title: `Sites that fired, of ${number(totals.sites.total)}`, what: "sites", points: curves.sites, estimate: estimates.sites, tint: "--orange" });
  if (totals.causes > 0) all.push({ title: "Causes of failure", what: "causes", points: curves.causes, estimate: estimates.causes, tint: "--red" });
  if (totals.causes > 0) all.push({ title: "Failing seeds", what: "", points: curves.failing, estimate: null, tint: "--red" });
  return (
    <>
      <div class="plots">
        {all.map((c) => (
          <section key={c.title}>
            <h2>{c.title}</h2>
            <Curve points={c.points} runs={totals.runs} limit={c.estimate && c.estimate.total > c.estimate.observed ? c.estimate.total : null} tint={c.tint} />
            {c.estimate && <Left estimate={c.estimate} what={c.what} />}
          </section>
        ))}
      </div>
      <p class="quiet method">How much is left is Chao2 in its bias-corrected form (A. Chao, Biometrics 43, 1987), a lower bound from what one or two seeds alone have seen; what the next seed brings is
        Good-Turing (I. J. Good, Biometrika 40, 1953). Both take seeds for draws from one distribution: they tell what more of the same seeds would find, not what another workload or other faults would.</p>
    </>
  );
}
