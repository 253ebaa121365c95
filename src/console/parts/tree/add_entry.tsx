import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { parsed } from "./tree_edits.ts";

interface AddParts {
  /** What is done: "Add to players", "Insert before 2". */
  readonly title: string;
  /** Whether the button says so in short, beside what it is about. */
  readonly isBeside?: boolean;
  /** Returns true if there is such a key; absent for lists, whose entries have none. */
  readonly has?: (key: string) => boolean;
  readonly add: (value: unknown, key: string) => void;
}

/** Adds an entry to an object or a list: a button that becomes a form; Enter adds, Escape leaves it. */
export function AddEntry(parts: AddParts) {
  const isOpen = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const leave = () => {
    isOpen.value = false;
    // Whoever goes by keys is where it was.
    requestAnimationFrame(() => button.current?.focus());
  };
  if (isOpen.value) return <EntryForm {...parts} leave={leave} />;
  return (
    <button
      type="button"
      class={parts.isBeside ? "plain beside-entry" : "plain add-entry"}
      aria-label={parts.title}
      title={parts.isBeside ? parts.title : undefined}
      ref={button}
      onClick={() => (isOpen.value = true)}
    >
      {parts.isBeside ? "+" : "+ add"}
    </button>
  );
}

function EntryForm({ title, has, add, leave }: AddParts & { leave: () => void }) {
  const problem = useSignal("");
  const key = useRef<HTMLInputElement>(null);
  const text = useRef<HTMLInputElement>(null);
  useEffect(() => (key.current ?? text.current)?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    const entry = key.current?.value ?? "";
    const read = parsed(text.current?.value ?? "");
    problem.value = has?.(entry) ? "there is such a key" : (read.problem ?? "");
    if (problem.value !== "") return;
    leave();
    add(read.value, entry);
  };
  return (
    <form
      class="leaf-field"
      aria-label={title}
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && leave()}
    >
      {has && <input aria-label="New key" placeholder="key" required ref={key} />}
      <input aria-label="New value, as JSON" placeholder="value, as JSON" required ref={text} />
      <button type="submit" class="small quiet">
        Add
      </button>
      {problem.value && (
        <span class="wrong" role="alert">
          {problem.value}
        </span>
      )}
    </form>
  );
}
