import process from "node:process";

/**
 * CPU time that one event may take. It is asked from the interrupt handler, so it looks at the wall clock first, which is
 * cheap, and asks for CPU time only once the wall deadline has passed: a busy machine fails no innocent event.
 */
export class Deadline {
  #event = -1;
  #wall = 0;
  #cpu = 0;

  /** The next event that shows up starts anew, whatever its number. */
  restart(): void {
    this.#event = -1;
  }

  /** Whether the event with this number has used up its `budget`, ms of CPU time; a number not seen before starts the time. */
  isOver(event: number, now: number, budget: number): boolean {
    if (event !== this.#event) {
      this.#event = event;
      this.#wall = now;
      this.#cpu = cpuTime();
      return false;
    }
    return now - this.#wall >= budget && cpuTime() - this.#cpu >= budget;
  }
}

/**
 * Milliseconds of CPU time that this thread has used. Not the process: in a young one the engine's compiler threads used
 * up the 20 ms of a first event that echoed 60 KB (Bun 1.4.5, 5 runs of 6; by the thread's time none of 6).
 */
function cpuTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
