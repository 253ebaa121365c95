/**
 * A sandbox that can't be used any more; `culprit` is `[script, seq]` of the event that ran. `isFull` says that it may have been
 * for want of memory.
 */
export class PoisonedSandbox extends Error {
  override readonly name = "PoisonedSandbox";
  constructor(
    reason: string,
    readonly culprit?: [number, number],
    readonly isFull = false,
  ) {
    super(reason);
  }
}
