/** Which part of a list is asked for. */
export interface PageRequest {
  readonly limit: number;
  /** `next` of the page before; absent for the first one. */
  readonly cursor?: string | undefined;
}

/** Part of a list, in the order of its keys. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next part begins; absent where there is none. */
  readonly next?: string;
}

/** Digits of a number that make keys which are in order. */
const KEY_DIGITS = 16;

/** Returns the key of what is in the order of its numbers. */
export function keyOfNumber(number: number | string): string {
  return String(number).padStart(KEY_DIGITS, "0");
}

/**
 * Returns the items whose keys come behind the cursor, at most as many as may be. The place is one in the order of the keys, so that nothing is
 * left out and nothing comes twice, whatever comes and goes between two pages.
 */
export function pageOf<Item>(
  all: Iterable<Item>,
  keyOf: (item: Item) => string,
  { limit, cursor = "" }: PageRequest,
): Page<Item> {
  let found: { readonly key: string; readonly item: Item }[] = [];
  // What can't be in the page any more, once there are enough.
  let most: string | undefined;
  const cut = () => {
    found.sort((a, b) => (a.key < b.key ? -1 : 1));
    found = found.slice(0, limit + 1);
    if (found.length > limit) most = found.at(-1)?.key;
  };
  for (const item of all) {
    const key = keyOf(item);
    if (key <= cursor || (most !== undefined && key > most)) continue;
    found.push({ key, item });
    if (found.length > 2 * limit + 2) cut();
  }
  cut();
  const items = found.slice(0, limit).map(({ item }) => item);
  const last = found[limit - 1];
  return { items, ...(found.length > limit && last && { next: last.key }) };
}
