import { closeSync, openSync } from "node:fs";
import { descriptorLimit, descriptorsInUse, edgeOf, reserveOf } from "./descriptors.ts";

/** How often it is looked at whether descriptors run out, ms. */
const LOOK_MS = 250;
/** How long a port that was lost is left alone where the number of descriptors is not known, ms. */
const LOST_MS = 1_000;

/** A port that can be left for a while. */
export interface Suspendable {
  /** Stops listening, while open connections stay; returns false where the runtime can't do one without the other. */
  suspend(): boolean;
  /** Listens again; rejects if that is not possible yet. */
  resume(): Promise<void>;
  /** Hears how many connections there are when descriptors have run out. */
  onShortage(connections: number): void;
}

/**
 * Stops listening before descriptors run out, and listens again when there are some. Without it Bun spins on a connection
 * that it can't take (https://github.com/oven-sh/bun/pull/32705), and Deno ends with an error (denoland/deno#10148). A reserve
 * is held while it listens, since a flood takes all that is free within one turn of the loop, and is released for what the
 * server itself needs.
 */
export class DescriptorWatch {
  readonly #port: Suspendable;
  readonly #limit = descriptorLimit() ?? Number.POSITIVE_INFINITY;
  readonly #atStart: number;
  readonly #reserve: number[] = [];
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #state: "listening" | "suspended" | "resuming" | "stopped" = "listening";

  constructor(port: Suspendable) {
    this.#port = port;
    if (this.#limit === Number.POSITIVE_INFINITY) {
      this.#atStart = 0;
      return;
    }
    this.#atStart = descriptorsInUse();
    this.#hold();
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** Looks now; called where many connections came at once. */
  look(): void {
    const free = this.#limit - descriptorsInUse();
    const edge = edgeOf(this.#limit);
    if (this.#state === "listening" && free <= edge) {
      if (this.#port.suspend()) this.#suspended(free);
    } else if (this.#state === "suspended" && free > reserveOf(this.#limit) + 2 * edge) {
      void this.#resume();
    }
  }

  /** The runtime has stopped listening by itself, because it could not take a connection. */
  lost(): void {
    if (this.#state !== "listening") return;
    this.#suspended(this.#limit - descriptorsInUse());
    // Where nobody knows how many descriptors there are, there is nothing to wait for but time.
    if (this.#timer === undefined) setTimeout(() => void this.#resume(), LOST_MS);
  }

  /** Gives the reserve back and looks no more. */
  stop(): void {
    this.#state = "stopped";
    clearInterval(this.#timer);
    this.#release();
  }

  #suspended(free: number): void {
    const connections = this.#limit - free - this.#reserve.length - this.#atStart;
    this.#state = "suspended";
    this.#release();
    this.#port.onShortage(connections);
  }

  async #resume(): Promise<void> {
    this.#state = "resuming";
    try {
      this.#hold();
      await this.#port.resume();
      if (this.#state === "resuming") this.#state = "listening";
    } catch {
      // Tried again at the next look: the port is taken, or descriptors are.
      this.#release();
      if (this.#state !== "resuming") return;
      this.#state = "suspended";
      if (this.#timer === undefined) setTimeout(() => void this.#resume(), LOST_MS);
    }
  }

  #hold(): void {
    while (this.#reserve.length < reserveOf(this.#limit)) this.#reserve.push(openSync("/dev/null", "r"));
  }

  #release(): void {
    for (const descriptor of this.#reserve.splice(0)) closeSync(descriptor);
  }
}
