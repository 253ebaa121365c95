import type { Group } from "../../core/ports/socket.ts";
import { SocketEvents } from "../socket_events.ts";
import type { HttpServer, Runtime } from "./runtime.ts";
import { DenoSocket } from "./socket.ts";
import { Drain } from "../drain.ts";
import { LoopGroup } from "./group.ts";
import {
  IDLE_TIMEOUT,
  isUpgrade,
  type Listener,
  type ListenOptions,
  MAX_FRAME,
  type Platform,
  remoteAddress,
} from "../platform.ts";

declare const Deno: Runtime;

/** The platform of Deno. */
export const deno: Platform = {
  name: "deno",
  get version() {
    return Deno.version.deno;
  },
  listen: async (options) => new DenoListener(options),
};

class DenoListener implements Listener {
  readonly hostname: string;
  readonly #server: HttpServer;
  readonly #sockets = new Set<DenoSocket>();
  readonly #drain = new Drain(() => this.#sockets.size);
  readonly #idleTimeout: number;
  readonly #sweep: ReturnType<typeof setInterval>;
  #ending: Promise<void> | undefined;

  constructor(private readonly options: ListenOptions) {
    this.hostname = options.hostname;
    this.#idleTimeout = options.idleTimeout ?? IDLE_TIMEOUT;
    this.#server = Deno.serve({
      hostname: options.hostname,
      port: options.port,
      onListen() {},
      handler: (request, info) =>
        this.#drain.hold(() => this.#answer(request, remoteAddress(info.remoteAddr.hostname))),
    });
    this.#sweep = setInterval(() => this.#endStuck(), this.#idleTimeout);
  }

  get port(): number {
    return this.#server.addr.port;
  }

  group(): Group {
    return new LoopGroup();
  }

  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    // Not before the sockets have gone: `shutdown` closes them (seen on Deno 2.9.6).
    await this.#drain.empty();
    clearInterval(this.#sweep);
    await this.#server.shutdown();
  }

  terminate(): Promise<void> {
    const ended = this.close();
    for (const socket of this.#sockets) socket.terminate();
    return ended;
  }

  async #answer(request: Request, remote: string): Promise<Response> {
    if (this.#ending) {
      return new Response("The server is closing.\n", { status: 503, headers: { connection: "close" } });
    }
    let duty: "upgrade" | "fetch" = "upgrade";
    try {
      const upgrade = isUpgrade(request) ? this.options.upgrade(request, remote) : undefined;
      if (upgrade instanceof Response) return upgrade;
      if (upgrade) {
        return this.#accept(
          request,
          new SocketEvents(upgrade.handler, this.options.onError),
          upgrade.protocol,
        );
      }
      duty = "fetch";
      return await this.options.fetch(request, remote);
    } catch (error) {
      this.options.onError(error, duty);
      return new Response("Internal server error.\n", { status: 500 });
    }
  }

  #accept(request: Request, delivery: SocketEvents, protocol: string | undefined): Response {
    const idleTimeout = Math.ceil(this.#idleTimeout / 1000);
    let upgraded: ReturnType<Runtime["upgradeWebSocket"]>;
    try {
      upgraded = Deno.upgradeWebSocket(request, { protocol, idleTimeout });
    } catch {
      // The one thing it throws of itself: a handshake with a header missing or wrong.
      return new Response("Cannot upgrade: the WebSocket handshake is not valid.\n", { status: 400 });
    }
    const socket = new DenoSocket(upgraded.socket, delivery, {
      maxFrame: this.options.maxFrame ?? MAX_FRAME,
      live: () => this.#sockets.add(socket),
      gone: () => {
        this.#sockets.delete(socket);
        this.#drain.check();
      },
    });
    return upgraded.response;
  }

  /**
   * Ends the connections whose peer has taken nothing since the last sweep though there was something to take:
   * Deno's own ping would wait behind it for ever (seen on Deno 2.9.6).
   */
  #endStuck(): void {
    for (const socket of this.#sockets) if (socket.stuck()) socket.terminate();
  }
}
