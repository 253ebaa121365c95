import type { Effect } from "../../../core/ports/effect.ts";
import type { JsonText } from "../../../core/ports/event.ts";
import type { LogLevel } from "../../../core/ports/log.ts";
import type { Limits } from "../../../core/application/settings.ts";
import { isName } from "../../../protocol/names.ts";
import { effectKinds, WORD_UNITS } from "./effects.ts";
import { type Bodies, MalformedAnswer } from "./bodies.ts";
import type { Fields } from "./fields.ts";

const levels = new Set<unknown>(["debug", "info", "warn", "error"]);

const none: readonly Effect[] = [];

/**
 * Decodes the effects of an answer, event by event. The guest is hostile, so each is checked as if it came from a client; what
 * the guest's own half enforces is an error in the script there, and proof of a broken sandbox here.
 */
export class EffectDecoder {
  #count = 0;
  #output = 0;
  #log = 0;
  #logLines = 0;

  constructor(
    private readonly fields: Fields,
    private readonly bodies: Bodies,
    private readonly limits: Limits,
  ) {}

  /** The next `count` effects, which are all that one event has. Throws MalformedAnswer. */
  decode(count: number): readonly Effect[] {
    if (count === 0) return none;
    this.#count = this.#output = this.#log = this.#logLines = 0;
    const effects: Effect[] = [];
    for (let i = 0; i < count; i++) effects.push(this.#next());
    return effects;
  }

  #next(): Effect {
    const { fields } = this;
    const number = fields.count("an effect's kind");
    const kind = effectKinds[number];
    if (kind === "log") return this.#logged();
    if (++this.#count > this.limits.effects) throw new MalformedAnswer("an event has too many effects");
    switch (kind) {
      case "broadcast": {
        const type = this.#name();
        const list = fields.next();
        const except = list === 0 ? undefined : this.#recipients(list);
        return { kind, type, data: this.#data(), except };
      }
      case "send":
      case "sendApplication":
        return { kind, type: this.#name(), to: this.#recipients(fields.next()), data: this.#data() };
      case "broadcastApplication":
        return { kind, type: this.#name(), data: this.#data() };
      case "broadcastRoom":
        return { kind, type: this.#name(), room: this.#name(), data: this.#data() };
      case "kick":
      case "kickApplication":
        return { kind, user: this.#word(), reason: this.#word() };
      case "createRoom": {
        const room = this.#name();
        const options = this.#data();
        if (options === undefined) throw new MalformedAnswer("a room is created without options");
        return { kind, room, options };
      }
      case "closeRoom": {
        const room = this.#nameOr0();
        return { kind, ...(room === undefined ? {} : { room }), reason: this.#word() };
      }
      case "emit":
        return { kind, type: this.#name(), room: this.#nameOr0() ?? null, data: this.#data() };
      case "schedule": {
        const name = this.#name();
        const ms = fields.next();
        if (typeof ms !== "number" || !(ms >= 0)) throw new MalformedAnswer("a schedule's time is none");
        return { kind, name, ms, data: this.#data() };
      }
      case "cancel":
        return { kind, name: this.#name() };
      default:
        throw new MalformedAnswer(`there is no effect ${number}`);
    }
  }

  #logged(): Effect {
    const level = this.fields.next();
    const text = this.bodies.raw(this.fields.next());
    if (!levels.has(level) || text === undefined) throw new MalformedAnswer("a log effect is none");
    this.#log += text.length;
    // An empty line costs something too.
    if (this.#log > this.limits.log || ++this.#logLines > this.limits.log) {
      throw new MalformedAnswer("an event logs too much");
    }
    return { kind: "log", level: level as LogLevel, text };
  }

  #data(): JsonText | undefined {
    const data = this.bodies.json(this.fields.next());
    if (data === undefined) return undefined;
    if (data.length > this.limits.message) throw new MalformedAnswer("a message is too large");
    this.#weigh(data);
    return data;
  }

  #recipients(list: unknown): string[] {
    if (!Array.isArray(list)) throw new MalformedAnswer("recipients are no list");
    return list.map((one) => this.#checked(one));
  }

  #nameOr0(): string | undefined {
    const text = this.fields.next();
    return text === 0 ? undefined : checkedName(text);
  }

  #name(): string {
    return checkedName(this.fields.next());
  }

  #word(): string {
    return this.#checked(this.fields.next());
  }

  #checked(text: unknown): string {
    if (typeof text !== "string" || text.length > WORD_UNITS) throw new MalformedAnswer("a word is none");
    this.#weigh(text);
    return text;
  }

  #weigh(text: string): void {
    this.#output += text.length;
    if (this.#output > this.limits.output) throw new MalformedAnswer("an event has too much output");
  }
}

function checkedName(text: unknown): string {
  if (typeof text !== "string" || !isName(text)) throw new MalformedAnswer("a name is none");
  return text;
}
