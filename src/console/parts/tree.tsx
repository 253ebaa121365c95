import { useSignal } from "@preact/signals";
import { cut } from "./words.ts";

/** Where a value is in a state: keys and indexes from its root. */
export type Path = readonly (string | number)[];

/** Entries of one value that are drawn at first, and how many more each time. */
const SHOWN_ENTRIES = 100;
/** Characters of a text that are drawn. */
const SHOWN_TEXT = 300;

interface TreeParts {
  readonly value: unknown;
  readonly path?: Path;
  /** Its key in what it is part of; undefined for the root. */
  readonly name?: string | number;
  /** Whether it is open at first. */
  readonly depth?: number;
  /** Changes a value; absent where nobody may. `value` undefined takes it away. */
  readonly change?: ((path: Path, value: unknown) => void) | undefined;
}

/** JSON as a tree: it opens and closes, long things are cut, and leaves can be changed where that is allowed. */
export function Tree({ value, path = [], name, depth = 0, change }: TreeParts) {
  const isOpen = useSignal(depth < 2);
  const shown = useSignal(SHOWN_ENTRIES);
  if (typeof value !== "object" || value === null)
    return <Leaf value={value} path={path} name={name} change={change} />;
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
            return (
              <Tree
                key={key}
                value={part}
                path={[...path, step]}
                name={step}
                depth={depth + 1}
                change={change}
              />
            );
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

function Leaf({ value, path, name, change }: TreeParts & { path: Path }) {
  const isEdited = useSignal(false);
  const text = JSON.stringify(value) ?? String(value);
  const kind = value === null ? "null" : typeof value;
  return (
    <div class="node leaf">
      <span class="turn"> </span>
      {name !== undefined && <span class="key">{cut(String(name), SHOWN_TEXT)}</span>}
      {isEdited.value ? (
        <LeafField
          text={text}
          done={() => (isEdited.value = false)}
          change={(next) => change?.(path, next)}
        />
      ) : change ? (
        <button
          type="button"
          class={`plain value ${kind}`}
          aria-label={`Change ${path.join(".") || "the state"}: ${cut(text, 60)}`}
          onClick={() => (isEdited.value = true)}
        >
          {cut(text, SHOWN_TEXT)}
        </button>
      ) : (
        <span class={`value ${kind}`}>{cut(text, SHOWN_TEXT)}</span>
      )}
    </div>
  );
}

function LeafField({
  text,
  done,
  change,
}: {
  text: string;
  done: () => void;
  change: (value: unknown) => void;
}) {
  const draft = useSignal(text);
  const isWrong = useSignal(false);
  const save = () => {
    try {
      const next = JSON.parse(draft.value);
      if (draft.value !== text) change(next);
      done();
    } catch {
      isWrong.value = true;
    }
  };
  return (
    <input
      class="code leaf-field"
      aria-label="New value, as JSON"
      aria-invalid={isWrong.value}
      // biome-ignore lint/a11y/noAutofocus: whoever opens the field by a key or a click is about to write into it.
      autoFocus
      value={draft.value}
      onInput={(event) => (draft.value = event.currentTarget.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === "Enter") save();
        if (event.key === "Escape") done();
      }}
    />
  );
}
