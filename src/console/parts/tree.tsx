import { useSignal } from "@preact/signals";
import { cut } from "./words.ts";

/** Entries of one value that are drawn at first, and how many more each time. */
const SHOWN_ENTRIES = 100;
/** Characters of a text that are drawn. */
const SHOWN_TEXT = 300;

interface TreeParts {
  readonly value: unknown;
  /** Its key in what it is part of; undefined for the root. */
  readonly name?: string | number;
  /** Whether it is open at first. */
  readonly depth?: number;
}

/** JSON as a tree: it opens and closes, long things are cut. */
export function Tree({ value, name, depth = 0 }: TreeParts) {
  const isOpen = useSignal(depth < 2);
  const shown = useSignal(SHOWN_ENTRIES);
  if (typeof value !== "object" || value === null) return <Leaf value={value} name={name} />;
  const isList = Array.isArray(value);
  const keys = Object.keys(value);
  const open = isOpen.value && keys.length > 0;
  return (
    <div class="node">
      <button
        type="button"
        class="plain node-head"
        aria-expanded={open}
        onClick={() => (isOpen.value = !isOpen.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowRight") isOpen.value = true;
          if (event.key === "ArrowLeft") isOpen.value = false;
        }}
      >
        <span class="turn">{keys.length === 0 ? " " : open ? "▾" : "▸"}</span>
        {name !== undefined && <span class="key">{cut(String(name), SHOWN_TEXT)}</span>}
        <span class="faint">{isList ? `[${keys.length}]` : `{${keys.length}}`}</span>
      </button>
      {open && (
        <div class="entries">
          {keys.slice(0, shown.value).map((key) => {
            const step = isList ? Number(key) : key;
            const part = (value as Record<string, unknown>)[key];
            return <Tree key={key} value={part} name={step} depth={depth + 1} />;
          })}
          {keys.length > shown.value && (
            <button type="button" class="small quiet" onClick={() => (shown.value += SHOWN_ENTRIES)}>
              {(keys.length - shown.value).toLocaleString("en")} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Leaf({ value, name }: { value: unknown; name: string | number | undefined }) {
  const text = JSON.stringify(value) ?? String(value);
  return (
    <div class="node leaf">
      <span class="turn"> </span>
      {name !== undefined && <span class="key">{cut(String(name), SHOWN_TEXT)}</span>}
      <span class={`value ${value === null ? "null" : typeof value}`}>{cut(text, SHOWN_TEXT)}</span>
    </div>
  );
}
