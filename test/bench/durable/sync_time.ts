import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Histogram } from "../histogram.ts";
import type { Percentiles } from "../plan.ts";

/** Bytes of an append: about a page of SQLite's log, with its header. */
const APPEND_BYTES = 4_120;
const TIMES = 300;

/** Returns how long the disk itself takes to sync a small append to a file in a folder, ms. */
export function syncTime(folder: string): Percentiles {
  const path = join(folder, "sync-time");
  const file = openSync(path, "w");
  const bytes = new Uint8Array(APPEND_BYTES).fill(1);
  const times = new Histogram();
  for (let n = 0; n < TIMES; n++) {
    const start = performance.now();
    writeSync(file, bytes);
    fdatasyncSync(file);
    times.add((performance.now() - start) * 1_000);
  }
  closeSync(file);
  rmSync(path);
  return times.percentiles();
}
