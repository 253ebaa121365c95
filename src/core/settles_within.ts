import type { Clock } from "./ports/clock.ts";

/** Resolves with true once `task` is fulfilled, with false if that takes longer than `ms`; rejects as `task` does until then. */
export async function settlesWithin(clock: Clock, ms: number, task: Promise<unknown>): Promise<boolean> {
  let cancel = () => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(ms, () => resolve(false));
  });
  try {
    return await Promise.race([task.then(() => true), late]);
  } finally {
    cancel();
  }
}
