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
  /** Is called once, when the stream has ended, whoever has ended it. */
  closed(): void;
}

/**
 * What is looked at, as server-sent events. The next look comes when the peer has taken what the last one gave: who is slow is told
 * less often, and nothing waits for it.
 */
export class LiveStream {
  readonly #encoder = new TextEncoder();
  readonly #until: number;
  #lookAt = 0;
  #sentAt = 0;
  #isOver = false;
  #wake = () => {};

  constructor(
    private readonly look: Look,
    private readonly parts: LiveStreamParts,
  ) {
    this.#until = parts.clock.monotonic() + LONGEST_MS;
  }

  /** Returns its bytes. */
  open(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const text = await this.#next().catch((error: unknown) => {
            this.#end();
            throw error;
          });
          if (text !== undefined) controller.enqueue(this.#encoder.encode(text));
          if (this.#isOver && text !== undefined) controller.close();
        },
        cancel: () => this.#end(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Resolves with the next text; undefined where nobody reads it any more. */
  async #next(): Promise<string | undefined> {
    const { clock } = this.parts;
    for (;;) {
      await this.#pause(this.#lookAt - clock.monotonic());
      if (this.#isOver) return undefined;
      const now = clock.monotonic();
      this.#lookAt = now + LOOK_MS;
      const reason = (await this.parts.ended()) ?? (now >= this.#until ? "renew" : undefined);
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
    this.#wake();
    this.parts.closed();
  }
}

function textOf({ event, data }: LiveEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
