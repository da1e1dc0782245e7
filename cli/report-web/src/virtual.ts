// TanStack's virtualizer and table for Preact.
import { createTable, type RowData, type Table, type TableOptionsResolved, type TableState } from "@tanstack/table-core";
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type VirtualizerOptions } from "@tanstack/virtual-core";
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";

type Needed = Pick<VirtualizerOptions<HTMLElement, Element>, "count" | "getScrollElement" | "estimateSize"> &
  Partial<VirtualizerOptions<HTMLElement, Element>>;

export function use_virtual(options: Needed): Virtualizer<HTMLElement, Element> {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const all: VirtualizerOptions<HTMLElement, Element> = {
    observeElementRect, observeElementOffset, scrollToFn: elementScroll, overscan: 12, ...options, onChange: () => redraw(undefined as never),
  };
  const kept = useRef<Virtualizer<HTMLElement, Element> | null>(null);
  kept.current ??= new Virtualizer(all);
  const virtual = kept.current;
  virtual.setOptions(all);
  useLayoutEffect(() => virtual._didMount(), []);
  useLayoutEffect(() => virtual._willUpdate());
  return virtual;
}

export function use_table<T extends RowData>(
  options: Omit<TableOptionsResolved<T>, "state" | "onStateChange" | "renderFallbackValue">, start: Partial<TableState>,
): Table<T> {
  const kept = useRef<Table<T> | null>(null);
  kept.current ??= createTable<T>({ ...options, state: {}, onStateChange: () => {}, renderFallbackValue: null });
  const table = kept.current;
  const [state, set_state] = useState<TableState>(() => ({ ...table.initialState, ...start }));
  table.setOptions((before) => ({ ...before, ...options, state, onStateChange: set_state }));
  return table;
}
