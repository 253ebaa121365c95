/** Something that a stream tells: its name, and JSON. */
export interface LiveEvent {
  readonly event: string;
  readonly data: object;
}

/** One thing that somebody looks at: returns what is new since it was asked last. */
export type Look = () => readonly LiveEvent[];

/** Returns the parts of `now` that are not what they were, those that are gone as null; undefined where all is as it was. */
export function changesOf(before: object | undefined, now: object): Record<string, unknown> | undefined {
  const changes: Record<string, unknown> = {};
  const old: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(now)) {
    if (!isSame(old[key], value)) changes[key] = value;
    delete old[key];
  }
  for (const [key, value] of Object.entries(old)) if (value !== undefined) changes[key] = null;
  return Object.keys(changes).length === 0 ? undefined : changes;
}

/** Returns true if two values are the same JSON. */
function isSame(before: unknown, now: unknown): boolean {
  if (before === now) return true;
  if (typeof before !== "object" || typeof now !== "object") return false;
  return JSON.stringify(before) === JSON.stringify(now);
}
