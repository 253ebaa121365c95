/** Time as the core uses it; replaced in tests. */
export interface Clock {
  /** Milliseconds since the epoch, to show: whoever sets the machine's clock makes it jump, forth or back. */
  now(): number;
  /** Milliseconds, with a fraction, since a moment of its own, to measure with: it never jumps. */
  monotonic(): number;
  /** Runs `task` once after `ms`; returns a function that cancels it. */
  after(ms: number, task: () => void): () => void;
  /** Runs `task` every `ms`; returns a function that ends it. */
  every(ms: number, task: () => void): () => void;
}

/** Longest time that the runtimes' timers keep, ms; they fire at once where it is longer. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = machineClock(MAX_TIMER_MS);

/** Returns a clock that waits in parts for what takes more than `longest`, ms. */
export function machineClock(longest: number): Clock {
  const after: Clock["after"] = (ms, task) => {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (left: number) => {
      const part = Math.min(left, longest);
      timer = setTimeout(part < left ? () => wait(left - part) : task, part);
    };
    wait(ms);
    return () => clearTimeout(timer);
  };
  const repeatLong: Clock["every"] = (ms, task) => {
    let cancel: () => void;
    const wait = () => {
      cancel = after(ms, () => {
        wait();
        task();
      });
    };
    wait();
    return () => cancel();
  };
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after,
    every(ms, task) {
      if (ms > longest) return repeatLong(ms, task);
      const timer = setInterval(task, ms);
      return () => clearInterval(timer);
    },
  };
}

/** Returns a CPU time as the runtime tells it (µs in user and system mode) as one number, ms. */
export function cpuTimeMs({ user, system }: { user: number; system: number }): number {
  return (user + system) / 1000;
}
