interface TakeOutParts {
  /** Of what is taken out. */
  readonly name: string;
  /** How many values go with it. */
  readonly entries: number;
  readonly takeOut: () => void;
}

/** The button that takes an entry out of a tree; it asks first where that is more than one value. */
export function TakeOut({ name, entries, takeOut }: TakeOutParts) {
  return (
    <button
      type="button"
      class="plain take-out"
      aria-label={`Take out ${name}`}
      title="Take out"
      onClick={() => {
        if (entries < 2 || confirm(`Take out “${name}” with ${entries.toLocaleString("en")} entries?`))
          takeOut();
      }}
    >
      ×
    </button>
  );
}
