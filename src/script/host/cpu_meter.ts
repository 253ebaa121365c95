import process from "node:process";

/** Work shorter than this is charged by the wall clock alone, ms. */
const SHORT_WORK_MS = 1;

/**
 * Measures what each piece of work costs a process that does one after the other: wall time, but no more than the CPU time
 * of the process, so that a busy machine makes nobody's work dearer. docs/decisions/0004-engine.md says why it is not the
 * thread's CPU time.
 */
export class CpuMeter {
  #startedAtMs = 0;
  #cpuBeforeMs = 0;

  /** Begins a piece of work. */
  start(): void {
    this.#cpuBeforeMs = cpuTimeMs();
    this.#startedAtMs = performance.now();
  }

  /** Ends the piece of work and returns what it has cost, ms. */
  stop(): number {
    const wall = performance.now() - this.#startedAtMs;
    return wall < SHORT_WORK_MS ? wall : Math.min(wall, cpuTimeMs() - this.#cpuBeforeMs);
  }
}

/** Returns the CPU time that this process has used, ms. */
function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
