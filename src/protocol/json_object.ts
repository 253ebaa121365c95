/** A value of JSON with named fields. */
export type JsonObject = { readonly [key: string]: unknown };

/** Returns true if `value`, which came from JSON, is an object: no array and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
