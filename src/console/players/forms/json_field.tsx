import type { Signal } from "@preact/signals";

/** A field for data as JSON; empty, it stands for none. */
export function JsonField({
  label,
  text,
  placeholder,
  rows = 2,
}: {
  label: string;
  text: Signal<string>;
  placeholder?: string;
  rows?: number;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <textarea
        class="code"
        rows={rows}
        spellcheck={false}
        value={text.value}
        placeholder={placeholder}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
            event.currentTarget.form?.requestSubmit();
        }}
      />
    </label>
  );
}
