import * as v from "valibot";
import { BuildError, HotroomError } from "../../../core/errors.ts";
import {
  type Build,
  type Definition,
  FORM_BOUNDS,
  MAX_CRON_ENTRIES,
  MAX_RELAY_BYTES,
  MAX_RELAY_RATE,
  MAX_RELAYS,
} from "../../../core/ports/build.ts";
import { isName } from "../../../protocol/names.ts";
import { lineAt, type SourcePosition } from "../../../core/source_position.ts";
import type { Ending } from "../process/host_link.ts";
import { LoadedVersion } from "./loaded_version.ts";
import { Suspicion } from "./suspicion.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
/** Numbers of a field of `cron`. */
const numbers = (least: number, most: number) =>
  v.pipe(
    v.array(v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most))),
    v.minLength(1),
    v.maxLength(most - least + 1),
  );
const cronEntry = v.object({
  timer: v.string(),
  minutes: numbers(0, 59),
  hours: numbers(0, 23),
  days: numbers(1, 31),
  months: numbers(1, 12),
  weekdays: numbers(0, 6),
  isEither: v.boolean(),
});
const short = v.pipe(v.string(), v.maxLength(FORM_BOUNDS.length));
const formField = v.object({
  name: short,
  type: v.picklist(["text", "number", "flag", "choice"]),
  isOptional: v.optional(v.boolean()),
  choices: v.optional(
    v.pipe(v.array(v.union([short, v.number(), v.boolean()])), v.maxLength(FORM_BOUNDS.choices)),
  ),
});
const form = v.tuple([short, v.pipe(v.array(formField), v.maxLength(FORM_BOUNDS.fields))]);
const relayEntry = v.object({
  type: v.pipe(v.string(), v.check(isName)),
  to: v.picklist(["others", "all"]),
  isVolatile: v.boolean(),
  rate: v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_RELAY_RATE)),
  maxBytes: v.pipe(count, v.maxValue(MAX_RELAY_BYTES)),
});
const definition = v.object({
  kind: v.picklist(["application", "room"]),
  maxUsers: v.optional(count),
  maxWatchers: v.optional(count),
  tickRate: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(60))),
  cron: v.optional(v.pipe(v.array(cronEntry), v.maxLength(MAX_CRON_ENTRIES))),
  forms: v.optional(v.pipe(v.array(form), v.maxLength(FORM_BOUNDS.forms))),
  relays: v.optional(v.pipe(v.array(relayEntry), v.maxLength(MAX_RELAYS))),
  hasMigrate: v.boolean(),
  isDurable: v.optional(v.boolean()),
  handlers: v.array(v.string()),
});
const position = v.object({ file: v.string(), line: count, column: count });
const loaded = v.variant("ok", [
  v.object({
    ok: v.literal(true),
    extension: v.optional(definition),
    rooms: v.array(v.tuple([v.string(), definition])),
  }),
  v.object({ ok: v.literal(false), message: v.string(), position: v.optional(position) }),
]);

/** Returns why a host refuses to load a version, from the payload of its answer; undefined if it has loaded it. */
export function refusalOf(payload: string): string | undefined {
  const answer = v.parse(loaded, JSON.parse(payload));
  return answer.ok ? undefined : answer.message;
}

/** Returns the error of a load that comes too late. */
export function stopping(): HotroomError {
  return new HotroomError("internal", "Cannot load a version: the server is stopping.");
}

/** The first load of a build, by any host; it is the only thing that its host has in hand. */
export class Validation {
  readonly #suspicion = new Suspicion();

  constructor(
    /** Frame id, also of the version that is made of it. */
    readonly id: number,
    readonly build: Build,
    private readonly done: (version: LoadedVersion) => void,
    /** Ends the load with an error. */
    readonly fail: (error: Error) => void,
  ) {}

  /** CPU time that the watchdog allows, ms; the host's own deadline for code that can be interrupted comes earlier. */
  get allowance(): number {
    const { load, cpuHard } = this.build.settings.limits;
    return load + cpuHard;
  }

  /** Takes the host's answer. Returns true if the host has the version now. */
  answered(payload: string): boolean {
    const answer = v.parse(loaded, JSON.parse(payload));
    if (!answer.ok) {
      this.#refuse(answer.message, answer.position);
      return false;
    }
    const rooms = new Map(answer.rooms as [string, Definition][]);
    const missing = [...this.build.rooms.keys()].find((type) => !rooms.has(type));
    if (missing !== undefined || (answer.extension !== undefined) !== (this.build.extension !== undefined)) {
      this.#refuse(`the script host did not define ${missing ?? "the extension"}`);
      return false;
    }
    this.done(new LoadedVersion(this.id, this.build, answer.extension as Definition | undefined, rooms));
    return true;
  }

  /** Weighs that the host ended meanwhile. Returns true if the load has failed; otherwise it is to be tried again. */
  endedWith(ending: Ending, reason: string): boolean {
    this.#suspicion.testify(ending, reason);
    if (this.#suspicion.verdict === undefined) return false;
    const { load } = this.build.settings.limits;
    this.#refuse(
      ending === "watchdog"
        ? `${this.build.application} took longer than ${load} ms to load (limits.load)`
        : reason,
    );
    return true;
  }

  #refuse(message: string, at?: SourcePosition): void {
    const source = at && this.build.sources.get(at.file);
    this.fail(new BuildError(message, at, at && source !== undefined ? lineAt(source, at.line) : undefined));
  }
}
