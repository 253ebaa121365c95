import { Worker } from "node:worker_threads";

/** Places of what the two threads share: how often the thread was asked, how often it has synced, and what it is. */
const ASKED = 0;
const DONE = 1;
const STATE = 2;
const SHARED_BYTES = 12;

/** States of the thread, which is none of them while it starts, and stays so where it can't open the file. */
const READY = 1;
const FAILED = 2;

/**
 * What runs in the thread. It is text, since an executable has no files; and it opens the file by its name, since on Deno one that
 * another thread has opened is none to it. After a failure it does nothing more.
 */
const program = `
const { openSync, fsyncSync } = require("node:fs");
const { workerData } = require("node:worker_threads");
const shared = new Int32Array(workerData.shared);
const file = openSync(workerData.path, "r+");
Atomics.store(shared, ${STATE}, ${READY});
try {
  for (let done = 0; ; ) {
    Atomics.wait(shared, ${ASKED}, done);
    const asked = Atomics.load(shared, ${ASKED});
    if (asked < 0) break;
    fsyncSync(file);
    done = asked;
    Atomics.store(shared, ${DONE}, done);
  }
} catch {
  Atomics.store(shared, ${STATE}, ${FAILED});
}
`;

/**
 * Syncs a file while its writer goes on: in a thread of its own, so that a commit that need not be synced before it is answered does not wait
 * for the disk, which takes long where others use it. The writer blocks in what it does, so both look at memory that they share.
 */
export class SyncThread {
  readonly #shared = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  #asked = 0;
  /** Number of the last commit that it was asked for, and of the last one that is known to be synced. */
  #commit = 0;
  #synced = 0;

  /** Starts the thread for a file of that path. */
  constructor(path: string) {
    const workerData = { shared: this.#shared.buffer, path };
    const worker = new Worker(program, { eval: true, workerData });
    worker.on("error", () => {});
    worker.unref();
  }

  /** Number of the last commit that it has synced; 0 where there is none. Throws where a sync has failed. */
  get synced(): number {
    if (this.#state === FAILED) throw new Error("fsync has failed");
    if (!this.#isSyncing) this.#synced = this.#commit;
    return this.#synced;
  }

  /** Begins to sync what is committed up to `commit`, unless it is at one; returns false where the thread is not up. */
  begin(commit: number): boolean {
    if (this.#state !== READY) return false;
    if (this.#isSyncing) return true;
    this.#commit = commit;
    this.#asked++;
    Atomics.store(this.#shared, ASKED, this.#asked);
    Atomics.notify(this.#shared, ASKED);
    return true;
  }

  /** Ends the thread, once it is through with what it is at. */
  end(): void {
    Atomics.store(this.#shared, ASKED, -1);
    Atomics.notify(this.#shared, ASKED);
  }

  get #state(): number {
    return Atomics.load(this.#shared, STATE);
  }

  get #isSyncing(): boolean {
    return Atomics.load(this.#shared, DONE) !== this.#asked;
  }
}
