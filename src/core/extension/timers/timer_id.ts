/** What stands between the name of a timer and its key; no name has it. */
const SEPARATOR = "\n";

/** Returns by what a schedule is known: its timer's name, and its key where it has one. */
export function timerId(name: string, key?: string): string {
  return key === undefined ? name : name + SEPARATOR + key;
}

/** Returns the name and the key of which an id was made. */
export function partsOfTimerId(id: string): { name: string; key?: string } {
  const at = id.indexOf(SEPARATOR);
  return at < 0 ? { name: id } : { name: id.slice(0, at), key: id.slice(at + 1) };
}
