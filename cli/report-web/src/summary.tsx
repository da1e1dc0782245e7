// Verdict, totals, and what fails, by cause.
import type { Cause, Report } from "./data";
import { CopyLine, Empty, parse_place, Where } from "./parts";
import { counted, long_time, number, one_line, percent, virtual_time, visible } from "./text";

function sentence(report: Report): string {
  const { totals, determinism } = report;
  const runs = counted(totals.runs, "seed");
  if (totals.runs === 0) return "No seed was run.";
  if (totals.failing > 0) {
    return `${number(totals.failing)} of ${runs} ${totals.failing === 1 ? "fails" : "fail"}, for ${counted(totals.causes, "cause")}.`;
  }
  const check = determinism.checked > 0 ? ` ${counted(determinism.checked, "seed")} run twice had equal digests.` : "";
  return `All ${runs} passed.${determinism.different > 0 ? "" : check}`;
}

function Tile({ label, value, sub, href }: { label: string; value: string; sub?: string; href?: string }) {
  const inside = (
    <>
      <span class="label">{label}</span>
      <span class="value">{value}</span>
      {sub && <span class="sub">{sub}</span>}
    </>
  );
  return href ? <a class="tile" href={href}>{inside}</a> : <div class="tile">{inside}</div>;
}

function CauseCard({ report, cause, index }: { report: Report; cause: Cause; index: number }) {
  const diagram = report.diagrams.find((d) => d.cause === index);
  const place = parse_place(cause.place);
  const can_open = place !== null && report.sources.files.some((f) => f.path === place.file);
  const assertion = place && report.assertions.find((a) => a.file === place.file && a.line === place.line);
  const shown = cause.seeds.slice(0, 12);
  return (
    <article class="cause" aria-label={`Cause ${index + 1}`}>
      <div class="cause-head">
        <span class={`kind ${cause.verdict}`}>{visible(cause.verdict)}</span>
        <h3>{one_line(cause.message) || "no message"}</h3>
        <span class="share" title={`${percent(cause.runs, report.totals.runs)} of all seeds`}>{counted(cause.runs, "seed")}</span>
      </div>
      <p class="at">
        {place ? <Where file={place.file} line={place.line} can_open={can_open} /> : <span class="where">{one_line(cause.place)}</span>}
        {cause.process && <> in process <b>{one_line(cause.process)}</b></>}
        {cause.virtual_ns > 0 && <> at {virtual_time(cause.virtual_ns)} of virtual time</>}
        {report.simulations.length > 1 && <> of {one_line(cause.test)} ({one_line(cause.simulation)})</>}
        {assertion && <> · held {number(assertion.times_true ?? 0)} times elsewhere</>}
      </p>
      <p class="seeds">
        {cause.runs === 1 ? "Seed" : "Seeds"} {shown.map((seed) => <code key={seed}>{seed}</code>)}
        {cause.runs > shown.length && <span> and {number(cause.runs - shown.length)} more</span>}
      </p>
      <CopyLine text={cause.replay} label={`the command that replays seed ${cause.seeds[0]}`} />
      <div class="links">
        {diagram && !diagram.missing && <a class="button" href={`#diagram/${index}`}>Diagram of seed {diagram.seed} →</a>}
        {diagram?.missing && <span class="quiet">No diagram: {one_line(diagram.missing)}</span>}
        {!diagram && <span class="quiet">No diagram (squall report --diagrams {index + 1})</span>}
      </div>
      {cause.output.length > 0 && <details open><summary>What the process printed last</summary><pre>{cause.output.map(visible).join("\n")}</pre></details>}
      {cause.tail.length > 0 && <details><summary>The last {counted(cause.tail.length, "event")} of seed {cause.seeds[0]}</summary><pre>{cause.tail.map(one_line).join("\n")}</pre></details>}
      {cause.options && <details><summary>Options drawn from seed {cause.seeds[0]}</summary><pre>{visible(cause.options)}</pre></details>}
    </article>
  );
}

function Faults({ faults }: { faults: Record<string, number> }) {
  const rows = Object.entries(faults).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
  if (rows.length === 0) return <Empty>No fault happened.</Empty>;
  const most = Math.log10(1 + rows[0][1]);
  return (
    <ul class="bars" aria-label="Faults, on a logarithmic scale">
      {rows.map(([kind, n]) => (
        <li key={kind}>
          <span>{one_line(kind)}</span>
          <span class="track"><span style={{ width: `${(100 * Math.log10(1 + n)) / most}%` }} /></span>
          <span class="n">{number(n)}</span>
        </li>
      ))}
    </ul>
  );
}

export function Summary({ report }: { report: Report }) {
  const { totals, campaign, estimates } = report;
  const open = report.assertions.filter((a) => a.must && (a.times_true ?? 0) === 0);
  const has_file = (file: string) => report.sources.files.some((f) => f.path === file);
  return (
    <>
      <p class="lead">{sentence(report)}</p>
      <div class="tiles">
        <Tile label="Seeds" value={number(totals.runs)} sub={`${number(totals.failing)} failing`} />
        <Tile label="Virtual time" value={long_time(totals.virtual_seconds)} sub={campaign.wall_ms > 0 ? `in ${long_time(campaign.wall_ms / 1000)}` : undefined} />
        <Tile label="Events" value={number(totals.events)} />
        {totals.sometimes.total > 0 && <Tile label="Sometimes" value={`${number(totals.sometimes.reached)} / ${number(totals.sometimes.total)}`} sub="came true" href="#assertions" />}
        {totals.sites.total > 0 && <Tile label="Sites fired" value={`${number(totals.sites.fired)} / ${number(totals.sites.total)}`} sub={`${number(totals.sites.evaluated)} evaluated`} href="#sites" />}
        {totals.coverage.total > 0 && <Tile label="Coverage" value={percent(totals.coverage.reached, totals.coverage.total)} sub={`${number(totals.coverage.reached)} of ${counted(totals.coverage.total, "mark")}`} href="#source" />}
        {totals.coverage.total > 0 && <Tile label="Still unseen" value={`≈ ${number(Math.round(estimates.coverage.total - estimates.coverage.observed))}`} sub="marks within reach (Chao2)" href="#discovery" />}
      </div>
      {report.causes.length > 0 && (
        <section>
          <h2>What fails</h2>
          {report.causes.map((cause, i) => <CauseCard key={i} report={report} cause={cause} index={i} />)}
          {totals.causes > report.causes.length && <Empty>{number(totals.causes - report.causes.length)} rarer causes are not shown.</Empty>}
        </section>
      )}
      <div class="columns">
        {totals.sometimes.total > 0 && (
          <section>
            <h2>Should happen, and never did</h2>
            {open.length === 0 ? <Empty>All {number(totals.sometimes.total)} came true.</Empty> : (
              <ul class="plain">
                {open.slice(0, 50).map((a) => (
                  <li key={a.id}>{one_line(a.detail)} <Where file={a.file} line={a.line} can_open={has_file(a.file)} />{" "}
                    <span class="quiet">{a.runs > 0 ? "evaluated, never true" : "never evaluated"}</span></li>
                ))}
              </ul>
            )}
            {open.length > 50 && <Empty>and {number(open.length - 50)} more under Assertions</Empty>}
          </section>
        )}
        <section>
          <h2>Faults that happened</h2>
          <Faults faults={report.faults} />
        </section>
      </div>
      <section>
        <h2>Campaign</h2>
        <dl class="facts">
          <dt>Command</dt><dd><code>{one_line(campaign.command.join(" "))}</code></dd>
          <dt>Profile</dt><dd>{one_line(campaign.profile)}{campaign.overrides && <>, overrides <code>{one_line(campaign.overrides)}</code></>}{campaign.fault_changes && <>, faults <code>{one_line(campaign.fault_changes)}</code></>}</dd>
          <dt>Seeds</dt><dd>from {campaign.first_seed}{campaign.seed_count !== null && `, at most ${number(campaign.seed_count)}`}{campaign.shard.count > 1 && `, shard ${campaign.shard.index + 1} of ${campaign.shard.count}`}</dd>
          <dt>Stopped by</dt><dd>{campaign.stopped ? visible(campaign.stopped) : "not at an end (goes on, or was killed)"}</dd>
          <dt>Determinism</dt><dd>{counted(report.determinism.checked, "seed")} run twice, {report.determinism.different === 0 ? "all the same" : `${number(report.determinism.different)} different`}</dd>
          <dt>File</dt><dd><code>{one_line(campaign.file)}</code></dd>
        </dl>
      </section>
    </>
  );
}
