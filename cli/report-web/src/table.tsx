// A table that sorts, filters, and draws only the rows in sight.
import { getCoreRowModel, getFilteredRowModel, getSortedRowModel, type ColumnDef } from "@tanstack/table-core";
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { Empty } from "./parts";
import { number } from "./text";
import { use_table, use_virtual } from "./virtual";

export interface Column<T> {
  id: string; title: string; hint?: string; width: string; numeric?: boolean;
  value: (row: T) => string | number; show?: (row: T) => ComponentChildren;
}
export interface Choice<T> { id: string; label: string; keep: (row: T) => boolean }

interface Props<T> {
  name: string; rows: T[]; total: number; columns: Column<T>[]; choices: Choice<T>[]; text_of: (row: T) => string;
  sort: { id: string; desc: boolean };
}

export function DataTable<T>({ name, rows, total, columns, choices, text_of, sort }: Props<T>) {
  const [filter, set_filter] = useState("");
  const [choice, set_choice] = useState(choices[0].id);
  const [chosen, set_chosen] = useState({ choice, rows });
  const box = useRef<HTMLDivElement>(null);
  const keep = choices.find((c) => c.id === choice)?.keep ?? (() => true);
  const kept = useRef(rows);
  if (chosen.choice !== choice || chosen.rows !== rows) {
    kept.current = rows.filter(keep);
    set_chosen({ choice, rows });
  }
  const definitions = useRef<ColumnDef<T>[]>(columns.map((c): ColumnDef<T> => ({
    id: c.id, accessorFn: c.value, sortingFn: c.numeric ? "basic" : "alphanumeric", sortDescFirst: c.numeric ?? false,
  })));
  const table = use_table<T>({
    data: kept.current, columns: definitions.current,
    getCoreRowModel: getCoreRowModel(), getSortedRowModel: getSortedRowModel(), getFilteredRowModel: getFilteredRowModel(),
    globalFilterFn: (row, _column, wanted: string) => {
      const text = text_of(row.original).toLowerCase();
      return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
    },
    getColumnCanGlobalFilter: (column) => column.id === columns[0].id,
  }, { sorting: [sort] });
  const shown = table.getRowModel().rows;
  const virtual = use_virtual({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => 30 });
  const template = { gridTemplateColumns: columns.map((c) => c.width).join(" ") };
  return (
    <section class="table-view">
      <div class="tools">
        <input type="search" placeholder={`Filter ${name} …`} aria-label={`Filter ${name}`} value={filter}
          onInput={(e) => { set_filter(e.currentTarget.value); table.setGlobalFilter(e.currentTarget.value.trim()); }} />
        <div class="chips" role="group" aria-label="Which">
          {choices.map((c) => (
            <button key={c.id} type="button" aria-pressed={c.id === choice} onClick={() => set_choice(c.id)}>
              {c.label} <span class="count">{number(rows.filter(c.keep).length)}</span>
            </button>
          ))}
        </div>
        <span class="quiet" role="status">{number(shown.length)} of {number(total)} shown{rows.length < total && `; only the first ${number(rows.length)} are in this file`}</span>
      </div>
      <div class="grid" role="table" aria-label={name} aria-rowcount={shown.length + 1}>
        <div class="scroll" ref={box} tabIndex={0}>
          <div class="row head" role="row" style={template}>
            {table.getFlatHeaders().map((header, i) => {
              const sorted = header.column.getIsSorted();
              return (
                <div key={header.id} role="columnheader" class={columns[i].numeric ? "num" : ""} aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : "none"}>
                  <button type="button" title={columns[i].hint} onClick={() => header.column.toggleSorting(undefined, false)}>
                    {columns[i].title}<span class="arrow" aria-hidden="true">{sorted === "asc" ? " ▲" : sorted === "desc" ? " ▼" : ""}</span>
                  </button>
                </div>
              );
            })}
          </div>
          <div style={{ height: `${virtual.getTotalSize()}px`, position: "relative" }} role="rowgroup">
            {virtual.getVirtualItems().map((item) => {
              const row = shown[item.index];
              return (
                <div key={item.key} class="row" role="row" aria-rowindex={item.index + 2} style={{ ...template, transform: `translateY(${item.start}px)` }}>
                  {columns.map((c) => (
                    <div key={c.id} role="cell" class={c.numeric ? "num" : ""}>
                      {c.show ? c.show(row.original) : c.numeric ? number(Number(c.value(row.original))) : String(c.value(row.original))}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
          {shown.length === 0 && <Empty>Nothing fits.</Empty>}
        </div>
      </div>
    </section>
  );
}
