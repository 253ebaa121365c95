import process from "node:process";

/** Work shorter than this is charged by the wall clock, ms: asking for CPU time takes 19 µs on Deno 2.9.6, 0.4 µs on Bun 1.4.5. */
const SHORT = 1;

/**
 * What each piece of work costs this thread, which does one after the other. Longer pieces are charged by CPU time, so
 * that a busy machine makes nobody's work dearer.
 */
export class CpuMeter {
  #since = 0;
  /** CPU time when it was asked for last, and what was charged by the wall clock since then, ms. */
  #asked = cpuTime();
  #charged = 0;

  /** A piece of work begins. */
  start(): void {
    this.#since = performance.now();
  }

  /** It has ended; its cost in ms. */
  stop(): number {
    const wall = performance.now() - this.#since;
    if (wall < SHORT) {
      this.#charged += wall;
      return wall;
    }
    const now = cpuTime();
    const cost = Math.max(0, Math.min(wall, now - this.#asked - this.#charged));
    this.#asked = now;
    this.#charged = 0;
    return cost;
  }
}

function cpuTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
