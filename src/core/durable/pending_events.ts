import type { JsonText, ScriptEvent } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { DurablePlace } from "./durable_place.ts";

/** After an event could not be saved it is looked whether it can be now, ms. */
const RETRY_MS = 1000;

/** Events that follow from what has happened already, so that the script hears them whatever becomes of the server. */
const kept: ReadonlySet<ScriptEvent["kind"]> = new Set([
  "init",
  "leave",
  "unwatch",
  "disconnect",
  "reconnect",
  "loggedIn",
  "logout",
  "created",
  "emit",
  "timer",
  "fetched",
  "close",
]);

/** Hands an event to its script; `origin` comes back with its record, and `after` is called with its outcome. */
export type HandOver = (event: ScriptEvent, origin: JsonText, after: (outcome: Outcome) => void) => void;

/** An event that its script has not heard yet. */
interface Pending {
  readonly id: number;
  readonly event: ScriptEvent;
  readonly after: ((outcome: Outcome) => void) | undefined;
}

/** The events that one durable script is still to hear: kept when they are dispatched, in order, and until they are answered. */
export class PendingEvents {
  #lastId: number;
  /** Numbers of those that are kept. */
  readonly #known: Set<number>;
  /** Those that could not be saved, and what came behind them. */
  #unsaved: Pending[] = [];
  /** Numbers of timers, which may be taken back. */
  readonly #timers = new WeakMap<ScriptEvent, number>();

  constructor(
    private readonly place: DurablePlace,
    private readonly handOver: HandOver,
    items: ReadonlyMap<string, JsonText> = new Map(),
  ) {
    this.#known = new Set(eventKeys(items).map(Number));
    this.#lastId = 0;
    // There may be more of them than a call takes arguments.
    for (const id of this.#known) this.#lastId = Math.max(this.#lastId, id);
  }

  /** Forgets all: the script is durable no more. */
  forget(): void {
    for (const id of this.#known) this.place.delete("pending", String(id));
    this.#known.clear();
  }

  /** Returns true if an event is kept: none that somebody waits for, who hears whether it was saved. */
  static keeps(event: ScriptEvent): boolean {
    return kept.has(event.kind) && !(event.kind === "emit" && event.reply);
  }

  /** Keeps an event, and hands it over; it is handed over again for as long as it can't be saved. */
  add(event: ScriptEvent, after?: (outcome: Outcome) => void): void {
    const id = ++this.#lastId;
    this.#known.add(id);
    this.place.put("pending", String(id), JSON.stringify(event));
    this.#offer({ id, event, after });
  }

  /** Forgets an event that is not to be heard any more; it is answered all the same. */
  takeBack(event: ScriptEvent): void {
    const id = this.#timers.get(event);
    if (id !== undefined && this.#known.delete(id)) this.place.delete("pending", String(id));
  }

  /** Hands an event over that was kept before the server ended. */
  again(id: number, event: ScriptEvent, after?: (outcome: Outcome) => void): void {
    this.#offer({ id, event, after });
  }

  /** Returns what hears the outcome of a kept event that was handled before the server ended. */
  done(id: number, after?: (outcome: Outcome) => void): (outcome: Outcome) => void {
    return (outcome) => {
      if (this.#known.delete(id)) this.place.delete("pending", String(id));
      after?.(outcome);
    };
  }

  #offer(pending: Pending): void {
    if (pending.event.kind === "timer") this.#timers.set(pending.event, pending.id);
    if (this.#unsaved.length > 0) this.#unsaved.push(pending);
    else this.#handOver(pending);
  }

  #handOver(pending: Pending): void {
    const done = this.done(pending.id, pending.after);
    this.handOver(pending.event, originOf(pending.id), (outcome) => {
      if (outcome.failure?.code === "not_saved") this.#keep(pending);
      else done(outcome);
    });
  }

  #keep(pending: Pending): void {
    this.#unsaved.push(pending);
    if (this.#unsaved.length > 1) return;
    const { clock } = this.place.application;
    const look = () => {
      if (this.place.application.isStopped) return;
      if (this.place.application.problem !== undefined) return void clock.after(RETRY_MS, look);
      const all = this.#unsaved.sort((a, b) => a.id - b.id);
      this.#unsaved = [];
      for (const each of all) this.#handOver(each);
    };
    clock.after(RETRY_MS, look);
  }
}

/** Returns the events that are kept, in their order. */
export function readPending(items: ReadonlyMap<string, JsonText>): { id: number; event: ScriptEvent }[] {
  return eventKeys(items)
    .map((key) => ({ id: Number(key), event: JSON.parse(items.get(key) ?? "") as ScriptEvent }))
    .sort((a, b) => a.id - b.id);
}

/** Returns the number of the kept event that a record was made of; undefined where it is of none. */
export function pendingOf(origin: JsonText | undefined): number | undefined {
  const id = origin?.startsWith('{"pending":') ? JSON.parse(origin).pending : undefined;
  return typeof id === "number" ? id : undefined;
}

function originOf(id: number): JsonText {
  return `{"pending":${id}}`;
}

/** Keys of other things that are pending are words. */
function eventKeys(items: ReadonlyMap<string, JsonText>): string[] {
  return [...items.keys()].filter((key) => /^\d+$/.test(key));
}
