/** Whether the heap may have grown as it has: a bound of the memory of all sandboxes, which nobody else in the engine sees. */
import { allowGrowth, hasFarOutgrown, kind, muted, ranOutOfMemory } from "./event.js";
import { outgrown } from "./failure.js";
import { label } from "./handling.js";
import { FIRST_INTERNAL_KIND } from "./wire.js";

/**
 * Returns the outcome of the running event, given what it would be, whose heap has grown further than it may: a failure, unless the event
 * was done before in another sandbox, or brings a script from one to another.
 */
export function judgeGrowth(result) {
  if (muted || kind >= FIRST_INTERNAL_KIND) {
    allowGrowth();
    return result;
  }
  // A heap never gives back what it has taken, and what is free again would be used by others.
  if (hasFarOutgrown()) ranOutOfMemory(true);
  return typeof result === "object" ? result : outgrown(label());
}
