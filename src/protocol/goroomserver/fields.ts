import type { JsonObject } from "../json_object.ts";

/** The four fields of a client's frame; `null` counts as absent. */
export interface Fields {
  readonly appName?: unknown;
  readonly roomName?: unknown;
  readonly eventType?: unknown;
  readonly data?: unknown;
  /** The frame as it came. */
  readonly all: JsonObject;
}

const fieldNames = ["appName", "roomName", "eventType", "data"] as const;

/** Returns the frame's fields. As in Go a key in another case stands for one, unless that one is there itself; of several the last counts. */
export function fieldsOf(frame: JsonObject): Fields {
  const fields: { -readonly [name in keyof Fields]: Fields[name] } = { all: frame };
  let missing = false;
  for (const name of fieldNames) {
    if (Object.hasOwn(frame, name)) fields[name] = frame[name] ?? undefined;
    else missing = true;
  }
  if (!missing) return fields;
  for (const key in frame) {
    const name = fieldNames.find((name) => isCaseOf(name, key));
    if (name !== undefined && !Object.hasOwn(frame, name)) fields[name] = frame[key] ?? undefined;
  }
  return fields;
}

/** Returns true if the two differ in nothing but case. The fields have none of the letters (k, s) that others than ASCII's fold to. */
function isCaseOf(name: string, key: string): boolean {
  return key.length === name.length && key.toLowerCase() === name.toLowerCase();
}
