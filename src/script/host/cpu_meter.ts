import process from "node:process";
import { cpuTimeMs } from "../../core/ports/clock.ts";

/** Work shorter than this is charged by the wall clock alone, ms. */
const SHORT_WORK_MS = 1;
/** Time after which it is worth looking again at what the process's other threads have used, ms. */
const LOOK_EVERY_MS = 1000;

/**
 * Measures what each piece of work costs a process that does one after the other: wall time, but no more than the CPU time
 * of the process, so that a busy machine makes nobody's work dearer. docs/decisions/0004-engine.md says why it is not the
 * thread's CPU time.
 */
export class CpuMeter {
  #startedAtMs = 0;
  #cpuBeforeMs = 0;
  /** CPU time that the other threads of the process had used, compilers and collectors, when it was looked at; both ms. */
  #othersMs = 0;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  /** Begins a piece of work. */
  start(): void {
    this.#cpuBeforeMs = cpuTimeMs(process.cpuUsage());
    this.#startedAtMs = performance.now();
    if (this.#startedAtMs - this.#lookedAtMs >= LOOK_EVERY_MS) this.#othersGrowth();
  }

  /** Ends the piece of work and returns what it has cost, ms. */
  stop(): number {
    const wall = performance.now() - this.#startedAtMs;
    return wall < SHORT_WORK_MS ? wall : Math.min(wall, cpuTimeMs(process.cpuUsage()) - this.#cpuBeforeMs);
  }

  /**
   * Returns the CPU time that the last `ms` of the piece of work under way have taken at least, on this thread: what the
   * process has used since it began, but for what the other threads may have used, and the rest of the work. Asking for the
   * thread's CPU time at each beginning would tell more, and cost too much on Deno.
   */
  leastOf(ms: number): number {
    const before = performance.now() - this.#startedAtMs - ms;
    const used = cpuTimeMs(process.cpuUsage()) - this.#cpuBeforeMs;
    return used - this.#othersGrowth() - Math.max(0, before);
  }

  /** Returns by how much the CPU time of the other threads has grown since it was looked at last, ms. */
  #othersGrowth(): number {
    const others = cpuTimeMs(process.cpuUsage()) - cpuTimeMs(process.threadCpuUsage());
    const growth = Math.max(0, others - this.#othersMs);
    this.#othersMs = others;
    this.#lookedAtMs = performance.now();
    return growth;
  }
}
