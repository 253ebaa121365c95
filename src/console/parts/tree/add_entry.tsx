import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { parsed } from "./tree_edits.ts";

interface AddParts {
  /** Of what it is added to. */
  readonly name: string;
  /** Whether that is a list: then it is added behind its last. */
  readonly isList: boolean;
  readonly has: (key: string) => boolean;
  readonly add: (key: string, value: unknown) => void;
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
      class="plain add-entry"
      aria-label={`Add to ${parts.name}`}
      ref={button}
      onClick={() => (isOpen.value = true)}
    >
      + add
    </button>
  );
}

function EntryForm({ name, isList, has, add, leave }: AddParts & { leave: () => void }) {
  const problem = useSignal("");
  const key = useRef<HTMLInputElement>(null);
  const text = useRef<HTMLInputElement>(null);
  useEffect(() => (key.current ?? text.current)?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    const entry = key.current?.value ?? "";
    const read = parsed(text.current?.value ?? "");
    problem.value = !isList && has(entry) ? "there is such a key" : (read.problem ?? "");
    if (problem.value !== "") return;
    leave();
    add(entry, read.value);
  };
  return (
    <form
      class="leaf-field"
      aria-label={`Add to ${name}`}
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && leave()}
    >
      {!isList && <input aria-label="New key" placeholder="key" required ref={key} />}
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
