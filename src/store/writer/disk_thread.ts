import { Worker } from "node:worker_threads";

/** Places of what the two threads share: how often the thread was asked, how often it has done it, and what it is. */
const ASKED = 0;
const DONE = 1;
const STATE = 2;
const SHARED_BYTES = 12;

/** States of the thread, which is none of them while it starts, and stays so where it can't begin. */
const READY = 1;
const FAILED = 2;

/** Who waits for the thread looks so often whether it is done, ms. */
const LOOK_MS = 1;

/**
 * What runs in the thread. It is text, since an executable has no files; and a task opens its files by their names, since on Deno one that
 * another thread has opened is none to it. After a failure it does nothing more.
 */
const programOf = (task: string) => `
const { workerData } = require("node:worker_threads");
const shared = new Int32Array(workerData.shared);
const act = ((paths) => {${task}})(workerData.paths);
Atomics.store(shared, ${STATE}, ${READY});
try {
  for (let done = 0; ; ) {
    Atomics.wait(shared, ${ASKED}, done);
    const asked = Atomics.load(shared, ${ASKED});
    if (asked < 0) break;
    act();
    done = asked;
    Atomics.store(shared, ${DONE}, done);
  }
} catch {
  Atomics.store(shared, ${STATE}, ${FAILED});
}
`;

/**
 * Does one thing with files each time that it is asked to, while the writer goes on: in a thread of its own, so that a commit does not wait for the
 * disk, which takes long where others use it. The writer blocks in what it does, so both look at memory that they share.
 */
export class DiskThread {
  readonly #shared = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  #asked = 0;

  /** Starts the thread for the files at `paths`; `task` is the body of a function of `paths` that returns what is done each time. */
  constructor(paths: readonly string[], task: string) {
    const workerData = { shared: this.#shared.buffer, paths };
    const worker = new Worker(programOf(task), { eval: true, workerData });
    worker.on("error", () => {});
    worker.unref();
  }

  /** Whether it has failed, and does nothing any more. */
  get isFailed(): boolean {
    return this.#state === FAILED;
  }

  /** Whether it is at what it was asked for. */
  get isBusy(): boolean {
    return this.#done !== this.#asked;
  }

  /** Blocks until it is done, or has failed. */
  wait(): void {
    for (let done = this.#done; done !== this.#asked && !this.isFailed; done = this.#done)
      Atomics.wait(this.#shared, DONE, done, LOOK_MS);
  }

  /** Has it done once more; returns false where the thread is not up, or has failed. */
  begin(): boolean {
    if (this.#state !== READY) return false;
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

  get #done(): number {
    return Atomics.load(this.#shared, DONE);
  }

  get #state(): number {
    return Atomics.load(this.#shared, STATE);
  }
}
