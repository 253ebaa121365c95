import { isCount, MalformedAnswer, parse } from "./bodies.ts";

/** The header of an answer, one flat list, read from its start. Every method throws MalformedAnswer. */
export class Fields {
  readonly #list: readonly unknown[];
  #at = 0;

  constructor(header: string) {
    const list = parse(header);
    if (!Array.isArray(list)) throw new MalformedAnswer("the header is no list");
    this.#list = list;
  }

  /** The next one, whatever it is; undefined behind the last. */
  next(): unknown {
    return this.#list[this.#at++];
  }

  /** The next one, which must be an integer from 0. */
  count(what: string): number {
    const value = this.next();
    if (!isCount(value)) throw new MalformedAnswer(`${what} is ${String(value)}`);
    return value;
  }

  /** Throws unless everything was read, and not more. */
  end(): void {
    if (this.#at !== this.#list.length)
      throw new MalformedAnswer("the header is not as long as its outcomes");
  }
}
