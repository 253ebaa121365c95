import { HotroomError } from "../../../core/errors.ts";
import { type Frame, frameText } from "../../../process/frame.ts";
import type { Ending } from "../process/host_link.ts";
import type { HostSandboxes } from "../sandbox/host_sandboxes.ts";
import { refusalOf, stopping } from "../sandbox/validation.ts";
import type { FairQueue } from "../share/fair_queue.ts";

/** Starts in a row that may fail before loads stop waiting for the host. */
const MOST_FAILED_STARTS = 4;

/** What becomes of the loads of one host. */
export class HostLoads {
  constructor(
    private readonly host: number,
    private readonly queue: FairQueue,
    private readonly sandboxes: HostSandboxes,
  ) {}

  /** Takes the process's answer to a load. Returns why it refuses a version that another host has validated; undefined if it doesn't. */
  loaded(frame: Frame): string | undefined {
    const load = this.queue.loading;
    if (load?.id === frame.id) {
      this.queue.takeLoading();
      // Noted first: whoever waits for the version may give it up at once.
      this.sandboxes.learned(load.id);
      if (!load.answered(frameText(frame))) this.sandboxes.forgot(load.id);
      return undefined;
    }
    const refusal = refusalOf(frameText(frame));
    if (refusal !== undefined) this.sandboxes.forgot(frame.id);
    return refusal;
  }

  /** Has the load that the process had tried again, unless that ended it; fails all once the process has not started so often. */
  ended(ending: Ending, reason: string, failedStarts: number): void {
    const loading = this.queue.takeLoading();
    if (loading && !loading.endedWith(ending, reason)) this.queue.repeat(loading);
    if (failedStarts < MOST_FAILED_STARTS) return;
    const error = new HotroomError("internal", `Cannot start script host ${this.host}: ${reason}.`);
    for (const load of this.queue.takeLoads()) load.fail(error);
  }

  /** Fails all: the server stops. */
  stop(): void {
    for (const load of this.queue.takeLoads()) load.fail(stopping());
    this.queue.takeLoading()?.fail(stopping());
  }
}
