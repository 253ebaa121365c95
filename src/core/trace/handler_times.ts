import type { Definition, Version } from "../ports/build.ts";
import type { ScriptEvent } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import { OTHERS } from "./event_times.ts";

/** Handlers of a version that are counted by name; those beyond them, of each script, are counted together, as events are that no handler hears. */
export const MOST_HANDLERS = 200;
/** What one handler has used in one version. */
export interface HandlerView {
  /** Type of the room; null for the application's own script. */
  readonly type: string | null;
  /** As the definition has it: `messages.say`, `tick`; OTHERS. */
  readonly handler: string;
  readonly version: string;
  readonly events: number;
  /** CPU time, ms; and that of the event that took the longest. */
  readonly cpu: number;
  readonly worst: number;
  /** Events at which it threw, or ran into a limit. */
  readonly failures: number;
}

/** The sums of one handler. */
class HandlerSums {
  events = 0;
  cpu = 0;
  worst = 0;
  failures = 0;

  constructor(readonly handler: string) {}

  add(cpu: number, hasFailed: boolean): void {
    this.events++;
    this.cpu += cpu;
    if (cpu > this.worst) this.worst = cpu;
    if (hasFailed) this.failures++;
  }
}

/**
 * What the handlers of one script of a version have used, in all rooms of its type. They are those of the definition: what clients and
 * scripts call their messages adds none, and nothing is made for an event.
 */
export class ScriptTimes {
  /** By the name that stands in the event, where that says which handler hears it; else by the kind of the event. */
  readonly #messages = new Map<string, HandlerSums>();
  readonly #emits = new Map<string, HandlerSums>();
  readonly #timers = new Map<string, HandlerSums>();
  readonly #fetches = new Map<string, HandlerSums>();
  readonly #kinds = new Map<string, HandlerSums>();
  readonly #others = new HandlerSums(OTHERS);
  readonly #all: readonly HandlerSums[];

  /** `handlers` are the names of those that are counted by themselves. */
  constructor(
    readonly version: string,
    private readonly type: string | null,
    handlers: readonly string[],
  ) {
    this.#all = [...handlers.map((handler) => this.#sumsOf(handler)), this.#others];
  }

  /** Counts one event, unless no handler has had it. */
  add(event: ScriptEvent, { cpu = 0, failure }: Outcome): void {
    if (failure !== undefined && (failure.code === "busy" || failure.code === "not_saved")) return;
    const sums = this.#find(event) ?? this.#others;
    sums.add(cpu, failure !== undefined && failure.code === "handler_failed");
  }

  /** Returns the sums of now, of those that have had an event. */
  view(): HandlerView[] {
    const { type, version } = this;
    return this.#all
      .filter(({ events }) => events > 0)
      .map(({ handler, events, cpu, worst, failures }) => {
        return { type, handler, version, events, cpu: rounded(cpu), worst: rounded(worst), failures };
      });
  }

  #find(event: ScriptEvent): HandlerSums | undefined {
    return this.#named(event) ?? this.#kinds.get(event.kind);
  }

  #named(event: ScriptEvent): HandlerSums | undefined {
    switch (event.kind) {
      case "message":
        return this.#messages.get(event.type);
      case "emit":
        return this.#emits.get(event.type);
      case "timer":
        return this.#timers.get(event.name);
      case "fetched":
        return this.#fetches.get(event.name);
      default:
        return undefined;
    }
  }

  /** Makes the sums of a handler, and has its events find them. */
  #sumsOf(handler: string): HandlerSums {
    const sums = new HandlerSums(handler);
    const dot = handler.indexOf(".");
    this.#sectionOf(handler.slice(0, Math.max(0, dot))).set(handler.slice(dot + 1), sums);
    return sums;
  }

  #sectionOf(name: string): Map<string, HandlerSums> {
    switch (name) {
      case "messages":
        return this.#messages;
      case "emits":
        return this.#emits;
      case "timers":
        return this.#timers;
      case "fetches":
        return this.#fetches;
      default:
        return this.#kinds;
    }
  }
}

/** What the handlers of one version have used. */
export class HandlerTimes {
  /** By type of the room, null for the application's own script. */
  readonly #scripts: ReadonlyMap<string | null, ScriptTimes>;

  constructor({ build, extension, rooms }: Version) {
    let left = MOST_HANDLERS;
    const make = (type: string | null, { handlers, tickRate }: Definition): [string | null, ScriptTimes] => {
      const all = tickRate === undefined ? handlers : ["tick", ...handlers];
      const counted = all.slice(0, left);
      left -= counted.length;
      return [type, new ScriptTimes(build.version, type, counted)];
    };
    this.#scripts = new Map([
      ...(extension ? [make(null, extension)] : []),
      ...Array.from(rooms, ([type, definition]) => make(type, definition)),
    ]);
  }

  /** Returns those of the rooms of a type, or of the application's own script (null). */
  of(type: string | null): ScriptTimes | undefined {
    return this.#scripts.get(type);
  }

  /** Returns the sums of now, of all handlers that have had an event. */
  view(): HandlerView[] {
    return Array.from(this.#scripts.values(), (times) => times.view()).flat();
  }
}

/** To microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
