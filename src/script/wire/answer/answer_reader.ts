import { Buffer } from "node:buffer";
import type { DataText, JsonText } from "../../../core/ports/event.ts";
import { MalformedAnswer } from "./malformed_answer.ts";

/** A cursor over an answer: over the fields of its header, and over the bodies behind it. */
export class AnswerReader {
  readonly #text: string;
  readonly #fields: readonly unknown[];
  #nextField = 0;
  #nextBody: number;
  readonly #bytes: Buffer;
  #nextByte = 0;

  /** Throws MalformedAnswer if the answer does not begin with a header. */
  constructor(answer: Buffer) {
    const zero = answer.indexOf(0);
    const text = answer.toString("utf8", 0, zero < 0 ? answer.length : zero);
    this.#bytes = zero < 0 ? noBytes : answer.subarray(zero + 1);
    const end = Math.max(text.indexOf("\n"), 0);
    const fields = parseJson(text.slice(0, end));
    if (!Array.isArray(fields)) throw new MalformedAnswer("the header is not a list");
    this.#text = text;
    this.#fields = fields;
    this.#nextBody = end + 1;
  }

  /** Returns the next field, whatever it is; undefined behind the last one. */
  field(): unknown {
    return this.#fields[this.#nextField++];
  }

  /** Returns the next field, `name` in messages. Throws MalformedAnswer unless it is an integer from 0. */
  count(name: string): number {
    const value = this.field();
    if (!isCount(value)) throw new MalformedAnswer(`${name} is ${shown(value)}`);
    return value;
  }

  /** Returns the next body, of `length` UTF-16 units; undefined if `length` is −1. Throws MalformedAnswer at any other length. */
  body(length: unknown): string | undefined {
    if (length === -1) return undefined;
    const start = this.#nextBody;
    if (!isCount(length) || length > this.#text.length - start) {
      throw new MalformedAnswer(`the length of a body is ${shown(length)}`);
    }
    this.#nextBody = start + length;
    return this.#text.slice(start, this.#nextBody);
  }

  /**
   * Returns the next body like `body`. Throws MalformedAnswer also if it is not JSON: it is inserted as it is into frames to
   * clients and into events.
   */
  jsonBody(length: unknown): JsonText | undefined {
    const text = this.body(length);
    if (text !== undefined) parseJson(text);
    return text;
  }

  /** Returns the next body where bytes will do, too: as text, as all data is. Throws MalformedAnswer as `jsonBody` does. */
  dataBody(length: unknown): DataText | undefined {
    return isBytesLength(length) ? this.bytesBody(length) : this.jsonBody(length);
  }

  /** Returns the next bytes, as text. Throws MalformedAnswer where there are not so many. */
  bytesBody(length: number): DataText {
    const start = this.#nextByte;
    const end = start - 2 - length;
    if (!(end <= this.#bytes.length)) throw new MalformedAnswer(`the length of a body is ${shown(length)}`);
    this.#nextByte = end;
    return `\0${this.#bytes.toString("latin1", start, end)}`;
  }

  /** Throws MalformedAnswer unless all fields and bodies were read, and none beyond them. */
  end(): void {
    if (this.#nextField !== this.#fields.length) {
      throw new MalformedAnswer("the header is not as long as its outcomes");
    }
    if (this.#nextBody !== this.#text.length) throw new MalformedAnswer("there is text behind the last body");
    if (this.#nextByte !== this.#bytes.length)
      throw new MalformedAnswer("there are bytes behind the last ones");
  }
}

const noBytes = Buffer.alloc(0);

/** Returns true if a length is that of a body of bytes. */
export function isBytesLength(length: unknown): length is number {
  return typeof length === "number" && Number.isSafeInteger(length) && length < -1;
}

/** Parses JSON; throws MalformedAnswer instead of SyntaxError. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedAnswer("the header or a body is not JSON");
  }
}

/** Returns what a message says of a field: a script may have made it as long and as deep as it likes. */
export function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : `of type ${typeof value}`;
}

/** Returns true if `value` is an integer from 0. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
