import type { Signal } from "@preact/signals";
import { useId, useLayoutEffect } from "preact/hooks";
import type { FormField } from "../../../core/ports/build.ts";

/** One field for each field of a message's data. */
export function SchemaForm({
  fields,
  values,
}: {
  fields: readonly FormField[];
  values: Signal<Record<string, unknown>>;
}) {
  const id = useId();
  // Before it is seen: what somebody types at once would be taken back.
  useLayoutEffect(() => {
    // A choice has a value from the start, as one sees it.
    const first = fields.flatMap(({ name, type, choices, isOptional }) => {
      if (isOptional) return [];
      if (choices) return [[name, choices[0]]];
      return type === "flag" ? [[name, false]] : type === "text" ? [[name, ""]] : [];
    });
    values.value = Object.fromEntries(first);
  }, []);
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...rest } = values.value;
    values.value = value === undefined ? rest : { ...rest, [name]: value };
  };
  return (
    <div class="stack">
      {fields.map((field) => (
        <label key={field.name} for={`${id}-${field.name}`} class={field.type === "flag" ? "check" : "field"}>
          {field.type !== "flag" && (
            <span>
              {field.name}
              {field.isOptional && ", optional"}
            </span>
          )}
          <Field
            id={`${id}-${field.name}`}
            field={field}
            value={values.value[field.name]}
            change={(value) => set(field.name, value)}
          />
          {field.type === "flag" && field.name}
        </label>
      ))}
    </div>
  );
}

interface FieldParts {
  readonly id: string;
  readonly field: FormField;
  readonly value: unknown;
  readonly change: (value: unknown) => void;
}

function Field({ id, field: { type, isOptional = false, choices }, value, change }: FieldParts) {
  if (choices)
    return (
      <select
        id={id}
        value={String(choices.indexOf(value as string))}
        onChange={(event) => change(choices[Number(event.currentTarget.value)])}
      >
        {isOptional && <option value="-1" />}
        {choices.map((choice, index) => (
          <option key={String(choice)} value={String(index)}>
            {String(choice)}
          </option>
        ))}
      </select>
    );
  if (type === "flag")
    return (
      <input
        id={id}
        type="checkbox"
        checked={value === true}
        onChange={(event) => change(event.currentTarget.checked)}
      />
    );
  if (type === "number")
    return (
      <input
        id={id}
        type="number"
        step="any"
        required={!isOptional}
        value={(value as number | undefined) ?? ""}
        onInput={(event) => {
          const number = event.currentTarget.valueAsNumber;
          change(Number.isNaN(number) ? undefined : number);
        }}
      />
    );
  // An empty text is sent where there has to be one: what is wrong with that the application says.
  return (
    <input
      id={id}
      value={(value as string | undefined) ?? ""}
      autocomplete="off"
      onInput={(event) => {
        const text = event.currentTarget.value;
        change(text === "" && isOptional ? undefined : text);
      }}
    />
  );
}
