import { readFileSync } from "node:fs";

/** What the system says of a process. */
export interface ProcessUsage {
  /** CPU time that it has used, user and system, ms. */
  readonly cpu: number;
  /** Whether a signal such as SIGSTOP has stopped it. */
  readonly isStopped: boolean;
}

/** One tick of /proc's clock, ms: USER_HZ is 100 on every Linux that these runtimes have. */
const TICK_MS = 10;

/** Returns what a process has used; undefined where the system does not tell. */
export function usageOf(pid: number): ProcessUsage | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything; what follows it starts with the state, the third field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { cpu: (Number(fields[11]) + Number(fields[12])) * TICK_MS, isStopped: fields[0] === "T" };
  } catch {
    return undefined; // It has ended; whoever started it hears of that.
  }
}

/** Returns the CPU time that a process has used, user and system, ms; undefined where the system does not tell. */
export function cpuTime(pid: number): number | undefined {
  return usageOf(pid)?.cpu;
}
