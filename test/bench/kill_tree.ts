import { readFileSync } from "node:fs";
import { processTree } from "./process_tree.ts";

/** How a server and its processes are killed: which go first. */
export type KillOrder = "server first" | "children first" | "server only";

/** kill -9 of a server and, unless it is told otherwise, of all its processes; resolves when none is left. */
export async function killTree(pid: number, order: KillOrder = "server first"): Promise<void> {
  const tree = processTree(pid);
  const targets = { "server first": tree, "children first": tree.toReversed(), "server only": [pid] };
  for (const each of targets[order]) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // It went with another one.
    }
  }
  while (tree.some(isAlive)) await Bun.sleep(2);
}

/** Returns true if a process runs; one that has ended and was not asked about is none. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat[stat.lastIndexOf(")") + 2] !== "Z";
  } catch {
    return false;
  }
}
