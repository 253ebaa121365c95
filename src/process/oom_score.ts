import { writeFileSync } from "node:fs";

/** The most that Linux takes: such a process is ended before all others, however little memory it has. */
const HIGHEST = "1000";

/**
 * Has the system end a child process of this one first where memory runs out: what it did is done again by another, and nobody takes
 * over the sockets. The child itself may not write there: on Deno it may write nothing. Does nothing where the system is not
 * Linux, or lets nobody write to `/proc`.
 */
export function endFirst(pid: number | undefined): void {
  if (process.platform !== "linux" || pid === undefined) return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, HIGHEST);
  } catch {
    // It has ended already, which is heard elsewhere, or the system leaves the choice to itself.
  }
}
