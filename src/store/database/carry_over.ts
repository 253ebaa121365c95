import type { CommitLog } from "./commit_log.ts";
import type { Rows } from "./rows.ts";

/**
 * Commits on their way into the rows, some of them at a time, so that none that comes meanwhile waits for all of it. Between two parts
 * the rows have some of the changes and the log has all: to make them once more, from the first on, comes to the same.
 */
export class CarryOver {
  /** Number of the last commit of these, and bytes of all. */
  readonly upTo: number;
  readonly bytes: number;
  readonly #parts: Generator<number>;

  /**
   * Takes the commits that there are up to `upTo`; `setCommit` notes which commit the rows are those of. `isAtOnce` says that all is done in one
   * transaction: then the rows may have the space of the commits.
   */
  constructor(
    commits: CommitLog,
    rows: Rows,
    upTo: number,
    setCommit: (commit: number) => void,
    isAtOnce = false,
  ) {
    this.upTo = upTo;
    this.bytes = commits.bytes;
    this.#parts = partsOf(commits, rows, upTo, setCommit, isAtOnce);
  }

  /**
   * Does about `units` UTF-16 units of it, to be called in a transaction; returns true when all is done. Throws StoreError where a commit
   * is damaged, and the system's error; then it is of no use any more.
   */
  advance(units: number): boolean {
    for (let done = 0; done < units; ) {
      const part = this.#parts.next();
      if (part.done) return true;
      done += part.value;
    }
    return false;
  }
}

function* partsOf(
  commits: CommitLog,
  rows: Rows,
  upTo: number,
  setCommit: (commit: number) => void,
  isAtOnce: boolean,
): Generator<number> {
  const changes = yield* commits.changes(upTo);
  if (isAtOnce) commits.delete(upTo);
  yield* rows.parts(changes);
  setCommit(upTo);
  if (!isAtOnce) commits.delete(upTo);
}
