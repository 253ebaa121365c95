import { PerApplication } from "../../../core/application/per_application.ts";
import type { DeliveryCount } from "../../../core/delivery_count.ts";
import { Turns } from "../../../core/turns.ts";
import type { Pace, Told } from "../sandbox/outcomes.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { DeliveryCost } from "./delivery_cost.ts";
import { LoopShare } from "./loop_share.ts";

/** Time in one turn of the loop after which outcomes wait for the next one, with what is written to sockets then, ms. */
const SLICE_MS = 4;
/** The clock is looked at after so many events, or so much that is to be written, ms. */
const LOOK_AT_EVENTS = 4;
const LOOK_AT_SENT_MS = 0.5;
/** Outcomes that are expected to take longer are measured by CPU time, ms: asking for it costs more than the others do. */
const LONG_MS = 0.5;

/** What an outcome queue is made with. */
export interface OutcomeQueueDeps {
  readonly deliveries: DeliveryCount;
  /** Returns the CPU time that this process has used, ms. */
  readonly cpu: () => number;
  /** Returns the time, ms. */
  readonly now: () => number;
}

/**
 * Applies what the answers of all hosts came to, in the order in which each application's came: at once as long as that takes a
 * few ms of a loop turn, and then in slices, between which sockets are read and written. Applications take turns by the
 * time that it takes, and what is written for them counts (docs/decisions/0011-fairness.md).
 */
export class OutcomeQueue implements Pace {
  readonly #shares = new PerApplication(() => new LoopShare());
  readonly #turns = new Turns<LoopShare>();
  readonly #cost: DeliveryCost;
  /** What was taken of this turn of the loop, ms. */
  #spentMs = 0;
  #isTurning = false;
  /** The outcomes that are being applied. */
  #running: Told | undefined;

  constructor(private readonly deps: OutcomeQueueDeps) {
    this.#cost = new DeliveryCost(deps.deliveries, deps.cpu);
  }

  /** Returns an application's share of the loop. */
  of(application: string): LoopShare {
    return this.#shares.of(application);
  }

  /** Applies outcomes, at once or when it is their turn. */
  apply(outcomes: Told): void {
    const share = this.of(outcomes.sandbox.application);
    const isFree = this.#spentMs < SLICE_MS && this.#turns.isEmpty;
    if (isFree && this.#run(share, outcomes)) return outcomes.end();
    share.add(outcomes);
    this.#turns.add(share);
  }

  /** Applies at once what waits of a sandbox that is about to be lost although it has answered. */
  finish(sandbox: Sandbox): void {
    for (const outcomes of this.of(sandbox.application)) {
      if (outcomes.sandbox !== sandbox) continue;
      this.#running = outcomes;
      while (outcomes.next());
      this.#running = undefined;
    }
  }

  goOn(step: () => void): void {
    if (this.#running) this.#running.goOn(step);
    else step();
  }

  later(application: string, step: () => void): void {
    setImmediate(() => {
      const { deliveries, now } = this.deps;
      const before = deliveries.total;
      const start = now();
      step();
      this.of(application).spend(now() - start + this.#cost.of(deliveries.total - before));
    });
  }

  /** Applies outcomes until the time of the turn is used up. Returns true if none are left. */
  #run(share: LoopShare, outcomes: Told): boolean {
    const { deliveries, now } = this.deps;
    const isLong = outcomes.expectedMs >= LONG_MS;
    const cpuBefore = isLong ? this.deps.cpu() : 0;
    const start = now();
    const most = SLICE_MS - this.#spentMs;
    let applyingMs = 0;
    let sentMs = 0;
    let isDone = false;
    let lookedAtMs = 0;
    this.#running = outcomes;
    for (let events = 1; !isDone && applyingMs + sentMs < most; events++) {
      const before = deliveries.total;
      isDone = !outcomes.next();
      const units = deliveries.total - before;
      if (units > 0) {
        const ms = this.#cost.of(units);
        outcomes.sent(ms);
        sentMs += ms;
      }
      if (!isDone && events % LOOK_AT_EVENTS > 0 && sentMs - lookedAtMs < LOOK_AT_SENT_MS) continue;
      applyingMs = now() - start;
      lookedAtMs = sentMs;
    }
    this.#running = undefined;
    // While this process had to wait for a core, it took nothing.
    if (isLong) applyingMs = Math.min(applyingMs, this.deps.cpu() - cpuBefore);
    this.#cost.applied(applyingMs);
    this.#spend(share, outcomes, applyingMs + sentMs);
    return isDone;
  }

  #spend(share: LoopShare, outcomes: Told, ms: number): void {
    share.spend(ms);
    outcomes.spend(ms);
    this.#spentMs += ms;
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(this.#turned);
  }

  /** The loop has turned: applies what waits, until the time of this turn is used up. */
  readonly #turned = (): void => {
    this.#isTurning = false;
    this.#spentMs = 0;
    for (let share = this.#turns.first(); share; share = this.#turns.first()) {
      const outcomes = share.first;
      if (!outcomes || !this.#run(share, outcomes)) break;
      share.shift();
      outcomes.end();
      if (this.#spentMs >= SLICE_MS) break;
    }
    if (this.#turns.isEmpty) this.#turns.forgive();
  };
}
