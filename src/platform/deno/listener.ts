import { answer } from "../answer.ts";
import { Drain } from "../drain.ts";
import {
  IDLE_TIMEOUT_MS,
  type Listener,
  type ListenOptions,
  MAX_FRAME_BYTES,
  type Platform,
  remoteAddress,
  type Upgrade,
} from "../platform.ts";
import { SocketEvents } from "../socket_events.ts";
import { DenoGroup } from "./group.ts";
import type { HttpServer, Runtime } from "./runtime.ts";
import { DenoSocket } from "./socket.ts";

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
  readonly #options: ListenOptions;
  readonly #server: HttpServer;
  readonly #sockets = new Set<DenoSocket>();
  readonly #drain = new Drain(() => this.#sockets.size);
  readonly #idleTimeout: number;
  readonly #sweep: ReturnType<typeof setInterval>;
  #ending: Promise<void> | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.hostname = options.hostname;
    this.#idleTimeout = options.idleTimeout ?? IDLE_TIMEOUT_MS;
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

  group(): DenoGroup {
    return new DenoGroup();
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
    let switching: Response | undefined;
    const response = await answer(this.#options, request, remote, (upgrade) => {
      switching = this.#accept(upgrade, request);
      return switching !== undefined;
    });
    return response ?? (switching as Response);
  }

  /** Returns the response that switches protocols, or undefined if the handshake is not valid. */
  #accept({ handler, protocol }: Upgrade, request: Request): Response | undefined {
    const idleTimeout = Math.ceil(this.#idleTimeout / 1000);
    let upgraded: ReturnType<Runtime["upgradeWebSocket"]>;
    try {
      upgraded = Deno.upgradeWebSocket(request, { protocol, idleTimeout });
    } catch {
      // The one thing it throws of itself: a handshake with a header missing or wrong.
      return undefined;
    }
    const socket = new DenoSocket(upgraded.socket, new SocketEvents(handler, this.#options.onError), {
      maxFrame: this.#options.maxFrame ?? MAX_FRAME_BYTES,
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
