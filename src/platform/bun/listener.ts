import { cpuTimeMs } from "../../core/ports/clock.ts";
import { Pace } from "../../core/limit/pace.ts";
import { Admission, refusal } from "../admission.ts";
import type { Certificate } from "../address/certificate.ts";
import { SocketFile } from "../address/socket_file.ts";
import { answer, endsUnread } from "../answer.ts";
import { DescriptorWatch, type Suspendable } from "../descriptor_watch.ts";
import { connectionCap } from "../descriptors.ts";
import { Drain } from "../drain.ts";
import { Heartbeat } from "./heartbeat.ts";
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
import { BunGroup } from "./group.ts";
import { writeOutput } from "./standard_output.ts";
import { BunSocket, MIN_COMPRESSED } from "./socket.ts";

/** The platform of Bun. */
export const bun: Platform = {
  name: "bun",
  get version() {
    return Bun.version;
  },
  compresses: true,
  async listen(options) {
    const file = options.unix === undefined ? undefined : new SocketFile(options.unix);
    await file?.clear();
    return new BunListener(options, file);
  },
  writeOutput,
  // Asking for the process's makes this thread wait for the others (docs/decisions/0007-speed.md).
  cpuTime: () => cpuTimeMs(process.threadCpuUsage()),
};

type Server = Bun.Server<BunSocket>;
/** Where a server of Bun listens. */
type Place =
  | { readonly unix: string }
  | {
      readonly hostname: string;
      readonly port: number;
      readonly tls?: Certificate | undefined;
      readonly reusePort?: boolean;
    };

/** How long the last answers may be on their way when nothing else keeps a listener, ms. */
const LAST_ANSWERS_MS = 500;

class BunListener implements Listener, Suspendable {
  readonly hostname: string;
  readonly port: number;
  readonly #options: ListenOptions;
  readonly #admission: Admission;
  /** Of connections that begin and end. */
  readonly #pace = new Pace(() => performance.now());
  readonly #watch: DescriptorWatch;
  readonly #heartbeat: Heartbeat;
  readonly #sockets = new Set<BunSocket>();
  readonly #drain = new Drain(() => this.#sockets.size);
  /** One that listens, and those before it whose sockets live on. */
  readonly #servers = new Set<Server>();
  readonly #compress: boolean;
  /** Of the unix socket, where it listens at one. */
  readonly #file: SocketFile | undefined;
  #certificate: Certificate | undefined;
  #isListening = false;
  #ending: Promise<void> | undefined;

  constructor(options: ListenOptions, file: SocketFile | undefined) {
    this.#file = file;
    this.#compress = options.compress === true;
    const { maxConnections, maxConnectionsPerAddress: mostOfAddress, warn } = options;
    this.#options = options;
    this.#admission = new Admission({ most: connectionCap(maxConnections), mostOfAddress, warn });
    this.#heartbeat = new Heartbeat(options.idleTimeout ?? IDLE_TIMEOUT_MS);
    this.hostname = options.hostname;
    this.#certificate = options.certificate;
    this.port = this.#serve(options.certificate ? freePort(options) : options.port);
    this.#watch = new DescriptorWatch(this);
  }

  group(): BunGroup {
    return new BunGroup((topic, frame, except) => {
      const isCompressed = this.#compress && frame.length >= MIN_COMPRESSED;
      for (const server of this.#servers) {
        if (except?.isOpen && except.server === server) except.publish(topic, frame, isCompressed);
        else server.publish(topic, frame, isCompressed);
      }
    });
  }

  /**
   * A server of Bun keeps the certificate that it began with (seen on Bun 1.4.5: `reload` changes handlers alone), so another one takes
   * over the port, and the one before goes on with the sockets that it has.
   */
  async renew(certificate: Certificate): Promise<void> {
    const before = this.#certificate;
    const old = [...this.#servers];
    this.#certificate = certificate;
    // Where it does not listen now it will, with this one.
    if (!this.#isListening) return;
    try {
      this.#serve(this.port);
    } catch (error) {
      this.#certificate = before;
      throw error;
    }
    for (const server of old) this.#retire(server);
  }

  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  terminate(): Promise<void> {
    const ended = this.close();
    for (const socket of this.#sockets) socket.terminate();
    for (const server of this.#servers) void server.stop(true);
    this.#drain.abandon();
    return ended;
  }

  /** Leaves the port; sockets live on. Also called when there is no server that listens. */
  suspend(): boolean {
    this.#isListening = false;
    this.#file?.remove();
    for (const server of this.#servers) this.#retire(server);
    return true;
  }

  async resume(): Promise<void> {
    this.#serve(this.port);
  }

  onShortage(connections: number): void {
    this.#admission.shortage(connections);
  }

  /** Has a server take nothing new; its sockets live on. */
  #retire(server: Server): void {
    void server.stop().then(() => this.#servers.delete(server));
  }

  async #end(): Promise<void> {
    this.#isListening = false;
    this.#watch.stop();
    this.#file?.remove();
    // `stop` refuses new connections from here on, and leaves open ones alone.
    const stopped = Promise.all([...this.#servers].map((server) => server.stop()));
    await this.#drain.empty();
    const late = setTimeout(() => {
      for (const server of this.#servers) void server.stop(true);
    }, LAST_ANSWERS_MS);
    await stopped;
    clearTimeout(late);
  }

  /** Listens; returns the port. */
  #serve(port: number): number {
    const { hostname } = this.#options;
    const tls = this.#certificate;
    const server = this.#file
      ? this.#file.listen(
          (unix) => this.#serveAt({ unix }),
          (server) => void server.stop(true),
        )
      : this.#serveAt({ hostname, port, ...(tls && { tls, reusePort: true }) });
    this.#servers.add(server);
    this.#isListening = true;
    return server.port ?? 0;
  }

  #serveAt(place: Place): Server {
    const { maxFrame } = this.#options;
    return Bun.serve<BunSocket>({
      ...place,
      fetch: (request, server) => this.#drain.hold(() => this.#answer(request, server)),
      websocket: {
        data: {} as BunSocket,
        maxPayloadLength: maxFrame ?? MAX_FRAME_BYTES,
        // The heartbeat's business. Not 0, which does not turn it off (https://github.com/oven-sh/bun/pull/34222).
        idleTimeout: 960,
        sendPings: false,
        // One for all sockets: with a context of its own each would take up to 256 KB more.
        perMessageDeflate: this.#compress && { compress: "shared", decompress: "shared" },
        // No limit: how much may wait for a slow client is the core's rule, which reads `buffered`.
        backpressureLimit: 0,
        open: (ws) => {
          this.#sockets.add(ws.data);
          this.#heartbeat.watch(ws.data);
          ws.data.opened(ws);
        },
        message: (ws, frame) => ws.data.received(frame),
        drain: (ws) => ws.data.drained(),
        ping: (ws) => ws.data.events.ping(ws.data),
        pong: (ws) => ws.data.events.pong(),
        close: (ws, code, reason) => {
          ws.data.ended(code, reason);
          this.#heartbeat.unwatch(ws.data);
          this.#admission.leave(ws.data.remote);
          this.#sockets.delete(ws.data);
          this.#drain.check();
        },
      },
    });
  }

  async #answer(request: Request, server: Server): Promise<Response | undefined> {
    const isLocal = this.#options.unix !== undefined;
    const peer = isLocal ? LOCAL_ADDRESS : remoteAddress(server.requestIP(request)?.address);
    const remote = this.#options.addressOf?.(request.headers, peer) ?? peer;
    const refused = this.#admission.enter(remote);
    if (refused !== undefined) return refusal(refused);
    let isSocket = false;
    try {
      const accept = (upgrade: Upgrade) => {
        isSocket = this.#accept(upgrade, request, remote, server);
        return isSocket;
      };
      const response = await answer({ options: this.#options, request, remote, accept }, this.#pace);
      if (response) endsUnread(request, response);
      return response;
    } finally {
      if (!isSocket) this.#admission.leave(remote);
    }
  }

  #accept({ handler, protocol }: Upgrade, request: Request, remote: string, server: Server): boolean {
    // Without a header of ours Bun confirms the first protocol that the client offered.
    if (protocol === undefined) request.headers.delete("sec-websocket-protocol");
    const headers = protocol === undefined ? undefined : { "Sec-WebSocket-Protocol": protocol };
    const events = new SocketEvents(handler, this.#options.onError, this.#pace);
    const data = new BunSocket(events, remote, server, this.#compress);
    return server.upgrade(request, { data, headers });
  }
}

/**
 * Returns the port, where nobody has it; throws where somebody does. A port that is to be handed over would else be shared with another
 * server of the same user that does the same.
 */
function freePort({ hostname, port }: ListenOptions): number {
  if (port !== 0) void Bun.serve({ hostname, port, fetch: () => new Response() }).stop(true);
  return port;
}
