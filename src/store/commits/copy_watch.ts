import { statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { COMMIT_FILES } from "../life/set_aside.ts";

/** How often it is looked, ms. */
const LOOK_MS = 500;
/**
 * After so long without another byte of the copy it is given up, ms, and so much longer for each byte that there is of it, and of commits: a slow disk takes that for
 * a sync of what it has, at a MB a second, and nobody sees how far it is.
 */
const STALLED_MS = 60_000;
const STALLED_MS_PER_BYTE = 1000 / (1024 * 1024);
/**
 * So much may a server have to keep for who copies, in bytes, or as much as it keeps in any case; and no more than this part of the space that was left on its
 * disk.
 */
const MOST_HELD_BYTES = 1024 * 1024 * 1024;
const HELD_SHARE = 0.5;

/** What a copy of a data folder may take. */
export interface CopyBounds {
  readonly stalledMs: number;
  readonly stalledMsPerByte: number;
  readonly heldBytes: number;
  readonly lookMs?: number;
}

/**
 * What runs in the thread. It is text, since an executable has no files. It waits for no file, which may be on the disk that hangs. The copy can't be interrupted: so
 * all of the process ends.
 */
const program = `
const { workerData } = require("node:worker_threads");
const { stat, writeSync } = require("node:fs");
const { shared, held, copy, what, stalledMs, stalledMsPerByte, heldBytes, lookMs } = workerData;
const isOver = new Int32Array(shared);
let moved = performance.now();
const fileAt = (path) => ({ path, bytes: 0, isAsked: false });
const copied = fileAt(copy);
const kept = held.map(fileAt);
const look = (file, heard) => {
  if (file.isAsked) return;
  file.isAsked = true;
  stat(file.path, (error, found) => {
    file.isAsked = false;
    heard(file, error ? 0 : found.size);
  });
};
const giveUp = (why) => {
  writeSync(2, what + ": " + why + ". What there is of it, " + copy + ", is no backup.\\n");
  process.kill(process.pid, "SIGKILL");
};
const timer = setInterval(() => {
  if (Atomics.load(isOver, 0) !== 0) return clearInterval(timer);
  look(copied, (file, bytes) => {
    if (bytes !== file.bytes) moved = performance.now();
    file.bytes = bytes;
  });
  for (const file of kept)
    look(file, (file, bytes) => {
      file.before ??= bytes;
      file.bytes = bytes;
    });
  const all = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  const quiet = performance.now() - moved;
  if (quiet >= stalledMs + (copied.bytes + all) * stalledMsPerByte)
    giveUp("nothing was written for " + Math.round(quiet / 1000) + " s");
  const grown = kept.reduce((sum, { bytes, before }) => sum + bytes - (before ?? bytes), 0);
  if (grown > heldBytes)
    giveUp("it takes too long: meanwhile the server has " + Math.round(grown / 1048576) + " MB more that it can't give back");
}, lookMs);
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
    Atomics.store(new Int32Array(this.#shared), 0, 1);
  }
}

function boundsOf(folder: string): CopyBounds {
  const { bavail, bsize } = statfsSync(folder);
  const most = Math.max(MOST_HELD_BYTES, statSync(join(folder, "store.db")).size);
  return {
    stalledMs: STALLED_MS,
    stalledMsPerByte: STALLED_MS_PER_BYTE,
    heldBytes: Math.min(most, HELD_SHARE * bavail * bsize),
  };
}
