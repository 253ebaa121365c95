import { createServer, type IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, Server as TcpServer, type Socket as TcpSocket } from "node:net";
import { WebSocketServer } from "ws";
import { Admission, refusal } from "../admission.ts";
import { answer, isUpgrade } from "../answer.ts";
import { connectionCap, DescriptorWatch, type Suspendable } from "../descriptors.ts";
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
import { TcpConnections } from "./connections.ts";
import { respond, webRequest } from "./exchange.ts";
import { DenoGroup } from "./group.ts";
import { DenoSocket } from "./socket.ts";

/** The platform of Deno. */
export const deno: Platform = {
  name: "deno",
  get version() {
    return process.versions.deno ?? "unknown";
  },
  listen: (options) => DenoListener.open(options),
};

/** How long a request may take to be whole, ms; Bun gives 10 to 12 s. */
const REQUEST_MS = 10_000;
/** How often requests are looked at whether they took too long, ms. */
const LOOK_MS = 1_000;
/** `node:http` and the package `ws` in the place of Deno's own server: docs/decisions/0008-sockets-of-deno.md says why. */
class DenoListener implements Listener, Suspendable {
  readonly hostname: string;
  port = 0;
  readonly #options: ListenOptions;
  readonly #server = createServer({
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: LOOK_MS,
    shouldUpgradeCallback: ({ method, headers }: IncomingMessage) => isUpgrade(method, headers.upgrade),
  } as object);
  readonly #upgrades: WebSocketServer;
  readonly #sockets = new Set<DenoSocket>();
  readonly #drain = new Drain(() => this.#sockets.size);
  readonly #admission: Admission;
  readonly #heartbeat: Heartbeat;
  readonly #connections: TcpConnections;
  #watch: DescriptorWatch | undefined;
  /** The subprotocol of the upgrade in hand. */
  #protocol: string | undefined;
  #ending: Promise<void> | undefined;

  private constructor(options: ListenOptions) {
    this.hostname = options.hostname;
    this.#options = options;
    const { maxConnections, maxConnectionsPerAddress: mostOfAddress, warn } = options;
    this.#admission = new Admission({ most: connectionCap(maxConnections), mostOfAddress, warn });
    this.#connections = new TcpConnections(this.#admission, () => this.#watch?.look());
    this.#heartbeat = new Heartbeat(options.idleTimeout ?? IDLE_TIMEOUT_MS);
    this.#upgrades = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxFrame ?? MAX_FRAME_BYTES,
      maxFragments: 1_024,
      maxBufferedChunks: 16_384,
      maxPendingAutoPongs: 64,
      closeTimeout: LINGER_MS,
      handleProtocols: () => this.#protocol ?? false,
    });
    // Whoever listens hears of it; what comes later is none that anybody waits for.
    this.#server.on("error", () => {});
    this.#server.on("connection", (tcp) => this.#connections.take(tcp));
    this.#server.on("request", (incoming, outgoing) => {
      void this.#drain.hold(() => this.#answer(incoming, outgoing));
    });
    this.#server.on("upgrade", (incoming, tcp, head) => {
      void this.#drain.hold(() => this.#upgrade(incoming, tcp as TcpSocket, head));
    });
  }

  static async open(options: ListenOptions): Promise<DenoListener> {
    const listener = new DenoListener(options);
    await listener.#listen(options.port);
    listener.port = (listener.#server.address() as AddressInfo).port;
    listener.#watch = new DescriptorWatch(listener);
    return listener;
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
    this.#server.closeAllConnections();
    return ended;
  }

  suspend(): void {
    // Not its own `close`, which would also stop looking for requests that take too long.
    TcpServer.prototype.close.call(this.#server);
    this.#connections.cutSilent();
  }

  resume(): Promise<void> {
    return this.#listen(this.port);
  }

  onShortage(connections: number): void {
    const text = `No file descriptors left: ${connections} connections. New ones are refused until some end.`;
    this.#admission.warn("descriptors", text);
  }

  async #end(): Promise<void> {
    this.#watch?.stop();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    await this.#drain.empty();
    // Those that are left have been answered, or have not asked for anything.
    this.#server.closeAllConnections();
    await closed;
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host: this.hostname, port }, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    // An upgrade that is not valid enough for `node:http` to call it one.
    await respond(outgoing, (await this.#ask(incoming, () => false)) as Response);
  }

  async #upgrade(incoming: IncomingMessage, tcp: TcpSocket, head: Uint8Array): Promise<void> {
    tcp.on("error", () => {}); // Its close is heard of, too.
    const refusal = await this.#ask(incoming, (upgrade) => this.#accept(upgrade, incoming, tcp, head));
    if (!refusal) return;
    const outgoing = new ServerResponse(incoming);
    outgoing.shouldKeepAlive = false;
    outgoing.assignSocket(tcp);
    outgoing.on("finish", () => tcp.destroySoon());
    await respond(outgoing, refusal);
  }

  async #ask(
    incoming: IncomingMessage,
    accept: (upgrade: Upgrade) => boolean,
  ): Promise<Response | undefined> {
    const refused = this.#connections.asked(incoming.socket);
    if (refused !== undefined) return refusal(refused);
    try {
      const remote = remoteAddress(incoming.socket.remoteAddress);
      return await answer(this.#options, webRequest(incoming), remote, accept);
    } catch {
      return new Response("Cannot read the request.\n", { status: 400 });
    }
  }

  /** Returns true; the package answers a handshake that is not valid by itself. */
  #accept(
    { handler, protocol }: Upgrade,
    incoming: IncomingMessage,
    tcp: TcpSocket,
    head: Uint8Array,
  ): boolean {
    this.#protocol = protocol;
    this.#upgrades.handleUpgrade(incoming, tcp, head, (ws) => {
      const events = new SocketEvents(handler, this.#options.onError);
      const socket = new DenoSocket(ws, tcp, events, () => {
        this.#heartbeat.unwatch(socket);
        this.#sockets.delete(socket);
        this.#drain.check();
      });
      this.#sockets.add(socket);
      this.#heartbeat.watch(socket);
      socket.opened();
    });
    return true;
  }
}
