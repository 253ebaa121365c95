import process from "node:process";

/** Work shorter than this is charged by the wall clock alone, ms. */
const SHORT = 1;

/**
 * What each piece of work costs a process that does one after the other: wall time, and no more than the CPU time of the
 * process, so that a busy machine makes nobody's work dearer. The thread's own CPU time, which leaves the engine's compiler
 * out, comes in steps of 10 ms and takes 19 µs to ask for on Deno 2.9.6; the process's is exact and takes 2 µs or less on
 * both runtimes.
 */
export class CpuMeter {
  #since = 0;
  #cpu = 0;

  /** A piece of work begins. */
  start(): void {
    this.#cpu = cpuTime();
    this.#since = performance.now();
  }

  /** It has ended; its cost in ms. */
  stop(): number {
    const wall = performance.now() - this.#since;
    return wall < SHORT ? wall : Math.min(wall, cpuTime() - this.#cpu);
  }
}

function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
