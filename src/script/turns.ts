import { Load } from "./load.ts";
import type { Sandbox } from "./sandbox.ts";

/** Sandboxes whose batches a host may have at one time: enough that the pipe is never idle. */
const WINDOW = 8;

/** What waits for a host and what it has in hand; says who is next. Sandboxes take turns, one batch each. */
export class Turns {
  readonly #waiting = new Set<Sandbox>();
  /** Sandboxes whose next call wants the host for itself; like loads they come first. */
  readonly #lone = new Set<Sandbox>();
  #loads: Load[] = [];
  #loading: Load | undefined;
  readonly #inHand = new Set<Sandbox>();

  /** Sandboxes whose batches the host has. */
  get inHand(): ReadonlySet<Sandbox> {
    return this.#inHand;
  }

  /** The load that the host has. */
  get loading(): Load | undefined {
    return this.#loading;
  }

  /** What is in hand and the loads that wait. */
  get burden(): number {
    return this.#inHand.size + this.#loads.length + (this.#loading ? 1 : 0);
  }

  add(sandbox: Sandbox): void {
    if (!sandbox.batch) (sandbox.wantsHostAlone ? this.#lone : this.#waiting).add(sandbox);
  }

  addLoad(load: Load): void {
    this.#loads.push(load);
  }

  /** Who may be given to the host now; the caller says so with `handed`. */
  next(): Load | Sandbox | undefined {
    if (this.#loading || this.#isTakenAlone()) return undefined;
    for (const sandbox of this.#waiting) {
      if (this.#loads.length > 0 || this.#lone.size > 0) break;
      if (this.#inHand.size >= WINDOW) return undefined;
      this.#waiting.delete(sandbox);
      if (!sandbox.waits) continue;
      if (!sandbox.wantsHostAlone) return sandbox;
      this.#lone.add(sandbox);
    }
    // Who wants the host for itself waits until its hands are empty, and nobody overtakes.
    if (this.#inHand.size > 0) return undefined;
    const load = this.#loads.shift();
    if (load) return load;
    for (const sandbox of this.#lone) {
      this.#lone.delete(sandbox);
      if (sandbox.waits) return sandbox;
    }
    return undefined;
  }

  handed(what: Load | Sandbox): void {
    if (what instanceof Load) {
      this.#loading = what;
      return;
    }
    for (const { batch } of this.#inHand) if (batch) batch.undisturbed = false;
    this.#inHand.add(what);
  }

  /** The host has answered. */
  answered(sandbox: Sandbox): void {
    this.#inHand.delete(sandbox);
  }

  /** The host has answered its load, or has ended; the load is the caller's again. */
  takeLoading(): Load | undefined {
    const load = this.#loading;
    this.#loading = undefined;
    return load;
  }

  /** Puts a load first again. */
  repeat(load: Load): void {
    this.#loads.unshift(load);
  }

  /** The loads that wait; they are the caller's. */
  takeLoads(): Load[] {
    return this.#loads.splice(0);
  }

  /** The sandbox is gone. */
  forget(sandbox: Sandbox): void {
    this.#waiting.delete(sandbox);
    this.#lone.delete(sandbox);
    this.#inHand.delete(sandbox);
  }

  #isTakenAlone(): boolean {
    const [sandbox] = this.#inHand;
    return sandbox?.batch?.alone === true;
  }
}
