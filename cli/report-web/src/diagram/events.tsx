// The run's events as a list beside the drawing: the same selection, and all that a screen reader needs.
import { useEffect, useMemo, useRef } from "preact/hooks";
import { one_line, virtual_time } from "../text";
import { use_virtual } from "../virtual";
import { describe, group_id, type Model } from "./model";

interface Props { model: Model; shown: Int32Array; selected: number; past: Uint8Array | null; select: (i: number, show: boolean) => void }

export function EventList({ model, shown, selected, past, select }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const virtual = use_virtual({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => 24 });
  const at = useMemo(() => shown.indexOf(selected), [shown, selected]);
  useEffect(() => {
    if (at < 0) return;
    // A frame later the list has its height.
    const frame = requestAnimationFrame(() => virtual.scrollToIndex(at, { align: "auto" }));
    return () => cancelAnimationFrame(frame);
  }, [at, shown]);
  const key = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : event.key === "PageDown" ? 15 : event.key === "PageUp" ? -15 : 0;
    if (by === 0 || shown.length === 0) return;
    event.preventDefault();
    const next = at < 0 ? shown.findIndex((i) => i >= selected) : at + by;
    select(shown[Math.max(0, Math.min(shown.length - 1, next))], true);
  };
  return (
    <div class="events scroll" ref={box} tabIndex={0} role="listbox" aria-label="Events" onKeyDown={key}
      aria-activedescendant={at >= 0 ? `event-${selected}` : undefined}>
      <div style={{ height: `${virtual.getTotalSize()}px`, position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const i = shown[item.index];
          return (
            <div key={i} id={`event-${i}`} role="option" aria-selected={i === selected} aria-setsize={shown.length} aria-posinset={item.index + 1}
              class={`event ${group_id(model, i)}${past && past[i] === 0 ? " dim" : ""}`} style={{ transform: `translateY(${item.start}px)` }} onClick={() => select(i, true)}>
              <span class="time">{virtual_time(model.time[i])}</span>
              <span class="who">{one_line(model.lanes[model.lane[i]])}</span>
              <span class="what">{one_line(describe(model, i))}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
