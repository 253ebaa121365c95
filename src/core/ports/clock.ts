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

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  every(ms, task) {
    const timer = setInterval(task, ms);
    return () => clearInterval(timer);
  },
};
