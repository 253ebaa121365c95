import type { Effect, Outcome } from "../core/ports.ts";
import type { Limits } from "../core/settings.ts";
import { type FailureBody, Status } from "./batch.ts";
import { Bodies, isCount, isRecord, MalformedAnswer, parse } from "./bodies.ts";
import { EffectDecoder } from "./effect_decoder.ts";
import { failureOf } from "./failure.ts";
import type { Posted, Settled } from "./seat.ts";

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

/**
 * Decodes the answer to a batch of `posted` calls, all of it before anything of it is used: it is a transaction. Throws
 * MalformedAnswer.
 */
export function decodeAnswer(
  text: string,
  posted: readonly Posted[],
  version: string,
  limits: Limits,
): Answer {
  const first = text.indexOf("\n");
  const second = text.indexOf("\n", first + 1);
  const costs = parse(text.slice(0, Math.max(first, 0)));
  if (!Array.isArray(costs) || !isCount(costs[0]) || !isCount(costs[1])) {
    throw new MalformedAnswer("there is no line of costs");
  }
  const header = parse(text.slice(first + 1, Math.max(second, 0)));
  if (!Array.isArray(header) || header.length === 0 || header.length > posted.length) {
    throw new MalformedAnswer(`the header is no list of up to ${posted.length} outcomes`);
  }
  const cpu = costs[0] / 1000;
  const shares = new Shares(header, cpu);
  const bodies = new Bodies(text, second + 1);
  const settled = header.map((tuple, index) => {
    const one = posted[index] as Posted;
    try {
      const cost = shares.of(tuple);
      return { posted: one, cost, ...decodeOutcome(tuple, one, bodies, version, limits, cost) };
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      // An answer that ends early may have been forged by any event of the batch.
      throw header.length === posted.length ? new MalformedAnswer(error.message, index) : error;
    }
  });
  bodies.end();
  return { cpu, memory: costs[1], hasGrown: costs[2] === 1, settled };
}

/** Splits the cost of a batch by the ms that its outcomes tell; alike where they tell none. */
class Shares {
  readonly #each: number;
  readonly #perMs: number;

  constructor(tuples: readonly unknown[], cpu: number) {
    let sum = 0;
    for (const tuple of tuples) sum += msOf(tuple);
    this.#each = sum > 0 ? 0 : cpu / tuples.length;
    this.#perMs = sum > 0 ? cpu / sum : 0;
  }

  of(tuple: unknown): number {
    return this.#each + msOf(tuple) * this.#perMs;
  }
}

function msOf(tuple: unknown): number {
  return Array.isArray(tuple) && isCount(tuple[5]) ? tuple[5] : 0;
}

function decodeOutcome(
  tuple: unknown,
  { seat, call, muted, foreign }: Posted,
  bodies: Bodies,
  version: string,
  limits: Limits,
  cpu: number,
): { status: number; outcome: Outcome; limit?: LimitBreach } {
  if (!Array.isArray(tuple) || tuple.length < 5 || tuple.length > 6)
    throw new MalformedAnswer("an outcome is not a tuple of 5 or 6");
  const [script, seq, status, length, list, ms = 0] = tuple as unknown[];
  if (!isCount(ms)) throw new MalformedAnswer("an outcome's time is none");
  if (script !== seat.number || seq !== call.seq) {
    throw new MalformedAnswer(`the outcome of ${String(script)}:${String(seq)} is in the place of another`);
  }
  if (!isCount(status) || status > Status.handler_failed || !Array.isArray(list)) {
    throw new MalformedAnswer("an outcome has no status or no effects");
  }
  if (muted) {
    const told = foreign && status !== Status.ok && length !== -1;
    if ((length !== -1 && !told) || list.length > 0) throw new MalformedAnswer("a muted event has a result");
    if (!told) return { status, outcome: { version, effects: [] } };
    const failure = failureOf(call.task, status, failureBody(bodies.raw(length)));
    return { status, outcome: { version, failure, effects: [] } };
  }
  if (status === Status.ok) {
    const value = bodies.json(length);
    const most = call.task.kind === "snapshot" ? Number.POSITIVE_INFINITY : limits.message;
    if (value !== undefined && value.length > most) throw new MalformedAnswer("a result is too large");
    return { status, outcome: { version, value, effects: decodeEffects(list, bodies, limits), cpu } };
  }
  const body = failureBody(bodies.raw(length));
  const effects = decodeEffects(list, bodies, limits);
  if (effects.some(({ kind }) => kind !== "log")) throw new MalformedAnswer("a failed event has effects");
  const outcome = { version, failure: failureOf(call.task, status, body), effects, cpu };
  return { status, outcome, ...(body.limit ? { limit: body.limit } : {}) };
}

function decodeEffects(list: readonly unknown[], bodies: Bodies, limits: Limits): Effect[] {
  if (list.length === 0) return [];
  const decoder = new EffectDecoder(bodies, limits);
  return list.map((tuple) => decoder.decode(tuple));
}

function failureBody(text: string | undefined): FailureBody {
  const body = text === undefined ? undefined : parse(text);
  if (!isRecord(body) || typeof body.message !== "string")
    throw new MalformedAnswer("a failure has no message");
  const { message, detail, position, limit } = body;
  if (detail !== undefined && typeof detail !== "string")
    throw new MalformedAnswer("a failure's detail is none");
  if (limit !== undefined && !limitNames.has(limit)) throw new MalformedAnswer("a failure's limit is none");
  const where = position === undefined ? {} : { position: positionOf(position) };
  return {
    message,
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
