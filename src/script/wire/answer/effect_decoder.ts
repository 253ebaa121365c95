import type { Effect } from "../../../core/ports/effect.ts";
import type { DataText, JsonText } from "../../../core/ports/event.ts";
import type { LogLevel } from "../../../core/ports/log.ts";
import type { Limits } from "../../../core/application/settings.ts";
import { isName } from "../../../protocol/names.ts";
import { type AnswerReader, shown } from "./answer_reader.ts";
import { effectKinds, ONCE, WORD_UNITS } from "./effects.ts";
import { readFetch } from "./fetch_parts.ts";
import { MalformedAnswer } from "./malformed_answer.ts";

const levels = new Set<unknown>(["debug", "info", "warn", "error"]);

const none: readonly Effect[] = [];

/**
 * Decodes the effects of an answer, event by event. The guest is hostile, so each is checked as if it came from a client: the
 * breach of a limit is an error of the script in the guest, and proof of a broken sandbox here.
 */
export class EffectDecoder {
  /** Of the event whose effects are decoded: effects that are no log lines, UTF-16 units of output and of log text, log lines. */
  #count = 0;
  #outputUnits = 0;
  #logUnits = 0;
  #logLines = 0;

  constructor(
    private readonly reader: AnswerReader,
    private readonly limits: Limits,
  ) {}

  /** Returns the next `count` effects, which are all that one event has. Throws MalformedAnswer. */
  decode(count: number): readonly Effect[] {
    if (count === 0) return none;
    this.#count = this.#outputUnits = this.#logUnits = this.#logLines = 0;
    const effects: Effect[] = [];
    for (let i = 0; i < count; i++) effects.push(this.#next());
    return effects;
  }

  #next(): Effect {
    const { reader } = this;
    const number = reader.count("the kind of an effect");
    const kind = effectKinds[number];
    if (kind === "log") return this.#logged();
    if (++this.#count > this.limits.effects) throw new MalformedAnswer("an event has too many effects");
    switch (kind) {
      case "broadcast": {
        const type = this.#name();
        const list = reader.field();
        const except = list === 0 ? undefined : this.#recipients(list);
        return { kind, type, data: this.#sent(), except };
      }
      case "send":
      case "sendApplication":
        return { kind, type: this.#name(), to: this.#recipients(reader.field()), data: this.#sent() };
      case "broadcastApplication":
        return { kind, type: this.#name(), data: this.#sent() };
      case "broadcastRoom":
        return { kind, type: this.#name(), room: this.#name(), data: this.#sent() };
      case "kick":
      case "kickApplication":
        return { kind, user: this.#text(), reason: this.#text() };
      case "createRoom": {
        const room = this.#name();
        const options = this.#data();
        if (options === undefined) throw new MalformedAnswer("a room is created without options");
        return { kind, room, options };
      }
      case "closeRoom": {
        const room = this.#nameOr0();
        return { kind, ...(room === undefined ? {} : { room }), reason: this.#text() };
      }
      case "emit":
        return { kind, type: this.#name(), room: this.#nameOr0() ?? null, data: this.#data() };
      case "schedule": {
        const name = this.#name();
        const ms = reader.field();
        if (typeof ms !== "number" || !(ms >= 0)) {
          throw new MalformedAnswer(`the time of a schedule is ${shown(ms)}`);
        }
        return { kind, name, ms, key: this.#nameOr0(), data: this.#data() };
      }
      case "updateRoom": {
        const options = this.#data();
        if (options === undefined) throw new MalformedAnswer("a room is updated without options");
        return { kind, options };
      }
      case "move":
      case "join":
        return { kind, user: this.#text(), room: this.#name(), data: this.#data() };
      case "cancel":
        return { kind, name: this.#name(), key: this.#nameOr0() };
      case "fetch":
        return {
          kind,
          name: this.#name(),
          ...readFetch(reader, (text) => this.#weigh(text)),
          data: this.#data(),
        };
      default:
        throw new MalformedAnswer(`the kind of an effect is ${number}`);
    }
  }

  #logged(): Effect {
    const level = this.reader.field();
    const text = this.reader.body(this.reader.field());
    if (level !== ONCE && !levels.has(level)) throw new MalformedAnswer("a log line has no known level");
    if (text === undefined) throw new MalformedAnswer("a log line has no text");
    this.#logUnits += text.length;
    // An empty line costs something, too.
    if (this.#logUnits > this.limits.log || ++this.#logLines > this.limits.log) {
      throw new MalformedAnswer("an event logs too much");
    }
    if (level === ONCE) return warningOf(text);
    return { kind: "log", level: level as LogLevel, text };
  }

  #data(): JsonText | undefined {
    const data = this.reader.jsonBody(this.reader.field());
    if (data === undefined) return undefined;
    if (data.length > this.limits.message) throw new MalformedAnswer("a message is too large");
    this.#weigh(data);
    return data;
  }

  /** Returns what a client is sent. */
  #sent(): DataText | undefined {
    const data = this.reader.dataBody(this.reader.field());
    if (data === undefined) return undefined;
    // Bytes have one character more.
    if (data.length > this.limits.message + 1) throw new MalformedAnswer("a message is too large");
    this.#weigh(data);
    return data;
  }

  #recipients(list: unknown): string[] {
    if (!Array.isArray(list)) throw new MalformedAnswer("the recipients of an effect are not a list");
    return list.map((id) => this.#checkedText(id));
  }

  #nameOr0(): string | undefined {
    const text = this.reader.field();
    return text === 0 ? undefined : checkedName(text);
  }

  #name(): string {
    return checkedName(this.reader.field());
  }

  #text(): string {
    return this.#checkedText(this.reader.field());
  }

  #checkedText(text: unknown): string {
    if (typeof text !== "string" || text.length > WORD_UNITS) {
      throw new MalformedAnswer("an id or a reason is not a text, or is too long");
    }
    this.#weigh(text);
    return text;
  }

  #weigh(text: string): void {
    this.#outputUnits += text.length;
    // Bytes count one more each, the zero.
    if (this.#outputUnits > this.limits.output + this.#count)
      throw new MalformedAnswer("an event has too much output");
  }
}

function warningOf(text: string): Effect {
  const end = text.indexOf("\n");
  if (end < 0 || end > WORD_UNITS) throw new MalformedAnswer("a warning does not say what it is of");
  return { kind: "log", level: "warn", text: text.slice(end + 1), of: text.slice(0, end) };
}

function checkedName(text: unknown): string {
  if (typeof text !== "string" || !isName(text))
    throw new MalformedAnswer("a name breaks the rule for names");
  return text;
}
