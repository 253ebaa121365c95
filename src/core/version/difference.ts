/** One place where two values differ; a side is absent where its value has nothing there. */
export interface Difference {
  /** `$.players[2].score`, or `$["a b"]` where a key is no plain word. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Length of a value's JSON that a difference shows, UTF-16 units. */
const SHOWN_LENGTH = 200;
/** UTF-16 units of a path that are shown: how deep it leads, and by how long keys, is the script's choice. */
const SHOWN_PATH = 1_000;
/** Keys and items that are compared; what is beyond counts as equal. */
const MAX_VISITED = 200_000;

/** Returns where two JSON values differ, in the order of `before`, at most `most` places; and how many such places there are. */
export function differences(
  before: unknown,
  after: unknown,
  most: number,
): { list: Difference[]; count: number } {
  const list: Difference[] = [];
  let count = 0;
  let visited = 0;
  // Depth is the script's choice: a list of what is left to do can't overflow the stack.
  const waiting: [path: string, before: unknown, after: unknown][] = [["$", before, after]];
  for (let next = waiting.pop(); next && visited < MAX_VISITED; next = waiting.pop()) {
    const [path, one, other] = next;
    visited++;
    if (Object.is(one, other)) continue;
    if (!isContainer(one) || !isContainer(other) || Array.isArray(one) !== Array.isArray(other)) {
      count++;
      if (list.length < most)
        list.push({ path: shortened(path), ...shown("before", one), ...shown("after", other) });
      continue;
    }
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    for (const key of [...keys].reverse()) {
      waiting.push([`${path}${step(key, Array.isArray(one))}`, valueAt(one, key), valueAt(other, key)]);
    }
  }
  return { list, count };
}

type Container = Record<string, unknown>;

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

function valueAt(container: Container, key: string): unknown {
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function step(key: string, isIndex: boolean): string {
  if (isIndex) return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, SHOWN_LENGTH))}]`;
}

function shortened(path: string): string {
  return path.length > SHOWN_PATH ? `${path.slice(0, SHOWN_PATH)}…` : path;
}

/** Returns one side of a difference: nothing where there is nothing, the start of its JSON where a value is large. */
function shown(side: "before" | "after", value: unknown): Difference | object {
  if (value === undefined) return {};
  const text = JSON.stringify(value);
  return { [side]: text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : value };
}
