import { cpuTimeMs } from "../../core/ports/clock.ts";
import { Pace } from "../../core/limit/pace.ts";
import { Admission, refusal } from "../admission.ts";
import { answer } from "../answer.ts";
import { DescriptorWatch, type Suspendable } from "../descriptor_watch.ts";
import { connectionCap } from "../descriptors.ts";
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
import { writeOutput } from "./standard_output.ts";
import type { HttpServer, Runtime } from "./runtime.ts";
import { DenoSocket } from "./socket.ts";

declare const Deno: Runtime;

/** The platform of Deno. */
export const deno: Platform = {
  name: "deno",
  get version() {
    return Deno.version.deno;
  },
  compresses: false,
  listen: async (options) => new DenoListener(options),
  writeOutput,
  // That of the thread costs Deno more than what it is asked for (docs/decisions/0007-speed.md).
  cpuTime: () => cpuTimeMs(process.cpuUsage()),
};

/** How long the last answers may be on their way, ms. */
const LAST_ANSWERS_MS = 100;

/** What Deno's own server does not bound, and why it is used all the same: docs/decisions/0008-sockets-of-deno.md. */
class DenoListener implements Listener, Suspendable {
  readonly hostname: string;
  readonly port: number;
  readonly #options: ListenOptions;
  readonly #admission: Admission;
  /** Of connections that begin and end. */
  readonly #pace = new Pace(() => performance.now());
  readonly #watch: DescriptorWatch;
  readonly #sockets = new Set<DenoSocket>();
  readonly #drain = new Drain(() => this.#sockets.size);
  readonly #idleTimeout: number;
  readonly #sweep: ReturnType<typeof setInterval>;
  /** One that listens, and those before it whose sockets live on; each with what ends all of its connections. */
  readonly #servers = new Map<HttpServer, AbortController>();
  /** Resolves when every connection was ended. */
  readonly #terminated = Promise.withResolvers<void>();
  #ending: Promise<void> | undefined;

  constructor(options: ListenOptions) {
    const { maxConnections, maxConnectionsPerAddress: mostOfAddress, warn } = options;
    this.#options = options;
    this.#admission = new Admission({ most: connectionCap(maxConnections), mostOfAddress, warn });
    this.#idleTimeout = options.idleTimeout ?? IDLE_TIMEOUT_MS;
    this.hostname = options.hostname;
    this.port = this.#serve(options.port);
    this.#watch = new DescriptorWatch(this);
    // Two sweeps are what a peer has that takes nothing.
    this.#sweep = setInterval(() => this.#endStuck(), this.#idleTimeout / 2);
  }

  group(): DenoGroup {
    return new DenoGroup();
  }

  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  terminate(): Promise<void> {
    const ended = this.close();
    for (const socket of this.#sockets) socket.terminate();
    this.#cut();
    this.#drain.abandon();
    this.#terminated.resolve();
    return ended;
  }

  /** Returns false: `shutdown` would close the sockets too. Deno leaves the port by itself when descriptors run out. */
  suspend(): boolean {
    return false;
  }

  async resume(): Promise<void> {
    this.#serve(this.port);
  }

  onShortage(connections: number): void {
    const text = `No file descriptors left: ${connections} connections. New ones are refused until some end.`;
    this.#admission.warn("descriptors", text);
  }

  async #end(): Promise<void> {
    this.#watch.stop();
    await this.#drain.empty();
    clearInterval(this.#sweep);
    const written = new Promise((resolve) => setTimeout(resolve, LAST_ANSWERS_MS));
    await Promise.race([written, this.#terminated.promise]);
    this.#cut();
  }

  /** Ends every connection. Not by `shutdown`, which waits for requests that never become whole (seen on Deno 2.9.6). */
  #cut(): void {
    for (const connections of this.#servers.values()) connections.abort();
  }

  /** Listens; returns the port. Throws where the address can't be had. */
  #serve(port: number): number {
    const connections = new AbortController();
    const server = Deno.serve({
      hostname: this.#options.hostname,
      port,
      signal: connections.signal,
      onListen() {},
      handler: (request, info) =>
        this.#drain.hold(() => this.#answer(request, remoteAddress(info.remoteAddr.hostname))),
    });
    this.#servers.set(server, connections);
    // The accept loop ends at its first error, such as a connection without a descriptor; the open sockets live on.
    server.finished.catch(() => this.#watch.lost());
    return server.addr.port;
  }

  async #answer(request: Request, peer: string): Promise<Response> {
    if (this.#ending) return closing();
    const remote = this.#options.addressOf?.(request.headers, peer) ?? peer;
    const refused = this.#admission.enter(remote);
    if (refused !== undefined) return refusal(refused);
    let switching: Response | undefined;
    try {
      const accept = (upgrade: Upgrade) => {
        switching = this.#accept(upgrade, request, remote);
        return switching !== undefined;
      };
      const answered = answer({ options: this.#options, request, remote, accept }, this.#pace);
      // An abort does not end a connection whose answer is still to come (seen on Deno 2.9.6).
      const response = await Promise.race([answered, this.#terminated.promise.then(closing)]);
      return response ?? (switching as Response);
    } finally {
      if (switching === undefined) this.#admission.leave(remote);
    }
  }

  /** Returns the response that switches protocols, or undefined if the handshake is not valid. */
  #accept({ handler, protocol }: Upgrade, request: Request, remote: string): Response | undefined {
    // Deno counts only what comes from the peer, and pings it after half of the time.
    const idleTimeout = Math.ceil(this.#idleTimeout / 1000);
    let upgraded: ReturnType<Runtime["upgradeWebSocket"]>;
    try {
      upgraded = Deno.upgradeWebSocket(request, { idleTimeout });
    } catch {
      // The one thing it throws of itself: a handshake with a header missing or wrong.
      return undefined;
    }
    // Not as an option: Deno finds a protocol only in an offer that has spaces behind its commas (seen on Deno 2.9.6).
    if (protocol !== undefined) upgraded.response.headers.set("sec-websocket-protocol", protocol);
    const socket = new DenoSocket(
      upgraded.socket,
      new SocketEvents(handler, this.#options.onError, this.#pace),
      {
        maxFrame: this.#options.maxFrame ?? MAX_FRAME_BYTES,
        live: () => this.#sockets.add(socket),
        gone: () => {
          this.#admission.leave(remote);
          this.#sockets.delete(socket);
          this.#drain.check();
        },
      },
    );
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

/** Returns the answer to a request for which there is no time any more. */
function closing(): Response {
  return new Response("The server is closing.\n", { status: 503, headers: { connection: "close" } });
}
