import type { Clock } from "../../core/ports/clock.ts";
import type { LiveEvent, Look } from "./live_event.ts";

/** The least time between two looks, ms. */
const LOOK_MS = 500;
/** How long nothing may be sent before the peer hears that there is nothing, ms. */
const QUIET_MS = 5_000;
/** How long a stream lasts, ms: then whoever reads it asks anew, and is looked at again. */
const LONGEST_MS = 600_000;

/** What a stream needs beside what it looks at. */
export interface LiveStreamParts {
  readonly clock: Clock;
  /** Resolves with why there is nothing more to tell; with undefined while there is. */
  ended(): Promise<string | undefined>;
  /** Is called when the stream has ended, whoever has ended it; maybe twice. */
  closed(): void;
}

/**
 * What is looked at, as server-sent events. The next look comes when the peer has taken what the last one gave: who is slow is told
 * less often, and nothing waits for it.
 */
export class LiveStream {
  readonly #encoder = new TextEncoder();
  readonly #until: number;
  readonly #cancelEnd: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #lookAt = 0;
  #sentAt = 0;
  #isOver = false;
  /** Whether the peer has taken all and waits for more. */
  #isAsked = false;
  /** Why there is nothing more to tell, though there is. */
  #reason: string | undefined;
  #wake = () => {};

  constructor(
    private readonly look: Look,
    private readonly parts: LiveStreamParts,
  ) {
    const { clock } = parts;
    this.#until = clock.monotonic() + LONGEST_MS;
    // Of one whose peer takes nothing, so that it is never asked.
    this.#cancelEnd = clock.after(LONGEST_MS + QUIET_MS, () => this.end("renew"));
  }

  /** Returns its bytes. */
  open(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: async (controller) => {
          this.#isAsked = true;
          try {
            const text = await this.#next();
            if (text !== undefined) controller.enqueue(this.#encoder.encode(text));
            if (this.#isOver && text !== undefined) controller.close();
          } catch (error) {
            this.#end();
            throw error;
          } finally {
            this.#isAsked = false;
          }
        },
        cancel: () => this.#end(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Ends it: a peer that reads is told why, one that does not is cut off. */
  end(reason: string): void {
    if (this.#isOver) return;
    this.#reason = reason;
    if (this.#isAsked) this.#wake();
    else this.#controller?.error(new Error(`The stream has ended: ${reason}.`));
    this.parts.closed();
    if (!this.#isAsked) this.#end();
  }

  /** Resolves with the next text; undefined where nobody reads it any more. */
  async #next(): Promise<string | undefined> {
    const { clock } = this.parts;
    for (;;) {
      if (this.#reason === undefined) await this.#pause(this.#lookAt - clock.monotonic());
      if (this.#isOver) return undefined;
      const now = clock.monotonic();
      this.#lookAt = now + LOOK_MS;
      const ended = this.#reason ?? (await this.parts.ended());
      const reason = ended ?? (now >= this.#until ? "renew" : undefined);
      if (this.#isOver) return undefined;
      if (reason !== undefined) {
        this.#end();
        return textOf({ event: "end", data: { reason } });
      }
      const text = this.look().map(textOf).join("") || (now - this.#sentAt >= QUIET_MS ? ":\n\n" : "");
      if (text === "") continue;
      this.#sentAt = now;
      return text;
    }
  }

  #pause(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.parts.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelEnd();
    this.#wake();
    this.parts.closed();
  }
}

function textOf({ event, data }: LiveEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
