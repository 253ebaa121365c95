import type { Effect, JsonText, LogLevel } from "../core/ports.ts";
import type { Limits } from "../core/settings.ts";
import { isName } from "../protocol/names.ts";
import { type Bodies, MalformedAnswer } from "./bodies.ts";

/** UTF-16 units of an id, a name or a reason. */
const WORD = 1024;
const levels = new Set<unknown>(["debug", "info", "warn", "error"]);

/**
 * Decodes the effects of one event. The guest is hostile, so each tuple is checked as if it came from a client; what the
 * guest's own half enforces is an error in the script there, and proof of a broken sandbox here.
 */
export class EffectDecoder {
  #count = 0;
  #output = 0;
  #log = 0;
  #logLines = 0;

  constructor(
    readonly bodies: Bodies,
    readonly limits: Limits,
  ) {}

  /** Throws MalformedAnswer. */
  decode(tuple: unknown): Effect {
    if (!Array.isArray(tuple)) throw new MalformedAnswer("an effect is not a tuple");
    const [kind, first, second, third] = tuple as unknown[];
    if (kind === "log") return this.#logged(first, second, tuple.length);
    if (++this.#count > this.limits.effects) throw new MalformedAnswer("an event has too many effects");
    const expect = lengths[String(kind)];
    if (expect === undefined || tuple.length !== expect) {
      throw new MalformedAnswer(`an effect is ${JSON.stringify(tuple).slice(0, 100)}`);
    }
    switch (kind as Exclude<Effect["kind"], "log">) {
      case "broadcast": {
        const type = this.#name(first);
        const data = this.#data(second);
        return {
          kind: "broadcast",
          type,
          data,
          except: third === 0 ? undefined : this.#recipients(third),
        };
      }
      case "send":
        return {
          kind: "send",
          type: this.#name(first),
          data: this.#data(second),
          to: this.#recipients(third),
        };
      case "broadcastApplication":
        return { kind: "broadcastApplication", type: this.#name(first), data: this.#data(second) };
      case "broadcastRoom":
        return {
          kind: "broadcastRoom",
          type: this.#name(first),
          data: this.#data(second),
          room: this.#name(third),
        };
      case "sendApplication":
        return {
          kind: "sendApplication",
          type: this.#name(first),
          data: this.#data(second),
          to: this.#recipients(third),
        };
      case "kick":
        return { kind: "kick", user: this.#word(first), reason: this.#word(second) };
      case "kickApplication":
        return { kind: "kickApplication", user: this.#word(first), reason: this.#word(second) };
      case "createRoom": {
        const room = this.#name(first);
        const data = this.#data(second);
        if (data === undefined) throw new MalformedAnswer("a room is created without options");
        return { kind: "createRoom", room, options: data };
      }
      case "closeRoom":
        return {
          kind: "closeRoom",
          ...(first === 0 ? {} : { room: this.#name(first) }),
          reason: this.#word(second),
        };
      case "emit": {
        const type = this.#name(first);
        return { kind: "emit", type, data: this.#data(second), room: third === 0 ? null : this.#name(third) };
      }
      case "schedule": {
        const name = this.#name(first);
        if (typeof third !== "number" || !(third >= 0))
          throw new MalformedAnswer("a schedule's time is none");
        return { kind: "schedule", name, data: this.#data(second), ms: third };
      }
      case "cancel":
        return { kind: "cancel", name: this.#name(first) };
    }
  }

  #logged(level: unknown, length: unknown, fields: number): Effect {
    const text = this.bodies.raw(length);
    if (fields !== 3 || !levels.has(level) || text === undefined)
      throw new MalformedAnswer("a log effect is none");
    this.#log += text.length;
    // An empty line costs something too.
    if (this.#log > this.limits.log || ++this.#logLines > this.limits.log) {
      throw new MalformedAnswer("an event logs too much");
    }
    return { kind: "log", level: level as LogLevel, text };
  }

  #data(length: unknown): JsonText | undefined {
    const data = this.bodies.json(length);
    if (data === undefined) return undefined;
    if (data.length > this.limits.message) throw new MalformedAnswer("a message is too large");
    this.#weigh(data);
    return data;
  }

  #recipients(list: unknown): string[] {
    if (!Array.isArray(list)) throw new MalformedAnswer("recipients are no list");
    return list.map((one) => this.#word(one));
  }

  #name(text: unknown): string {
    if (typeof text !== "string" || !isName(text)) throw new MalformedAnswer("a name is none");
    return text;
  }

  #word(text: unknown): string {
    if (typeof text !== "string" || text.length > WORD) throw new MalformedAnswer("a word is none");
    this.#weigh(text);
    return text;
  }

  #weigh(text: string): void {
    this.#output += text.length;
    if (this.#output > this.limits.output) throw new MalformedAnswer("an event has too much output");
  }
}

/** Elements of each effect's tuple. */
const lengths: Record<string, number> = Object.assign(Object.create(null), {
  broadcast: 4,
  send: 4,
  broadcastApplication: 3,
  broadcastRoom: 4,
  sendApplication: 4,
  kick: 3,
  kickApplication: 3,
  createRoom: 3,
  closeRoom: 3,
  emit: 4,
  schedule: 4,
  cancel: 2,
} satisfies Record<Exclude<Effect["kind"], "log">, number>);
