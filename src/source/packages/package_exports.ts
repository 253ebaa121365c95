/** What a package's `exports` and `imports` lead to, as Node reads them. */

/** Which of the ways through a package are taken; `hotroom` is for packages that have something of their own for scripts. */
const conditions: ReadonlySet<string> = new Set(["hotroom", "import", "default"]);
/** Conditions and lists that may lie in one another. */
const MAX_DEPTH = 20;

/**
 * Returns the path that `exports` or `imports` of a package gives to a subpath (`.`, `./math`, `#inner`), as it is written there;
 * undefined where it gives none. Every text is compared as it is: a key is the package's, and no pattern of ours.
 */
export function targetOf(table: unknown, subpath: string): string | undefined {
  const entries = tableOf(table);
  if (Object.hasOwn(entries, subpath) && !subpath.includes("*"))
    return chosen(entries[subpath], undefined, 0);
  let best: { key: string; star: number } | undefined;
  for (const key of Object.keys(entries)) {
    const star = key.indexOf("*");
    if (star < 0 || key.includes("*", star + 1)) continue;
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
function tableOf(table: unknown): Readonly<Record<string, unknown>> {
  if (typeof table !== "object" || table === null) return { ".": table };
  const [first = "."] = Object.keys(table);
  const isTable = !Array.isArray(table) && /^[.#]/.test(first);
  return isTable ? (table as Record<string, unknown>) : { ".": table };
}

/** The first target whose conditions hold; `rest` is what a `*` of its key stands for. */
function chosen(target: unknown, rest: string | undefined, depth: number): string | undefined {
  if (typeof target === "string") return rest === undefined ? target : target.replaceAll("*", () => rest);
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
