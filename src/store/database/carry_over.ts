import type { CommitLog } from "../commits/commit_log.ts";
import type { Write } from "../../core/ports/journal_store.ts";
import type { KeptNumbers } from "../life/kept_numbers.ts";
import type { Rows } from "./rows.ts";

/** What is put into rows at one time, UTF-16 units: a ms or two for which the next commit waits. */
export const PART_UNITS = 64 * 1024;
/** What of that is done with each byte of the next commits: so much that it is over before they are as many again. */
export const PARTS_SPEED = 4;

/** Whether commits go into rows in several transactions, in one, or in one that is taken back, and so needs no space. */
export type CarryKind = "in parts" | "at once" | "in memory";

/**
 * Commits on their way into the rows, some of them at a time, so that none that comes meanwhile waits for all of it. Between two parts
 * the rows have some of the changes and the log has all: to make them once more, from the first on, comes to the same.
 */
export class CarryOver {
  readonly #changes: Generator<number, Write[]>;
  #parts: Generator<number> | undefined;

  /**
   * Takes the commits that there are up to `upTo`; `numbers` have which commit the rows are those of. Where all is done in one
   * transaction the rows may have the space of commits that are in the database.
   */
  constructor(
    private readonly commits: CommitLog,
    private readonly rows: Rows,
    readonly upTo: number,
    private readonly numbers: KeptNumbers,
    private readonly kind: CarryKind = "in parts",
  ) {
    this.#changes = commits.changes(upTo);
  }

  /** Whether the next that it does changes nothing yet, and needs no transaction. */
  get isReading(): boolean {
    return this.#parts === undefined;
  }

  /**
   * Does about `units` UTF-16 units of it, in a transaction unless it is reading, which ends a call; returns true when all is done. Throws StoreError where
   * a commit is damaged, and the system's error; then it is of no use any more.
   */
  advance(units: number): boolean {
    for (let done = 0; done < units; ) {
      const part = this.#parts?.next() ?? this.#changes.next();
      if (typeof part.value !== "number") {
        if (this.#parts) return true;
        const changes = part.value as Write[];
        if (this.kind !== "in memory") this.commits.checkSpace(changes);
        this.#parts = this.#toRows(changes);
        return false;
      }
      done += part.value;
    }
    return false;
  }

  *#toRows(changes: readonly Write[]): Generator<number> {
    if (this.kind !== "in parts") this.commits.delete();
    // From here on the rows are of no use without these commits.
    else this.numbers.begun = this.upTo;
    yield* this.rows.parts(changes);
    this.numbers.commit = this.upTo;
    if (this.kind === "in parts") this.commits.delete();
  }
}
