import { statfsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { COMMIT_FILES } from "../life/set_aside.ts";

/** How often it is looked, ms. */
const LOOK_MS = 500;
/** After so long without another byte of the copy it is given up, ms. */
const STALLED_MS = 60_000;
/** So much may a server have to keep for who copies, in bytes, and no more than this part of the space that was left on its disk. */
const MOST_HELD_BYTES = 1024 * 1024 * 1024;
const HELD_SHARE = 0.5;

/** What a copy of a data folder may take. */
export interface CopyBounds {
  readonly stalledMs: number;
  readonly heldBytes: number;
  readonly lookMs?: number;
}

/** What runs in the thread. It is text, since an executable has no files. The copy can't be interrupted: so all of the process ends. */
const program = `
const { workerData } = require("node:worker_threads");
const { statSync, writeSync } = require("node:fs");
const { shared, held, copy, what, stalledMs, heldBytes, lookMs } = workerData;
const sizeOf = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
const all = () => held.reduce((bytes, path) => bytes + sizeOf(path), 0);
const before = all();
let size = -1;
let moved = performance.now();
const giveUp = (why) => {
  writeSync(2, what + ": " + why + ". What there is of it, " + copy + ", is no backup.\\n");
  process.kill(process.pid, "SIGKILL");
};
while (Atomics.wait(new Int32Array(shared), 0, 0, lookMs) === "timed-out") {
  const now = performance.now();
  const bytes = sizeOf(copy);
  if (bytes !== size) moved = now;
  size = bytes;
  if (now - moved >= stalledMs) giveUp("nothing was written for " + Math.round((now - moved) / 1000) + " s");
  const grown = all() - before;
  if (grown > heldBytes)
    giveUp("it takes too long: meanwhile the server has " + Math.round(grown / 1048576) + " MB more that it can't give back");
}
`;

/**
 * Ends a process that copies a data folder and gets nowhere, or takes so long that the server beside it needs too much space for what it must keep
 * meanwhile: a thread, since the copy is one call of SQLite. Says why on standard error.
 */
export class CopyWatch {
  readonly #shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);

  /** `copy` is the file that is written; `what` begins the sentence that tells of its end. */
  constructor(folder: string, copy: string, what: string, bounds: CopyBounds = boundsOf(folder)) {
    const held = ["store.db-wal", ...COMMIT_FILES].map((name) => join(folder, name));
    const workerData = { lookMs: LOOK_MS, ...bounds, shared: this.#shared, held, copy, what };
    const worker = new Worker(program, { eval: true, workerData });
    worker.on("error", () => {});
    worker.unref();
  }

  /** Call it when nobody waits for the copy any more. */
  end(): void {
    const shared = new Int32Array(this.#shared);
    Atomics.store(shared, 0, 1);
    Atomics.notify(shared, 0);
  }
}

function boundsOf(folder: string): CopyBounds {
  const { bavail, bsize } = statfsSync(folder);
  return { stalledMs: STALLED_MS, heldBytes: Math.min(MOST_HELD_BYTES, HELD_SHARE * bavail * bsize) };
}
