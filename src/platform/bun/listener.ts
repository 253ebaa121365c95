import { answer } from "../answer.ts";
import { Drain } from "../drain.ts";
import { Heartbeat } from "../heartbeat.ts";
import {
  IDLE_TIMEOUT_MS,
  LINGER_MS,
  type Listener,
  type ListenOptions,
  MAX_FRAME_BYTES,
  type Platform,
  remoteAddress,
  type Upgrade,
} from "../platform.ts";
import { SocketEvents } from "../socket_events.ts";
import { BunGroup } from "./group.ts";
import { BunSocket } from "./socket.ts";

/** The platform of Bun. */
export const bun: Platform = {
  name: "bun",
  get version() {
    return Bun.version;
  },
  listen: async (options) => new BunListener(options),
};

type Server = Bun.Server<BunSocket>;

class BunListener implements Listener {
  readonly hostname: string;
  readonly port: number;
  readonly #options: ListenOptions;
  readonly #server: Server;
  readonly #sockets = new Set<BunSocket>();
  readonly #drain = new Drain(() => this.#sockets.size);
  readonly #heartbeat: Heartbeat;
  #ending: Promise<void> | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#heartbeat = new Heartbeat(options.idleTimeout ?? IDLE_TIMEOUT_MS);
    this.#server = this.#serve();
    this.hostname = options.hostname;
    this.port = this.#server.port ?? options.port;
  }

  group(): BunGroup {
    return new BunGroup((topic, frame) => this.#server.publish(topic, frame));
  }

  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  terminate(): Promise<void> {
    const ended = this.close();
    for (const socket of this.#sockets) socket.terminate();
    void this.#server.stop(true);
    return ended;
  }

  async #end(): Promise<void> {
    // `stop` refuses new connections from here on, and leaves open ones alone.
    const stopped = this.#server.stop();
    await this.#drain.empty();
    const late = setTimeout(() => void this.#server.stop(true), LINGER_MS);
    await stopped;
    clearTimeout(late);
  }

  #serve(): Server {
    const { hostname, port, maxFrame } = this.#options;
    return Bun.serve<BunSocket>({
      hostname,
      port,
      fetch: (request, server) => this.#drain.hold(() => this.#answer(request, server)),
      websocket: {
        data: {} as BunSocket,
        maxPayloadLength: maxFrame ?? MAX_FRAME_BYTES,
        // The heartbeat's business.
        idleTimeout: 0,
        perMessageDeflate: false,
        // No limit: how much may wait for a slow client is the core's rule, which reads `buffered`.
        backpressureLimit: 0,
        open: (ws) => {
          this.#sockets.add(ws.data);
          this.#heartbeat.watch(ws.data);
          ws.data.opened(ws);
        },
        message: (ws, frame) => ws.data.events.message(ws.data, frame),
        ping: (ws) => ws.data.events.ping(ws.data),
        pong: (ws) => ws.data.events.pong(),
        close: (ws, code, reason) => {
          ws.data.ended(code, reason);
          this.#heartbeat.unwatch(ws.data);
          this.#sockets.delete(ws.data);
          this.#drain.check();
        },
      },
    });
  }

  #answer(request: Request, server: Server): Promise<Response | undefined> {
    const remote = remoteAddress(server.requestIP(request)?.address);
    return answer(this.#options, request, remote, (upgrade) => this.#accept(upgrade, request, server));
  }

  #accept({ handler, protocol }: Upgrade, request: Request, server: Server): boolean {
    // Without a header of ours Bun confirms the first protocol that the client offered.
    if (protocol === undefined) request.headers.delete("sec-websocket-protocol");
    const headers = protocol === undefined ? undefined : { "Sec-WebSocket-Protocol": protocol };
    const data = new BunSocket(new SocketEvents(handler, this.#options.onError));
    return server.upgrade(request, { data, headers });
  }
}
