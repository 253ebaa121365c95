/** What users are called in a test, by the ids that they had. */
export type Names = Map<string, string>;

/** Levels of a value that are written. */
const MOST_DEPTH = 50;
/** What a part becomes that is not the same in both values. */
const OTHER = Symbol("other");

/** Returns a JSON value as source; where it is the id of a user, that of the test's own. */
export function sourceOf(value: unknown, names: Names = new Map()): string {
  if (typeof value === "string") {
    const name = names.get(value);
    return name === undefined ? textOf(value) : `${name}.id`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  if (Array.isArray(value)) return `[${value.map((each) => sourceOf(each, names)).join(", ")}]`;
  const parts = Object.entries(value).map(([key, each]) => `${keyOf(key, names)}: ${sourceOf(each, names)}`);
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

/** Returns the source of what two values have in common, for `toMatchObject`; undefined where that is nothing. */
export function sameSource(value: unknown, other: unknown, names: Names): string | undefined {
  const same = sameIn(value, other, 0);
  return same === OTHER ? undefined : sourceOf(same, names);
}

function sameIn(value: unknown, other: unknown, depth: number): unknown {
  if (typeof value !== "object" || typeof other !== "object" || value === null || other === null)
    return value === other ? value : OTHER;
  if (depth > MOST_DEPTH || Array.isArray(value) !== Array.isArray(other)) return OTHER;
  if (Array.isArray(value)) return sameList(value, other as unknown[], depth);
  const same: [string, unknown][] = [];
  for (const [key, each] of Object.entries(value)) {
    if (!Object.hasOwn(other, key)) continue;
    const found = sameIn(each, (other as Record<string, unknown>)[key], depth + 1);
    if (found !== OTHER) same.push([key, found]);
  }
  return same.length === 0 && Object.keys(value).length > 0 ? OTHER : Object.fromEntries(same);
}

/** Of a list all items are the same, or are objects of which something is: it is compared item by item. */
function sameList(value: readonly unknown[], other: readonly unknown[], depth: number): unknown {
  if (value.length !== other.length) return OTHER;
  const same = value.map((each, at) => sameIn(each, other[at], depth + 1));
  return same.includes(OTHER) ? OTHER : same;
}

function keyOf(key: string, names: Names): string {
  const name = names.get(key);
  if (name !== undefined) return `[${name}.id]`;
  // A literal key of that name would be the prototype.
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : textOf(key);
}

/** JSON is JavaScript, but for two ends of lines that old readers took for such. */
function textOf(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
