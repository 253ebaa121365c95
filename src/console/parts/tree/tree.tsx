import { useSignal } from "@preact/signals";
import { Leaf } from "./leaf.tsx";
import { cut, SHOWN_TEXT } from "../words.ts";

/** Entries of one value that are drawn at first, and how many more each time. */
const SHOWN_ENTRIES = 100;
/** A way into a value: keys of objects and places in lists, from the outermost. */
export type Path = readonly (string | number)[];

interface TreeParts {
  readonly value: unknown;
  /** Its key in what it is part of; undefined for the root. */
  readonly name?: string | number;
  /** Whether it is open at first. */
  readonly depth?: number;
  /** Where it lies in the root. */
  readonly path?: Path;
  /** Puts another value at a path; absent where nothing can be edited. */
  readonly edit?: ((path: Path, value: unknown) => void) | undefined;
}

/** Where the root lies. */
const ROOT: Path = [];

/** JSON as a tree: it opens and closes, long things are cut, and what is no list and no object can be edited in its place. */
export function Tree({ value, name, depth = 0, path = ROOT, edit }: TreeParts) {
  const isOpen = useSignal(depth < 2);
  const shown = useSignal(SHOWN_ENTRIES);
  if (typeof value !== "object" || value === null)
    return <Leaf value={value} name={name} save={edit && ((next) => edit(path, next))} />;
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
            const at = edit ? [...path, step] : path;
            return <Tree key={key} value={part} name={step} depth={depth + 1} path={at} edit={edit} />;
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
