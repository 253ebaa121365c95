import type { Clock } from "../../ports/clock.ts";

/** For how long a room that is empty stays. */
export class EmptyGrace {
  #cancel: (() => void) | undefined;
  /** When it was left empty last, ms of the monotonic clock. */
  #since = 0;

  /** `over` is called when the grace has passed, which is `grace` ms long. */
  constructor(
    private readonly clock: Clock,
    private readonly grace: () => number,
    private readonly over: () => void,
  ) {}

  /** Begins anew where the room is empty, and ends where it is not. */
  watch(isEmpty: boolean): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (!isEmpty) return;
    this.#since = this.clock.monotonic();
    this.#cancel = this.clock.after(this.grace(), this.over);
  }

  /** Goes by the grace of now, where it has begun. */
  renew(): void {
    if (!this.#cancel) return;
    this.#cancel();
    const passed = this.clock.monotonic() - this.#since;
    this.#cancel = this.clock.after(Math.max(0, this.grace() - passed), this.over);
  }
}
