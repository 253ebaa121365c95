import { HotroomError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Look } from "./live_event.ts";
import { LiveStream } from "./live_stream.ts";

/** Streams at one time. */
const MOST_STREAMS = 32;

/** A stream that is open, and whose it is. */
interface OpenStream {
  readonly caller: string;
  readonly stream: LiveStream;
}

/** The streams that are open: whoever opens many of them, and maybe never reads, keeps nobody else out. */
export class LiveStreams {
  /** The oldest first. */
  readonly #open = new Set<OpenStream>();

  constructor(private readonly clock: Clock) {}

  /**
   * Opens a stream of what `look` sees until `ended` gives a reason. Where as many are open as may be, the oldest one goes of the caller who
   * has the most; throws HotroomError `too_many` where that would be no fairer.
   */
  open(caller: string, look: Look, ended: () => Promise<string | undefined>): Response {
    if (this.#open.size >= MOST_STREAMS) this.#makeRoom(caller);
    const closed = () => void this.#open.delete(own);
    const own = { caller, stream: new LiveStream(look, { clock: this.clock, ended, closed }) };
    this.#open.add(own);
    return new Response(own.stream.open(), {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        // Proxies that collect answers would hold it back.
        "x-accel-buffering": "no",
      },
    });
  }

  #makeRoom(caller: string): void {
    const counts = new Map<string, number>();
    for (const each of this.#open) counts.set(each.caller, (counts.get(each.caller) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const first = [...this.#open].find((each) => counts.get(each.caller) === most);
    if (!first || most <= (counts.get(caller) ?? 0) + 1)
      throw new HotroomError("too_many", `Cannot open one more stream: ${MOST_STREAMS} are open.`);
    first.stream.end("too many streams");
  }
}
