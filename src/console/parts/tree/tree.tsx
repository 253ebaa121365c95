import { useSignal } from "@preact/signals";
import { cut, SHOWN_TEXT } from "../words.ts";
import { AddEntry } from "./add_entry.tsx";
import type { Edits, Path } from "./tree_edits.ts";
import { Leaf } from "./leaf.tsx";
import { TakeOut } from "./take_out.tsx";

/** Entries of one value that are drawn at first, and how many more each time. */
const SHOWN_ENTRIES = 100;

interface TreeParts {
  readonly value: unknown;
  /** Its key in what it is part of; undefined for the root. */
  readonly name?: string | number;
  /** Whether it is open at first. */
  readonly depth?: number;
  /** Where it lies in the root. */
  readonly path?: Path;
  /** Absent where nothing can be edited. */
  readonly edits?: Edits | undefined;
}

/** Where the root lies. */
const ROOT: Path = [];

/**
 * JSON as a tree: it opens and closes, and long things are cut. Where it can be edited, what is no list and no object is in its place,
 * and entries are added and taken out.
 */
export function Tree({ value, name, depth = 0, path = ROOT, edits }: TreeParts) {
  const isOpen = useSignal(depth < 2);
  const shown = useSignal(SHOWN_ENTRIES);
  const takeOut = edits && path.length > 0 ? () => edits.takeOut(path, value) : undefined;
  const insert =
    edits && typeof name === "number" ? (added: unknown) => edits.insert(path, added, value) : undefined;
  if (typeof value !== "object" || value === null) {
    const save = edits && ((next: unknown, was: unknown) => edits.put(path, next, was));
    return <Leaf value={value} name={name} save={save} takeOut={takeOut} insert={insert} />;
  }
  const isList = Array.isArray(value);
  const keys = Object.keys(value);
  const open = isOpen.value && (keys.length > 0 || edits !== undefined);
  const key = name === undefined ? undefined : cut(String(name), SHOWN_TEXT);
  return (
    <div class="node">
      <div class="node-line">
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
          <span class="turn">{open ? "▾" : keys.length === 0 && !edits ? " " : "▸"}</span>
          {key !== undefined && <span class="key">{key}</span>}
          <span class="faint">{isList ? `[${keys.length}]` : `{${keys.length}}`}</span>
        </button>
        {insert && <AddEntry title={`Insert before ${key}`} isBeside add={insert} />}
        {takeOut && <TakeOut name={key ?? ""} entries={keys.length} takeOut={takeOut} />}
      </div>
      {open && (
        <div class="entries">
          {keys.slice(0, shown.value).map((each) => {
            const step = isList ? Number(each) : each;
            const part = (value as Record<string, unknown>)[each];
            const at = edits ? [...path, step] : path;
            return <Tree key={each} value={part} name={step} depth={depth + 1} path={at} edits={edits} />;
          })}
          {keys.length > shown.value && (
            <button type="button" class="small quiet" onClick={() => (shown.value += SHOWN_ENTRIES)}>
              {(keys.length - shown.value).toLocaleString("en")} more
            </button>
          )}
          {edits && (
            <AddEntry
              title={`Add to ${key ?? "the state"}`}
              {...(!isList && { has: (entry: string) => Object.hasOwn(value, entry) })}
              add={(added, entry) =>
                // Never in the place of what has come behind the last meanwhile.
                isList ? edits.insert([...path, keys.length], added) : edits.put([...path, entry], added)
              }
            />
          )}
        </div>
      )}
    </div>
  );
}
