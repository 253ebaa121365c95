/** What a package's `exports` and `imports` lead to, as Node reads them. */

/** Which of the ways through a package are taken; `hotroom` is for packages that have something of their own for scripts. */
const conditions: ReadonlySet<string> = new Set(["hotroom", "import", "default"]);
/** Conditions and lists that may lie in one another. */
const MAX_DEPTH = 20;
/** Keys with a `*` of one table that are looked at, the first ones; each is compared for each import. */
const MAX_PATTERNS = 1000;
/** UTF-16 units of a path that `*` are filled in of: each of many may stand for a long text. */
const MAX_TARGET_UNITS = 4096;

/** What is looked up in a table of `exports` or `imports`. */
interface Table {
  readonly entries: Readonly<Record<string, unknown>>;
  readonly patterns: readonly { readonly key: string; readonly star: number }[];
}

/** A table may be large, and be looked at for each of many imports. */
const tables = new WeakMap<object, Table>();

/**
 * Returns the path that `exports` or `imports` of a package gives to a subpath (`.`, `./math`, `#inner`), as it is written there;
 * undefined where it gives none. Every text is compared as it is: a key is the package's, and no pattern of ours.
 */
export function targetOf(table: unknown, subpath: string): string | undefined {
  const { entries, patterns } = tableOf(table);
  if (Object.hasOwn(entries, subpath) && !subpath.includes("*"))
    return chosen(entries[subpath], undefined, 0);
  let best: { key: string; star: number } | undefined;
  for (const { key, star } of patterns) {
    const fits =
      subpath.length >= key.length &&
      subpath.startsWith(key.slice(0, star)) &&
      subpath.endsWith(key.slice(star + 1));
    // The longest beginning wins, then the longest key.
    if (fits && (!best || star > best.star || (star === best.star && key.length > best.key.length)))
      best = { key, star };
  }
  if (!best) return undefined;
  const rest = subpath.slice(best.star, subpath.length - (best.key.length - best.star - 1));
  return chosen(entries[best.key], rest, 0);
}

/** `exports` may be one target for the package as a whole. */
function tableOf(table: unknown): Table {
  if (typeof table !== "object" || table === null) return { entries: { ".": table }, patterns: [] };
  const known = tables.get(table);
  if (known) return known;
  const [first = "."] = Object.keys(table);
  const isTable = !Array.isArray(table) && /^[.#]/.test(first);
  const entries = isTable ? (table as Record<string, unknown>) : { ".": table };
  const stars = Object.keys(entries).map((key) => ({ key, star: key.indexOf("*") }));
  const patterns = stars.filter(({ key, star }) => star >= 0 && !key.includes("*", star + 1));
  const read = { entries, patterns: patterns.slice(0, MAX_PATTERNS) };
  tables.set(table, read);
  return read;
}

/** The first target whose conditions hold; `rest` is what a `*` of its key stands for. */
function chosen(target: unknown, rest: string | undefined, depth: number): string | undefined {
  if (typeof target === "string") return rest === undefined ? target : filled(target, rest);
  if (typeof target !== "object" || target === null || depth > MAX_DEPTH) return undefined;
  const inner = Array.isArray(target)
    ? target
    : Object.entries(target).flatMap(([condition, each]) => (conditions.has(condition) ? [each] : []));
  for (const each of inner) {
    const found = chosen(each, rest, depth + 1);
    if (found !== undefined) return found;
    // `null` closes a way, unless it is one of a list.
    if (each === null && !Array.isArray(target)) return undefined;
  }
  return undefined;
}

/** Returns a target with the text that each `*` of it stands for; undefined where that is longer than any path. */
function filled(target: string, rest: string): string | undefined {
  const parts = target.split("*");
  const units = target.length + (parts.length - 1) * rest.length;
  return units > MAX_TARGET_UNITS ? undefined : parts.join(rest);
}
