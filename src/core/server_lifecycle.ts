import type { Applications } from "./application/applications.ts";
import type { Connections } from "./connection/connections.ts";
import type { DurableData } from "./durable/durable_data.ts";
import { messageOf } from "./errors.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import type { GivenUp, Scripts } from "./ports/scripts.ts";
import type { SpanSink } from "./ports/span_sink.ts";
import { settlesWithin } from "./settles_within.ts";
import type { ServerState } from "./view/server_view.ts";

/** How long clients may take to answer the close of their connections, and requests to be answered, ms. */
const FAREWELL_MS = 5000;
/** The least of it, ms, so that close frames leave before the connections are cut off. */
const LEAST_FAREWELL_MS = 250;
/** What is kept of the time to stop for closing connections, and as much for ending script hosts: a quarter, at most this, ms. */
const MOST_RESERVED_MS = 1000;

/** What a running server consists of, as far as it has to be stopped. */
export interface ServerParts {
  readonly watcher: { close(): void };
  readonly applications: Pick<Applications, "close">;
  readonly connections: Pick<Connections, "refuse" | "close">;
  readonly listener: { close(): Promise<void>; terminate(): Promise<void> };
  readonly scripts: Pick<Scripts, "stop">;
  /** Absent where nothing is durable. */
  readonly durable?: Pick<DurableData, "close">;
  /** Absent where none are sent. */
  readonly spans?: Pick<SpanSink, "close">;
}

/** How a stop went: how long it took, and what was given up for that. */
export interface StopReport extends GivenUp {
  readonly ms: number;
}

/** Where a server is in its life, from its start to its end, and the order in which its parts stop. */
export class ServerLifecycle {
  #state: ServerState = "starting";
  #stopped: Promise<StopReport> | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get state(): ServerState {
    return this.#state;
  }

  /** Notes that every application of the start was loaded, or has failed to be. */
  loaded(): void {
    if (this.#state === "starting") this.#state = "ready";
  }

  /**
   * Stops the parts, once however often it is called. Resolves after `ms` or little more, whatever hangs; each part gets its
   * share of that time, and what does not end in it is given up. Never rejects.
   */
  stop(parts: ServerParts, ms: number): Promise<StopReport> {
    this.#stopped ??= this.#drain(parts, ms);
    return this.#stopped;
  }

  async #drain(parts: ServerParts, ms: number): Promise<StopReport> {
    const { watcher, applications, connections, listener, scripts, durable, spans } = parts;
    const reserved = Math.min(MOST_RESERVED_MS, ms / 4);
    const start = this.clock.monotonic();
    const left = (kept: number) => Math.max(ms - kept - (this.clock.monotonic() - start), 0);

    this.#state = "draining";
    await this.#do("stop watching the applications", 0, () => watcher.close());
    await this.#do("refuse new connections", 0, () => connections.refuse());
    await this.#do("close the applications", left(2 * reserved), () =>
      applications.close("The server is stopping."),
    );
    await this.#do("close the connections", 0, () => connections.close());
    const farewell = Math.max(LEAST_FAREWELL_MS, Math.min(FAREWELL_MS, left(reserved)));
    const hasClosed = await this.#do("stop listening", farewell, () => listener.close());
    if (!hasClosed) await this.#do("cut the connections off", 0, () => listener.terminate());
    let givenUp: GivenUp = { events: 0, hosts: 0 };
    const rest = Math.max(left(0), reserved);
    await this.#do("stop the scripts", rest + MOST_RESERVED_MS, async () => {
      givenUp = await scripts.stop(rest);
    });
    if (durable)
      await this.#do("give the data folder back", reserved + MOST_RESERVED_MS, () => durable.close());
    if (spans)
      await this.#do("send the last spans", reserved + MOST_RESERVED_MS, () => spans.close(reserved));
    return { ...givenUp, ms: Math.round(this.clock.monotonic() - start) };
  }

  /**
   * Does one part of stopping, and waits `ms` for it at most; what fails is logged, and the rest goes on. Resolves with true if
   * it was done in that time.
   */
  async #do(what: string, ms: number, task: () => unknown): Promise<boolean> {
    let isDone = false;
    const done = new Promise((resolve) => resolve(task())).then(
      () => {
        isDone = true;
      },
      (error) => this.log("error", `Cannot ${what}: ${messageOf(error)}`),
    );
    if (ms > 0) await settlesWithin(this.clock, ms, done);
    return isDone;
  }
}
