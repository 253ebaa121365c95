import type { Clock } from "../../../core/ports/clock.ts";
import type { Host } from "./host.ts";

/** How long the host stays without a script, ms. */
const IDLE_MS = 2000;

/** The script host of the applications that hold others up: its process runs only while scripts are on it. */
export class ConfinedHost {
  #host: Host | undefined;
  #cancelEnd = () => {};

  /** `make` starts the host; it hears from `emptied` when no script is left on it. */
  constructor(
    private readonly clock: Clock,
    /** Time that the process has to end, ms. */
    private readonly grace: number,
    private readonly make: (emptied: () => void) => Host,
  ) {}

  /** The host, if its process runs. */
  get running(): Host | undefined {
    return this.#host;
  }

  /** Returns the host, whose process is started if it does not run. */
  use(): Host {
    this.#host ??= this.make(() => this.#emptied());
    return this.#host;
  }

  /** Ends the process within `grace` ms; resolves when it is gone, with true if it had to be killed. */
  async stop(grace = this.grace): Promise<boolean> {
    this.#cancelEnd();
    const host = this.#host;
    this.#host = undefined;
    return (await host?.stop(grace)) ?? false;
  }

  #emptied(): void {
    this.#cancelEnd();
    this.#cancelEnd = this.clock.after(IDLE_MS, () => {
      if (this.#host?.scripts === 0) void this.stop();
    });
  }
}
