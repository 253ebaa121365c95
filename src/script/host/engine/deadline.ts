import { cpuTimeMs } from "../../../core/ports/clock.ts";
import process from "node:process";

/**
 * Bounds the CPU time of one event. It is asked from the interrupt handler, so it looks at the wall clock first, which is
 * cheap, and asks for CPU time only once the wall deadline has passed: a busy machine fails no innocent event.
 */
export class Deadline {
  #event = -1;
  #startedAtMs = 0;
  #cpuBeforeMs = 0;

  /** Starts the time anew at the next event that shows up, whatever its number. */
  restart(): void {
    this.#event = -1;
  }

  /**
   * Returns true if the event with this number has used up its budget of CPU time; a number not seen before starts the time.
   * `nowMs` is that of `performance.now`.
   */
  isOver(event: number, nowMs: number, budgetMs: number): boolean {
    if (event !== this.#event) {
      this.#event = event;
      this.#startedAtMs = nowMs;
      this.#cpuBeforeMs = threadCpuTimeMs();
      return false;
    }
    return nowMs - this.#startedAtMs >= budgetMs && threadCpuTimeMs() - this.#cpuBeforeMs >= budgetMs;
  }
}

/**
 * Returns the CPU time that this thread has used, ms. Not that of the process: in a young one the engine's compiler threads
 * would use up the budget of a first event (docs/decisions/0004-engine.md, "Clocks").
 */
function threadCpuTimeMs(): number {
  return cpuTimeMs(process.threadCpuUsage());
}
