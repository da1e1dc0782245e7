// The page's frame: verdict, tabs, the light and the dark.
import { render } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { read_report, type Report } from "./data";
import { DiagramView } from "./diagram/view";
import { Discovery } from "./discovery";
import { Assertions, Sites } from "./places";
import { SourceView } from "./source";
import { Summary } from "./summary";
import { one_line, visible } from "./text";

interface Tab { id: string; label: string; count?: number }

function tabs_of(report: Report): Tab[] {
  const tabs: Tab[] = [{ id: "summary", label: "Summary" }];
  if (report.causes.length > 0) tabs.push({ id: "diagram", label: "Diagram" });
  tabs.push({ id: "assertions", label: "Assertions", count: report.totals.assertions.total });
  tabs.push({ id: "sites", label: "Sites", count: report.totals.sites.total });
  tabs.push({ id: "source", label: "Source", count: report.sources.files.length });
  tabs.push({ id: "discovery", label: "Discovery" });
  return tabs;
}

function route(): string[] {
  return location.hash.slice(1).split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}

type Theme = "auto" | "light" | "dark";
const themes: Theme[] = ["auto", "light", "dark"];

function Page({ report }: { report: Report }) {
  const [where, set_where] = useState(route());
  const [theme, set_theme] = useState<Theme>("auto");
  const tabs = useMemo(() => tabs_of(report), [report]);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const moved = () => set_where(route());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  useEffect(() => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    dispatchEvent(new Event("squall-theme"));
  }, [theme]);
  const tab = tabs.find((t) => t.id === where[0])?.id ?? "summary";
  const step = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    const at = (tabs.findIndex((t) => t.id === tab) + by + tabs.length) % tabs.length;
    location.hash = tabs[at].id;
    (list.current?.children[at] as HTMLElement | undefined)?.focus();
    event.preventDefault();
  };
  const kind = report.verdict === "passed" ? "good" : report.verdict === "failed" || report.verdict === "nondeterministic" ? "bad" : "open";
  return (
    <>
      <header>
        <div class="bar">
          <span class={`verdict ${kind}`}>{kind === "good" ? "✓" : kind === "bad" ? "✕" : "•"} {visible(report.verdict)}</span>
          <h1 title={one_line(report.campaign.command.join(" "))}>
            {one_line(report.simulations.map((s) => s.test).join(", ") || report.campaign.command.join(" "))}
          </h1>
          <span class="quiet">squall {visible(report.squall_version)}</span>
          <button type="button" class="theme" aria-label={`Colours: ${theme}. Change`}
            onClick={() => set_theme(themes[(themes.indexOf(theme) + 1) % themes.length])}>
            {theme === "auto" ? "◐ auto" : theme === "light" ? "☀ light" : "☾ dark"}
          </button>
        </div>
        <div class="tabs" role="tablist" aria-label="Parts of the report" ref={list} onKeyDown={step}>
          {tabs.map((t) => (
            <a key={t.id} role="tab" id={`tab-${t.id}`} href={`#${t.id}`} aria-selected={t.id === tab} aria-controls="view" tabIndex={t.id === tab ? 0 : -1}>
              {t.label}{t.count !== undefined && <span class="count">{t.count.toLocaleString("en-US")}</span>}
            </a>
          ))}
        </div>
      </header>
      <main id="view" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === "summary" && <Summary report={report} />}
        {tab === "diagram" && <DiagramView report={report} chosen={Number(where[1] ?? -1)} />}
        {tab === "assertions" && <Assertions report={report} />}
        {tab === "sites" && <Sites report={report} />}
        {tab === "source" && <SourceView report={report} file={where[1]} line={Number(where[2] ?? 0)} />}
        {tab === "discovery" && <Discovery report={report} />}
      </main>
    </>
  );
}

const root = document.getElementById("page");
const report = read_report();
if (root !== null) {
  if (report !== null) {
    document.title = `${visible(report.verdict)} – squall report`;
    render(<Page report={report} />, root);
  } else {
    root.textContent = "This page has no report in it: squall report puts one there.";
  }
}
