import { readFileSync } from "node:fs";

/** One tick of /proc's clock, ms: USER_HZ is 100 on every Linux that these runtimes have. */
const TICK_MS = 10;

/** Returns the CPU time that a process has used, user and system, ms; undefined where the system does not tell. */
export function cpuTime(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything; what follows it starts with the state, the third field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return undefined; // It has ended; whoever started it hears of that.
  }
}
