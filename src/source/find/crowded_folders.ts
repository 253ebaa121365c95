/** How long a crowded folder that changes all the time is left alone, ms. */
const REST_MS = 60_000;
/** Folders that are remembered. */
const MAX_FOLDERS = 1000;

/**
 * Folders that have more in them than is looked at. Reading one takes long in the server's loop (on Deno 2.9.6 most of all), so
 * it is not done again at each look, but when the folder has changed.
 */
export class CrowdedFolders {
  /** When each was found to be crowded, by `performance.now()`, and its time of change then, ms since the epoch. */
  readonly #known = new Map<string, { readonly since: number; readonly changed: number }>();

  /** Remembers a crowded folder; `changed` is its mtime, ms since the epoch. */
  add(folder: string, changed: number): void {
    this.#known.delete(folder);
    this.#known.set(folder, { since: performance.now(), changed });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_FOLDERS && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Returns true if the folder was crowded when it was last read, and is not to be read now. */
  has(folder: string, changed: number): boolean {
    const known = this.#known.get(folder);
    return known !== undefined && (known.changed === changed || performance.now() - known.since < REST_MS);
  }
}
