import { Buffer } from "node:buffer";
import type { Outcome } from "../../../core/ports/outcome.ts";
import type { Limits } from "../../../core/application/settings.ts";
import { isObject } from "../../../protocol/json_object.ts";
import type { Task } from "../batch/task.ts";
import { COSTS, type FailureBody, SandboxFlag, Status } from "./answer.ts";
import { AnswerReader, isBytesLength, isCount, parseJson } from "./answer_reader.ts";
import { EffectDecoder } from "./effect_decoder.ts";
import { failureOf } from "./failure.ts";
import { MalformedAnswer } from "./malformed_answer.ts";

/** A limit that cut a handler short. */
export type LimitBreach = NonNullable<FailureBody["limit"]>;

const limitNames = new Set<unknown>(["cpu", "memory", "output", "stack", "state"] satisfies LimitBreach[]);

/** What an answer is checked against: one call of the batch. */
export interface PostedTask {
  readonly call: { readonly task: Task };
  /** Replayed: the answer has a status and nothing else. */
  readonly muted: boolean;
  /** Replayed in another version than the one that answered it first: the answer may have a failure, too. */
  readonly foreign?: boolean;
}

/** What became of one posted call. */
export interface CallResult<Posted> {
  readonly posted: Posted;
  /** One of `Status`. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly limit: LimitBreach | undefined;
  /** Whether the host has undone what the event did, which has failed. */
  readonly isUndone: boolean;
  /** The call's share of the CPU time of the batch, ms. */
  readonly cost: number;
}

/** An answer in full. */
export interface Answer<Posted> {
  /** CPU time of the batch, ms. */
  readonly cpu: number;
  /**
   * Memory of the sandbox, how much of it its heap has taken so far, and how much its scripts used when that was last measured, 0
   * if never; bytes.
   */
  readonly memory: number;
  readonly taken: number;
  readonly used: number;
  /** Whether most of that memory is not in use. */
  readonly hasGrown: boolean;
  /** The call in which memory ran out first, if it did in one. */
  readonly ranOut: Posted | undefined;
  /** Whether it ran out since other sandboxes have taken what they may take together. */
  readonly isShort: boolean;
  /** Results of the first calls of the batch, of at least one; the others were not run. */
  readonly results: readonly CallResult<Posted>[];
}

/** A result whose share of the batch's CPU time is still to be set. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Decodes the answer to a batch of `posted` calls, which the version named `version` has handled. All of it is decoded before
 * anything of it is used: an answer is a transaction. Throws MalformedAnswer.
 */
export function decodeAnswer<Posted extends PostedTask>(
  answer: Uint8Array,
  posted: readonly Posted[],
  version: string,
  limits: Limits,
): Answer<Posted> {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  if (bytes.length < COSTS) throw new MalformedAnswer("the costs are missing");
  const micros = bytes.readDoubleLE(0);
  const memory = bytes.readDoubleLE(8);
  const taken = bytes.readDoubleLE(16);
  const used = bytes.readDoubleLE(24);
  if (![micros, memory, taken, used].every(isCount)) {
    throw new MalformedAnswer(`the costs are ${micros} µs, ${memory}, ${taken} and ${used} bytes`);
  }
  const reader = new AnswerReader(bytes.subarray(COSTS));
  const count = reader.count("the number of outcomes");
  if (count === 0 || count > posted.length) {
    throw new MalformedAnswer(`there are ${count} outcomes for ${posted.length} events`);
  }
  const flags = bytes[34] ?? 0;
  const decoder = new OutcomeDecoder(reader, version, limits, (flags & SandboxFlag.undone) !== 0);
  const results: Mutable<CallResult<Posted>>[] = [];
  for (let index = 0; index < count; index++) {
    try {
      results.push(decoder.next(posted[index] as Posted));
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      // An answer that ends early may have been forged by any event of the batch.
      throw count === posted.length ? new MalformedAnswer(error.message, index) : error;
    }
  }
  reader.end();
  const cpu = micros / 1000;
  share(cpu, results);
  const ranOut = posted[bytes.readUInt16LE(32) - 1];
  const hasGrown = (flags & SandboxFlag.grown) !== 0;
  return { cpu, memory, taken, used, ranOut, isShort: (flags & SandboxFlag.short) !== 0, hasGrown, results };
}

/** Splits the cost of a batch in proportion to the ms that its outcomes name; evenly if they name none. */
function share(cpu: number, results: readonly Mutable<CallResult<unknown>>[]): void {
  let sum = 0;
  for (const { cost } of results) sum += cost;
  const each = sum > 0 ? 0 : cpu / results.length;
  const perMs = sum > 0 ? cpu / sum : 0;
  for (const result of results) {
    result.cost = each + result.cost * perMs;
    (result.outcome as Mutable<Outcome>).cpu = result.cost;
  }
}

/** Decodes the outcomes of an answer one after the other. */
class OutcomeDecoder {
  readonly #effects: EffectDecoder;

  constructor(
    private readonly reader: AnswerReader,
    private readonly version: string,
    private readonly limits: Limits,
    private readonly isUndone: boolean,
  ) {
    this.#effects = new EffectDecoder(reader, limits);
  }

  /** Returns what became of the next call; its cost is the ms that the guest names. Throws MalformedAnswer. */
  next<Posted extends PostedTask>(posted: Posted): CallResult<Posted> {
    const { reader, version, isUndone } = this;
    const { task } = posted.call;
    const status = reader.count("the status of an outcome");
    if (status > Status.handler_failed) throw new MalformedAnswer(`the status of an outcome is ${status}`);
    const length = reader.field();
    const cost = reader.count("the time of an outcome");
    const count = reader.count("the number of effects");
    if (posted.muted) return this.#replayed(posted, status, length, count, cost);
    if (status === Status.ok) {
      const isBytes = (task.kind === "message" || task.kind === "request") && isBytesLength(length);
      const text = isBytes ? undefined : reader.jsonBody(length);
      const effects = this.#effects.decode(count);
      const value = isBytes ? reader.bytesBody(length) : text;
      const most = task.kind === "snapshot" ? Number.POSITIVE_INFINITY : this.limits.message;
      if (value !== undefined && value.length > most + (isBytes ? 1 : 0))
        throw new MalformedAnswer("a result is too large");
      return {
        posted,
        status,
        cost,
        limit: undefined,
        isUndone,
        outcome: { version, value, effects, cpu: 0 },
      };
    }
    const body = this.#failureBody(status, length);
    const effects = this.#effects.decode(count);
    if (effects.some(({ kind }) => kind !== "log")) throw new MalformedAnswer("a failed event has effects");
    const failure = failureOf(task, status, body);
    return {
      posted,
      status,
      cost,
      limit: body.limit,
      isUndone,
      outcome: { version, failure, effects, cpu: 0 },
    };
  }

  #replayed<Posted extends PostedTask>(
    posted: Posted,
    status: number,
    length: unknown,
    count: number,
    cost: number,
  ): CallResult<Posted> {
    const hasFailure = posted.foreign && status !== Status.ok && length !== -1;
    if ((length !== -1 && !hasFailure) || count > 0) throw new MalformedAnswer("a muted event has a result");
    const failure = hasFailure
      ? { failure: failureOf(posted.call.task, status, this.#failureBody(status, length)) }
      : undefined;
    const outcome = { version: this.version, effects: [], ...failure };
    return { posted, status, cost, limit: undefined, isUndone: false, outcome };
  }

  #failureBody(status: number, length: unknown): FailureBody {
    if (status === Status.no_handler && length === -1) return noBody;
    const body = failureBody(this.reader.body(length));
    if (body.data !== undefined && body.data.length > this.limits.message) {
      throw new MalformedAnswer("the data of a refusal is too large");
    }
    return body;
  }
}

/** Body of an outcome without one: no handler takes the event, and that is all there is to say. */
const noBody: FailureBody = { message: "" };

function failureBody(text: string | undefined): FailureBody {
  const body = text === undefined ? undefined : parseJson(text);
  if (!isObject(body) || typeof body.message !== "string") {
    throw new MalformedAnswer("a failure has no message");
  }
  const { message, data, detail, position, limit, shortage } = body;
  if (data !== undefined) {
    if (typeof data !== "string") throw new MalformedAnswer("the data of a refusal is not a text");
    // It is inserted as it is into frames to clients.
    parseJson(data);
  }
  if (detail !== undefined && typeof detail !== "string") {
    throw new MalformedAnswer("the detail of a failure is not a text");
  }
  if (limit !== undefined && !limitNames.has(limit))
    throw new MalformedAnswer("a failure names no known limit");
  if (shortage !== undefined && shortage !== "application" && shortage !== "host")
    throw new MalformedAnswer("a failure names no known shortage");
  return {
    message,
    ...(data === undefined ? {} : { data }),
    ...(detail ? { detail } : {}),
    ...(position === undefined ? {} : { position: positionOf(position) }),
    ...(limit ? { limit: limit as LimitBreach } : {}),
    ...(shortage ? { shortage } : {}),
  };
}

function positionOf(value: unknown): { file: string; line: number; column: number } {
  if (isObject(value) && typeof value.file === "string" && isCount(value.line) && isCount(value.column)) {
    return { file: value.file, line: value.line, column: value.column };
  }
  throw new MalformedAnswer("the position of a failure is not a file, a line and a column");
}
