import { cpuTimeMs } from "../../core/ports/clock.ts";
import { Pace } from "../../core/limit/pace.ts";
import { Admission, refusal } from "../admission.ts";
import type { Certificate } from "../address/certificate.ts";
import { SocketFile } from "../address/socket_file.ts";
import { answer, endsUnread } from "../answer.ts";
import { DescriptorWatch, type Suspendable } from "../descriptor_watch.ts";
import { connectionCap } from "../descriptors.ts";
import { Drain } from "../drain.ts";
import {
  IDLE_TIMEOUT_MS,
  type Listener,
  type ListenOptions,
  LOCAL_ADDRESS,
  MAX_FRAME_BYTES,
  type Platform,
  remoteAddress,
  type Upgrade,
} from "../platform.ts";
import { SocketEvents } from "../socket_events.ts";
import { DenoGroup } from "./group.ts";
import { writeOutput } from "./standard_output.ts";
import type { HttpServer, RequestInfo, Runtime, TcpPlace } from "./runtime.ts";
import { DenoSocket } from "./socket.ts";
import { TlsFront } from "./tls_front.ts";
import { UnreadBodies } from "./unread_bodies.ts";

declare const Deno: Runtime;

/** The platform of Deno. */
export const deno: Platform = {
  name: "deno",
  get version() {
    return Deno.version.deno;
  },
  compresses: false,
  async listen(options) {
    const { unix, hostname, port, certificate, maxConnections, idleTimeout = IDLE_TIMEOUT_MS } = options;
    const file = unix === undefined ? undefined : new SocketFile(unix);
    await file?.clear();
    const most = connectionCap(maxConnections, certificate ? TLS_DESCRIPTORS : 1);
    const front =
      certificate &&
      (await TlsFront.open({ hostname, port, certificate, idleTimeout, most: most + REFUSABLE }));
    return new DenoListener(options, most, { front, file });
  },
  writeOutput,
  // That of the thread costs Deno more than what it is asked for (docs/decisions/0007-speed.md).
  cpuTime: () => cpuTimeMs(process.cpuUsage()),
};

/** Where a server of Deno listens. */
type Place = TcpPlace | { readonly path: string };

/** File descriptors of a connection by TLS: the client's, and both ends of the one behind it. */
const TLS_DESCRIPTORS = 3;
/** TLS connections that are taken beyond what is admitted, so that those can be told. */
const REFUSABLE = 32;

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
  /** Resolves when every connection was ended. Not for what comes with each request: whoever waits for it is kept as long as it is. */
  readonly #terminated = Promise.withResolvers<void>();
  /** What answers the requests in hand when every connection is ended. */
  readonly #unanswered = new Set<(response: Response) => void>();
  readonly #unread = new UnreadBodies();
  /** What takes connections by TLS for the server that listens. */
  readonly #front: TlsFront | undefined;
  /** Of the unix socket, where it listens at one. */
  readonly #file: SocketFile | undefined;
  #ending: Promise<void> | undefined;

  /** `most` connections are taken; `front` takes them where there is TLS, `file` is that of a unix socket. */
  constructor(
    options: ListenOptions,
    most: number,
    { front, file }: { readonly front: TlsFront | undefined; readonly file: SocketFile | undefined },
  ) {
    const { maxConnectionsPerAddress: mostOfAddress, warn } = options;
    this.#options = options;
    this.#front = front;
    this.#file = file;
    this.#admission = new Admission({ most, mostOfAddress, warn });
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

  async renew(certificate: Certificate): Promise<void> {
    this.#front?.renew(certificate);
  }

  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  terminate(): Promise<void> {
    const ended = this.close();
    for (const socket of this.#sockets) socket.terminate();
    this.#cut();
    this.#front?.cut();
    this.#drain.abandon();
    for (const answer of this.#unanswered) answer(closing());
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
    this.#admission.shortage(connections);
  }

  async #end(): Promise<void> {
    this.#front?.close();
    this.#watch.stop();
    this.#file?.remove();
    await this.#drain.empty();
    clearInterval(this.#sweep);
    const written = new Promise((resolve) => setTimeout(resolve, LAST_ANSWERS_MS));
    await Promise.race([written, this.#terminated.promise]);
    this.#cut();
    this.#front?.cut();
  }

  /** Ends every connection. Not by `shutdown`, which waits for requests that never become whole (seen on Deno 2.9.6). */
  #cut(): void {
    for (const connections of this.#servers.values()) connections.abort();
  }

  /** Listens; returns the port. Throws where the address can't be had. */
  #serve(port: number): number {
    const connections = new AbortController();
    const { signal } = connections;
    const handler = (request: Request, info: RequestInfo) =>
      this.#drain.hold(() => this.#answer(request, this.#peerOf(info)));
    const serveAt = (place: Place) => Deno.serve({ ...place, signal, onListen() {}, handler });
    const { hostname } = this.#front ? { hostname: "127.0.0.1" } : this.#options;
    const server = this.#file
      ? this.#file.listen(
          (path) => serveAt({ path }),
          () => connections.abort(),
        )
      : serveAt({ hostname, port: this.#front ? 0 : port });
    this.#servers.set(server, connections);
    // The accept loop ends at its first error, such as a connection without a descriptor; the open sockets live on.
    server.finished.catch(() => this.#watch.lost());
    if (!this.#front) return server.addr.port ?? 0;
    this.#front.to = server.addr.port ?? 0;
    return this.#front.port;
  }

  /** Returns who asks; undefined where somebody on this machine goes round the TLS in front. */
  #peerOf({ remoteAddr }: RequestInfo): string | undefined {
    if (this.#front) return this.#front.peerAt(remoteAddr.port);
    return remoteAddr.transport === "unix" ? LOCAL_ADDRESS : remoteAddress(remoteAddr.hostname);
  }

  async #answer(request: Request, peer: string | undefined): Promise<Response> {
    if (this.#ending) return closing();
    if (peer === undefined) return new Response("This port speaks TLS.\n", { status: 403 });
    const remote = this.#options.addressOf?.(request.headers, peer) ?? peer;
    const refused = this.#admission.enter(remote);
    if (refused !== undefined) return refusal(refused);
    let switching: Response | undefined;
    const cut = Promise.withResolvers<Response>();
    this.#unanswered.add(cut.resolve);
    try {
      const accept = (upgrade: Upgrade) => {
        switching = this.#accept(upgrade, request, remote);
        return switching !== undefined;
      };
      const answered = answer({ options: this.#options, request, remote, accept }, this.#pace);
      // An abort does not end a connection whose answer is still to come (seen on Deno 2.9.6).
      const response = await Promise.race([answered, cut.promise]);
      if (!response) return switching as Response;
      if (endsUnread(request, response)) this.#unread.hold(request);
      return response;
    } finally {
      this.#unanswered.delete(cut.resolve);
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
