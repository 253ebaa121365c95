import { closeSync, openSync, readFileSync, statSync } from "node:fs";

/** Descriptors that are kept for script hosts and files, whatever comes in; a small limit keeps a quarter. */
const MOST_RESERVED = 64;
/** Connections that are allowed where nothing else limits them: one takes some 17 KB. */
const MOST_CONNECTIONS = 100_000;
/** The same where the system does not say how many descriptors there are. */
const MOST_UNKNOWN = 10_000;

/** Returns how many file descriptors this process may have; undefined where the system does not say: off Linux. */
export function descriptorLimit(): number | undefined {
  try {
    const soft = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** Returns how many file descriptors this process has; before Linux 6.2 the number of the next one, which is at most that. */
export function descriptorsInUse(): number {
  const { size } = statSync("/proc/self/fd");
  if (size > 0) return size;
  try {
    const next = openSync("/dev/null", "r");
    closeSync(next);
    return next;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Returns how many connections there may be: as many as `asked` for, or as descriptors are left for, of which one takes `each`. */
export function connectionCap(asked: number | undefined, each = 1): number {
  const limit = descriptorLimit();
  if (limit === undefined) return asked ?? MOST_UNKNOWN;
  const room = limit - descriptorsInUse() - reserveOf(limit) - 2 * edgeOf(limit);
  return Math.max(1, Math.min(asked ?? MOST_CONNECTIONS, Math.floor(room / each)));
}

/** Returns how many descriptors are kept for script hosts and files. */
export function reserveOf(limit: number): number {
  return Math.min(MOST_RESERVED, limit >> 2);
}

/** Returns how many free descriptors, beside the reserve, are a shortage. */
export function edgeOf(limit: number): number {
  return reserveOf(limit) >> 2;
}
