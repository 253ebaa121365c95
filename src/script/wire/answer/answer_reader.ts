import type { JsonText } from "../../../core/ports/event.ts";

/** An answer that no honest host gives; `index` is that of the outcome, where it got so far. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
  constructor(
    message: string,
    readonly index?: number,
  ) {
    super(message);
  }
}

/** Reads the second part of an answer from its start. Every method throws MalformedAnswer. */
export class Bodies {
  #at: number;

  constructor(
    readonly text: string,
    start: number,
  ) {
    this.#at = start;
  }

  /** The next `length` UTF-16 units; undefined at −1. */
  raw(length: unknown): string | undefined {
    if (length === -1) return undefined;
    if (!isCount(length) || length > this.text.length - this.#at) {
      throw new MalformedAnswer(`a body's length is ${String(length)}`);
    }
    this.#at += length;
    return this.text.slice(this.#at - length, this.#at);
  }

  /**
   * The next body, which must be JSON: it is inserted into frames to clients and into events as it is. Parsing costs
   * a few percent of what writing it cost the interpreter.
   */
  json(length: unknown): JsonText | undefined {
    const text = this.raw(length);
    if (text !== undefined) parse(text);
    return text;
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.#at !== this.text.length) throw new MalformedAnswer("text is left over");
  }
}

/** Like JSON.parse; throws MalformedAnswer. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedAnswer("a body is not JSON");
  }
}

/** Whether `value` is an integer from 0. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Whether `value` is an object with fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
