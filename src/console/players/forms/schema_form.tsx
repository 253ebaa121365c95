import type { Signal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import type { Schema } from "../definition.ts";

/** Fields that a form has at most; a schema with more is given as JSON. */
const MOST_FIELDS = 24;

/** Returns true if a schema is an object of plain values, so that it can be a form. */
export function isFormOf({ type, properties }: Schema): boolean {
  if (type !== "object" || !properties) return false;
  const fields = Object.values(properties);
  return fields.length > 0 && fields.length <= MOST_FIELDS && fields.every(isPlain);
}

function isPlain({ type, enum: choices }: Schema): boolean {
  return choices !== undefined || ["string", "number", "integer", "boolean"].includes(type ?? "");
}

/** One field for each property of a schema. */
export function SchemaForm({ schema, values }: { schema: Schema; values: Signal<Record<string, unknown>> }) {
  const id = useId();
  const { properties = {}, required = [] } = schema;
  useEffect(() => {
    // A choice has a value from the start, as one sees it.
    const first = Object.entries(properties).flatMap(([name, { enum: choices, type }]) => {
      if (!required.includes(name)) return [];
      return choices ? [[name, choices[0]]] : type === "boolean" ? [[name, false]] : [];
    });
    values.value = Object.fromEntries(first);
  }, []);
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...rest } = values.value;
    values.value = value === undefined ? rest : { ...rest, [name]: value };
  };
  return (
    <div class="stack">
      {Object.entries(properties).map(([name, each]) => (
        <label key={name} for={`${id}-${name}`} class={each.type === "boolean" ? "check" : "field"}>
          {each.type !== "boolean" && <span>{name}</span>}
          <Field
            id={`${id}-${name}`}
            schema={each}
            isRequired={required.includes(name)}
            value={values.value[name]}
            change={(value) => set(name, value)}
          />
          {each.type === "boolean" && name}
        </label>
      ))}
    </div>
  );
}

interface FieldParts {
  readonly id: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
  readonly value: unknown;
  readonly change: (value: unknown) => void;
}

function Field({ id, schema, isRequired, value, change }: FieldParts) {
  const { type, enum: choices, minimum, maximum, minLength, maxLength } = schema;
  if (choices)
    return (
      <select
        id={id}
        value={JSON.stringify(value)}
        onChange={(event) => change(JSON.parse(event.currentTarget.value || "null") ?? undefined)}
      >
        {!isRequired && <option value="" />}
        {choices.slice(0, 200).map((choice) => (
          <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
            {String(choice)}
          </option>
        ))}
      </select>
    );
  if (type === "boolean")
    return (
      <input
        id={id}
        type="checkbox"
        checked={value === true}
        onChange={(event) => change(event.currentTarget.checked)}
      />
    );
  if (type === "string")
    return (
      <input
        id={id}
        value={(value as string | undefined) ?? ""}
        autocomplete="off"
        required={isRequired && (minLength ?? 0) > 0}
        maxLength={maxLength}
        onInput={(event) => {
          const text = event.currentTarget.value;
          change(text === "" && !isRequired ? undefined : text);
        }}
      />
    );
  return (
    <input
      id={id}
      type="number"
      step={type === "integer" ? 1 : "any"}
      min={minimum}
      max={maximum}
      required={isRequired}
      value={(value as number | undefined) ?? ""}
      onInput={(event) => {
        const number = event.currentTarget.valueAsNumber;
        change(Number.isNaN(number) ? undefined : number);
      }}
    />
  );
}
