import { Buffer } from "node:buffer";
import { Backoff } from "../core/limit/backoff.ts";

/** Bytes that may wait to be written. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** Bytes that are given to the system at once, or one line. */
const WRITE_BYTES = 64 * 1024;
/** Pauses after a write that failed, ms: the first, and the longest. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1_000;

/**
 * The end of the log that writes, for a reader that may stop reading, a disk that may be full, and a pipe that may be
 * closed: lines wait up to a bound, what is more is dropped and counted, and nobody waits.
 */
export class LogOutput {
  readonly #write: (bytes: Uint8Array) => Promise<number>;
  readonly #onDropped: (lines: number) => void;
  readonly #backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  #waiting: string[] = [];
  #bytes = 0;
  #dropped = 0;
  #isWriting = false;
  #whenFlushed: (() => void)[] = [];

  /**
   * `write` is as `Platform.writeOutput`; what it rejects is tried again. `onDropped` hears how many lines were dropped, when
   * there is room again for a line that says so.
   */
  constructor(write: (bytes: Uint8Array) => Promise<number>, onDropped: (lines: number) => void) {
    this.#write = write;
    this.#onDropped = onDropped;
  }

  /** Writes a line, with what ends it, when it is its turn; drops it if too much waits. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#bytes + bytes > MOST_WAITING_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#bytes += bytes;
    if (!this.#isWriting) this.#writeNext();
  }

  /** Resolves when everything has been written, or after `ms`. */
  flushed(ms: number): Promise<void> {
    if (!this.#isWriting) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, ms);
    this.#whenFlushed.push(() => {
      clearTimeout(late);
      resolve();
    });
    return promise;
  }

  #writeNext(): void {
    const [first] = this.#waiting;
    this.#isWriting = first !== undefined;
    if (first === undefined) {
      for (const resolve of this.#whenFlushed.splice(0)) resolve();
      return;
    }
    let count = 0;
    for (let bytes = 0; count < this.#waiting.length && (count === 0 || bytes < WRITE_BYTES); count++)
      bytes += Buffer.byteLength(this.#waiting[count] ?? "");
    void this.#put(Buffer.from(this.#waiting.splice(0, count).join("")));
  }

  async #put(bytes: Buffer): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      try {
        const taken = await this.#write(rest);
        this.#backoff.succeeded();
        this.#bytes -= taken;
        rest = rest.subarray(taken);
      } catch {
        const pause = this.#backoff.failed();
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    this.#done();
  }

  #done(): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    if (dropped > 0) this.#onDropped(dropped);
    this.#writeNext();
  }
}
