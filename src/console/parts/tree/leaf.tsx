import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { cut, SHOWN_TEXT } from "../words.ts";
import { parsed } from "./tree_edits.ts";
import { AddEntry } from "./add_entry.tsx";
import { TakeOut } from "./take_out.tsx";

interface LeafParts {
  readonly value: unknown;
  readonly name: string | number | undefined;
  /** Has another value take its place; absent where it can't be edited. */
  readonly save?: ((value: unknown, was: unknown) => void) | undefined;
  /** Has it taken out; absent where it can't be. */
  readonly takeOut?: (() => void) | undefined;
  /** Has a value put before it; absent where it is in no list. */
  readonly insert?: ((value: unknown) => void) | undefined;
}

/** A value that is no list and no object; a click makes a field of it, where it can be edited. */
export function Leaf({ value, name, save, takeOut, insert }: LeafParts) {
  const isEdited = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  /** The value as it was when somebody began to edit it. */
  const was = useRef<unknown>(undefined);
  const text = JSON.stringify(value) ?? String(value);
  const kind = `value ${value === null ? "null" : typeof value}`;
  const key = name === undefined ? undefined : cut(String(name), SHOWN_TEXT);
  const leave = () => {
    isEdited.value = false;
    // Whoever goes by keys is where it was, once the value is drawn again.
    requestAnimationFrame(() => button.current?.focus());
  };
  return (
    <div class="node leaf">
      <span class="turn"> </span>
      {key !== undefined && <span class="key">{key}</span>}
      {!save ? (
        <span class={kind}>{cut(text, SHOWN_TEXT)}</span>
      ) : isEdited.value ? (
        <LeafField
          text={text}
          label={`${key ?? "The state"}, as JSON`}
          save={(next) => {
            leave();
            save(next, was.current);
          }}
          leave={leave}
          end={() => (isEdited.value = false)}
        />
      ) : (
        <button
          type="button"
          class={`plain ${kind}`}
          title="Edit"
          ref={button}
          onClick={() => {
            was.current = value;
            isEdited.value = true;
          }}
        >
          {cut(text, SHOWN_TEXT)}
        </button>
      )}
      {insert && !isEdited.value && <AddEntry title={`Insert before ${key}`} isBeside add={insert} />}
      {takeOut && !isEdited.value && <TakeOut name={key ?? ""} entries={1} takeOut={takeOut} />}
    </div>
  );
}

interface FieldParts {
  readonly text: string;
  readonly label: string;
  readonly save: (value: unknown) => void;
  /** Ends it by a key; `end` where the focus has gone elsewhere. */
  readonly leave: () => void;
  readonly end: () => void;
}

/** The field of a value that is edited: Enter saves what is JSON, Escape leaves it as it is. What comes live meanwhile does not touch it. */
function LeafField({ text, label, save, leave, end }: FieldParts) {
  const problem = useSignal("");
  const first = useRef(text);
  return (
    <span class="leaf-field">
      <input
        aria-label={label}
        aria-invalid={problem.value !== ""}
        defaultValue={first.current}
        ref={(field) => {
          if (!field || field.dataset.isReady) return;
          field.dataset.isReady = "1";
          field.focus();
          field.select();
        }}
        onBlur={end}
        onKeyDown={(event) => {
          if (event.key === "Escape") return leave();
          if (event.key !== "Enter") return;
          event.preventDefault();
          const read = parsed(event.currentTarget.value);
          problem.value = read.problem ?? "";
          if (problem.value === "") save(read.value);
        }}
      />
      {problem.value && (
        <span class="wrong" role="alert">
          {problem.value}
        </span>
      )}
    </span>
  );
}
