import { readFileSync } from "node:fs";

/** Signals that ask a process to stop, with their numbers, which are the same on every system. */
const signals = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

/** Name of a signal that asks a process to stop. */
export type StopSignal = keyof typeof signals;

/** The names of all of them. */
export const stopSignals = Object.keys(signals) as StopSignal[];

/** What shells add to a signal's number for the exit status of a process that it has ended. */
const SIGNAL_STATUS = 128;

/**
 * Resolves with the name of the first signal that asks this process to stop. A second one ends it at once, with the status that
 * shells give to that. A second SIGHUP does not: of a terminal that closes both the system and the shell tell.
 */
export function stopSignal(): Promise<StopSignal> {
  // Asked before there is any handler: on Deno the first one, of whatever signal, undoes `nohup`.
  const isNohup = ignoresHangup();
  return new Promise((resolve) => {
    let isStopping = false;
    for (const name of stopSignals) {
      process.on(name, () => {
        if (name === "SIGHUP" && isNohup) return;
        if (isStopping && name !== "SIGHUP") process.exit(SIGNAL_STATUS + signals[name]);
        isStopping = true;
        resolve(name);
      });
    }
  });
}

/** Returns true if this process was started to ignore SIGHUP; off Linux the system does not tell. */
function ignoresHangup(): boolean {
  try {
    return /^SigIgn:.*[13579bdf]$/m.test(readFileSync("/proc/self/status", "latin1"));
  } catch {
    return false;
  }
}
