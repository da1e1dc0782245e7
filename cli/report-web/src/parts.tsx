// Small parts that several views share.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { one_line, short_path } from "./text";

// Without the clipboard API (a page from disk may have none) the text goes by a selection.
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.position = "fixed";
    field.style.opacity = "0";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

export function CopyLine({ text, label }: { text: string; label: string }) {
  const [said, set_said] = useState("");
  const click = async () => {
    set_said((await copy(text)) ? "Copied" : "Select it");
    setTimeout(() => set_said(""), 1500);
  };
  return (
    <div class="copy-line">
      <code tabIndex={0}>{one_line(text)}</code>
      <button type="button" onClick={click} aria-label={`Copy: ${label}`}>{said || "Copy"}</button>
      <span class="unseen" role="status">{said}</span>
    </div>
  );
}

export function Where({ file, line, can_open }: { file: string; line: number; can_open: boolean }) {
  const text = `${short_path(file)}:${line}`;
  return can_open ? <a class="where" href={source_link(file, line)}>{text}</a> : <span class="where">{text}</span>;
}

export const source_link = (file: string, line: number): string => `#source/${encodeURIComponent(file)}/${line}`;

// "src/a.cpp:12" or "src/a.cpp:12 in f"
export function parse_place(place: string): { file: string; line: number } | null {
  const match = /^(.*?):(\d+)(?::\d+)?(?: in .*)?$/s.exec(place);
  return match ? { file: match[1], line: Number(match[2]) } : null;
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
