/** The jobs of an event: what its promises go on with. */
import { NativeError, NativePromise, onSettled } from "./builtins.js";

/** Jobs that may throw when those of a failed handler are run. */
const MAX_LEFTOVERS = 1000;

/** Runs the pending jobs, and returns the error of an interrupt; throws what a job threw, and leaves the others to the next call. */
let drain;
/** The engine's error where it has interrupted a job of the running event, which knows where. */
let cut;

/** Called once, with what runs the pending jobs. */
export function setDrain(drainJobs) {
  drain = drainJobs;
}

/** Returns the engine's error where it has interrupted a job of the running event, and leaves it to none of the next. */
export function takeCut() {
  const taken = cut;
  cut = undefined;
  return taken;
}

/** Runs the jobs of an event and returns what its value settled to. Throws what the value was rejected with. */
export function settle(value) {
  let outcome;
  const isThenable = typeof value === "object" && value !== null && typeof value.then === "function";
  if (isThenable) {
    outcome = { __proto__: null, settled: false, failed: false, value: undefined };
    const promise = value instanceof NativePromise ? value : new NativePromise((resolve) => resolve(value));
    onSettled(
      promise,
      (result) => {
        outcome.settled = true;
        outcome.value = result;
      },
      (error) => {
        outcome.settled = true;
        outcome.failed = true;
        outcome.value = error;
      },
    );
  }
  cut = drain();
  if (outcome === undefined) return value;
  if (!outcome.settled) {
    throw new NativeError(
      "did not settle: the handler returned a promise that nothing in the event can resolve",
    );
  }
  if (outcome.failed) throw outcome.value;
  return outcome.value;
}

/** Runs the jobs that a failed handler left behind, so that they don't run in an event of somebody else. */
export function runLeftovers() {
  for (let i = 0; i < MAX_LEFTOVERS; i++) {
    try {
      drain();
      return;
    } catch {
      // The event has failed already, with its first error.
    }
  }
}
