import { HotroomError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Look } from "./live_event.ts";
import { LiveStream } from "./live_stream.ts";

/** Streams at one time. */
const MOST_STREAMS = 32;

/** The streams that are open. */
export class LiveStreams {
  #count = 0;

  constructor(private readonly clock: Clock) {}

  /**
   * Opens a stream of what `look` sees until `ended` gives a reason. Throws HotroomError `too_many` where as many are open as may be.
   */
  open(look: Look, ended: () => Promise<string | undefined>): Response {
    if (this.#count >= MOST_STREAMS)
      throw new HotroomError("too_many", `Cannot open one more stream: ${MOST_STREAMS} are open.`);
    this.#count++;
    const closed = () => {
      this.#count--;
    };
    const stream = new LiveStream(look, { clock: this.clock, ended, closed }).open();
    return new Response(stream, {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        // Proxies that collect answers would hold it back.
        "x-accel-buffering": "no",
      },
    });
  }
}
