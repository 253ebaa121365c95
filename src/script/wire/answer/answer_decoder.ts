import { Buffer } from "node:buffer";
import type { Outcome } from "../../../core/ports/outcome.ts";
import type { Limits } from "../../../core/application/settings.ts";
import { COSTS, type FailureBody, Status } from "./answer.ts";
import { Bodies, isCount, isRecord, MalformedAnswer, parse } from "./bodies.ts";
import { EffectDecoder } from "./effect_decoder.ts";
import { failureOf } from "./failure.ts";
import { Fields } from "./fields.ts";
import type { Posted, Settled } from "../../server/sandbox/slot.ts";

/** A limit that cut a handler short. */
export type LimitBreach = NonNullable<FailureBody["limit"]>;

const limitNames = new Set<unknown>(["cpu", "memory", "output", "stack"] satisfies LimitBreach[]);

/** An answer in full. */
export interface Answer {
  /** CPU time of the batch, ms. */
  readonly cpu: number;
  /** Bytes of the sandbox's memory. */
  readonly memory: number;
  /** Whether most of that is not in use. */
  readonly hasGrown: boolean;
  /** Of the first calls of the batch, at least one; the others were not run. */
  readonly settled: readonly Settled[];
}

/** An outcome whose share of the batch's CPU time is still to be told. */
type Open<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Decodes the answer to a batch of `posted` calls, all of it before anything of it is used: it is a transaction. Throws
 * MalformedAnswer.
 */
export function decodeAnswer(
  answer: Uint8Array,
  posted: readonly Posted[],
  version: string,
  limits: Limits,
): Answer {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  if (bytes.length < COSTS) throw new MalformedAnswer("there are no costs");
  const micros = bytes.readDoubleLE(0);
  const memory = bytes.readDoubleLE(8);
  if (!isCount(micros) || !isCount(memory)) throw new MalformedAnswer("its costs are none");
  const text = bytes.toString("utf8", COSTS);
  const line = text.indexOf("\n");
  const fields = new Fields(text.slice(0, Math.max(line, 0)));
  const count = fields.count("the number of outcomes");
  if (count === 0 || count > posted.length) {
    throw new MalformedAnswer(`there are ${count} outcomes for ${posted.length} events`);
  }
  const bodies = new Bodies(text, line + 1);
  const decoder = new OutcomeDecoder(fields, bodies, version, limits);
  const settled: Open<Settled>[] = [];
  for (let index = 0; index < count; index++) {
    try {
      settled.push(decoder.next(posted[index] as Posted));
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      // An answer that ends early may have been forged by any event of the batch.
      throw count === posted.length ? new MalformedAnswer(error.message, index) : error;
    }
  }
  fields.end();
  bodies.end();
  const cpu = micros / 1000;
  share(cpu, settled);
  return { cpu, memory, hasGrown: bytes[16] === 1, settled };
}

/** Splits the cost of a batch by the ms that its outcomes tell; alike where they tell none. */
function share(cpu: number, settled: readonly Open<Settled>[]): void {
  let sum = 0;
  for (const { cost } of settled) sum += cost;
  const each = sum > 0 ? 0 : cpu / settled.length;
  const perMs = sum > 0 ? cpu / sum : 0;
  for (const one of settled) {
    one.cost = each + one.cost * perMs;
    (one.outcome as Open<Outcome>).cpu = one.cost;
  }
}

/** Reads one outcome after the other. */
class OutcomeDecoder {
  readonly #effects: EffectDecoder;

  constructor(
    private readonly fields: Fields,
    private readonly bodies: Bodies,
    private readonly version: string,
    private readonly limits: Limits,
  ) {
    this.#effects = new EffectDecoder(fields, bodies, limits);
  }

  /** What became of the next call; its cost is the ms that the guest tells. Throws MalformedAnswer. */
  next(posted: Posted): Settled {
    const { fields, bodies, version } = this;
    const { call } = posted;
    const status = fields.count("a status");
    if (status > Status.handler_failed) throw new MalformedAnswer(`a status is ${status}`);
    const length = fields.next();
    const cost = fields.count("an outcome's time");
    const count = fields.count("a number of effects");
    if (posted.muted) return this.#replayed(posted, status, length, count, cost);
    if (status === Status.ok) {
      const value = bodies.json(length);
      const most = call.task.kind === "snapshot" ? Number.POSITIVE_INFINITY : this.limits.message;
      if (value !== undefined && value.length > most) throw new MalformedAnswer("a result is too large");
      const effects = this.#effects.decode(count);
      return { posted, status, cost, limit: undefined, outcome: { version, value, effects, cpu: 0 } };
    }
    const body = this.#failureBody(status, length);
    const effects = this.#effects.decode(count);
    if (effects.some(({ kind }) => kind !== "log")) throw new MalformedAnswer("a failed event has effects");
    const failure = failureOf(call.task, status, body);
    return { posted, status, cost, limit: body.limit, outcome: { version, failure, effects, cpu: 0 } };
  }

  #replayed(posted: Posted, status: number, length: unknown, count: number, cost: number): Settled {
    const told = posted.foreign && status !== Status.ok && length !== -1;
    if ((length !== -1 && !told) || count > 0) throw new MalformedAnswer("a muted event has a result");
    const failure = told
      ? { failure: failureOf(posted.call.task, status, this.#failureBody(status, length)) }
      : undefined;
    const outcome = { version: this.version, effects: [], ...failure };
    return { posted, status, cost, limit: undefined, outcome };
  }

  #failureBody(status: number, length: unknown): FailureBody {
    if (status === Status.no_handler && length === -1) return noBody;
    const body = failureBody(this.bodies.raw(length));
    if (body.data !== undefined && body.data.length > this.limits.message) {
      throw new MalformedAnswer("the data of a refusal is too large");
    }
    return body;
  }
}

/** No handler takes the event: that is all there is to tell. */
const noBody: FailureBody = { message: "" };

function failureBody(text: string | undefined): FailureBody {
  const body = text === undefined ? undefined : parse(text);
  if (!isRecord(body) || typeof body.message !== "string")
    throw new MalformedAnswer("a failure has no message");
  const { message, data, detail, position, limit } = body;
  if (data !== undefined) {
    if (typeof data !== "string") throw new MalformedAnswer("the data of a refusal is not a text");
    // It goes into frames to clients as it is.
    parse(data);
  }
  if (detail !== undefined && typeof detail !== "string")
    throw new MalformedAnswer("a failure's detail is none");
  if (limit !== undefined && !limitNames.has(limit)) throw new MalformedAnswer("a failure's limit is none");
  const where = position === undefined ? {} : { position: positionOf(position) };
  return {
    message,
    ...(data === undefined ? {} : { data }),
    ...(detail ? { detail } : {}),
    ...where,
    ...(limit ? { limit: limit as LimitBreach } : {}),
  };
}

function positionOf(value: unknown): { file: string; line: number; column: number } {
  if (isRecord(value) && typeof value.file === "string" && isCount(value.line) && isCount(value.column)) {
    return { file: value.file, line: value.line, column: value.column };
  }
  throw new MalformedAnswer("a failure's position is none");
}
