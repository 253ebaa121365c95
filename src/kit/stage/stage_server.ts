import { createHash } from "node:crypto";
import { Applications } from "../../core/application/applications.ts";
import { Connections } from "../../core/connection/connections.ts";
import { RequestDispatcher } from "../../core/connection/request_dispatcher.ts";
import { DeliveryCount } from "../../core/delivery_count.ts";
import { DurableData } from "../../core/durable/durable_data.ts";
import { Ticker } from "../../core/extension/ticker.ts";
import { HistoryStore } from "../../core/history/history_store.ts";
import type { Fetcher } from "../../core/ports/fetcher.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Group, Socket } from "../../core/ports/socket.ts";
import { WebRequests } from "../../core/web/web_requests.ts";
import { createApplicationRoutes } from "../../http/apps/application_routes.ts";
import { createAsk } from "../../http/apps/ask_application.ts";
import { hotroom } from "../../protocol/hotroom/codec.ts";
import { DEFAULT_FRAME_BYTES } from "../../protocol/frame.ts";
import { MemoryStore } from "../../store/memory_store.ts";
import { stubTokens } from "./stub_tokens.ts";
import type { BusyScripts } from "./busy_scripts.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** Memory for frames that users may have missed, bytes. */
const HISTORY_BYTES = 64 * 1024 * 1024;
/** Nobody is too fast where time stands still, and nobody too slow. */
const LIMITS = {
  frame: DEFAULT_FRAME_BYTES,
  rate: 0,
  burst: 0,
  bytes: 0,
  outbox: HISTORY_BYTES,
  outboxTotal: Number.POSITIVE_INFINITY,
  loginDeadline: 0,
};
/** Turns of the loop in which nothing may happen for all to be quiet: promises of the core go on in between. */
const QUIET_TURNS = 6;

/** What the server of a stage is made with. */
export interface StageServerDeps {
  readonly clock: VirtualClock;
  readonly scripts: BusyScripts;
  readonly log: Log;
  readonly fetcher: Fetcher;
  /** Throws where the test has gone on for too long. */
  readonly checkTime: () => void;
}

/** The core of a server without sockets, files and time of its own. */
export class StageServer {
  readonly applications: Applications;
  readonly connections: Connections;
  /** Answers what is asked by HTTP below `/apps/`. */
  readonly http: Pick<ReturnType<typeof createApplicationRoutes>, "fetch">;
  readonly #durable: DurableData;

  readonly #clock: VirtualClock;
  readonly #scripts: BusyScripts;

  constructor(private readonly deps: StageServerDeps) {
    const { clock, scripts, log, fetcher } = deps;
    this.#clock = clock;
    this.#scripts = scripts;
    const deliveries = new DeliveryCount();
    this.#durable = new DurableData({ clock, log, open: async () => new MemoryStore() });
    this.applications = new Applications({
      scripts,
      clock,
      log,
      makeGroup,
      ticker: new Ticker(clock),
      deliveries,
      digest: (text) => createHash("sha256").update(text).digest("base64url"),
      histories: new HistoryStore(clock, HISTORY_BYTES),
      durable: this.#durable,
      fetcher,
      absent: (id) => this.connections.absent(hotroom, id),
    });
    const { applications } = this;
    const ask = createAsk({ applications, requests: new WebRequests(), state: () => "ready" });
    this.http = createApplicationRoutes({ ask }, (name) => applications.find(name) !== undefined);
    const dispatcher = new RequestDispatcher((name) => this.applications.find(name), undefined, stubTokens);
    const handle = dispatcher.handle.bind(dispatcher);
    this.connections = new Connections({ clock, log, limits: LIMITS, handle, deliveries });
  }

  /** Resolves when nothing happens any more unless somebody does something, or time passes. */
  async quiet(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      this.deps.checkTime();
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#clock.run()) quiet = -1;
      if (!this.#scripts.isBusy) continue;
      await this.#scripts.idle();
      quiet = -1;
    }
    await this.#durable.idle();
    // What was saved may lead to more.
    if (this.#scripts.isBusy) await this.quiet();
  }

  /** Lets time pass, ms; what falls due is done in its order, and all is quiet before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.#clock.monotonic() + ms;
    await this.quiet();
    for (let { next } = this.#clock; next <= end; { next } = this.#clock) {
      this.#clock.passTo(next);
      this.#clock.run();
      await this.quiet();
    }
    this.#clock.passTo(end);
  }

  /** Closes the applications; resolves when their `close` handlers have run. */
  async close(): Promise<void> {
    await this.applications.close("The test is over.");
    await this.#durable.close();
  }
}

/** Makes a group whose sockets get what it is sent, in the order in which they came. */
function makeGroup(): Group {
  const sockets = new Set<Socket>();
  return {
    add: (socket) => void sockets.add(socket),
    delete: (socket) => void sockets.delete(socket),
    send: (frame, except) => {
      for (const socket of sockets) if (socket !== except) socket.send(frame);
    },
  };
}
