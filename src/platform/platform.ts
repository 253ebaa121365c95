import type { Group, SocketHandler } from "../core/ports/socket.ts";
import type { Certificate } from "./address/certificate.ts";

/** One JavaScript runtime as a server of HTTP and WebSockets; `bun/` and `deno/` each make one. */
export interface Platform {
  readonly name: "bun" | "deno";
  /** Version of the runtime, such as `1.4.5`. */
  readonly version: string;
  /** Whether its WebSockets know `permessage-deflate`. */
  readonly compresses: boolean;
  /** Starts to listen; rejects with the runtime's error if the address can't be had. */
  listen(options: ListenOptions): Promise<Listener>;
  /**
   * Writes to standard output and makes nobody wait; one write at a time. Resolves with how many bytes were taken, maybe not
   * before somebody reads; rejects with the system's error.
   */
  writeOutput(bytes: Uint8Array): Promise<number>;
  /** Returns the CPU time that serving sockets has used so far, ms: that of this thread, or of the process where asking for that is cheaper. */
  cpuTime(): number;
}

/** What a listener is made of; the composition root writes one. */
export interface ListenOptions {
  readonly hostname: string;
  /** 0 takes a free port; `Listener.port` says which. */
  readonly port: number;
  /** Path of a unix socket to listen on instead, where nothing is; its peers count as this machine. */
  readonly unix?: string | undefined;
  /** With it the port speaks TLS only. */
  readonly certificate?: Certificate | undefined;
  /** Returns the address of who asks, where proxies say whose the peer's is; without it that is the peer's own. */
  readonly addressOf?: ((headers: Headers, peer: string) => string) | undefined;
  /** Answers a request that is not a WebSocket upgrade; `remote` is the IP address of who asks. */
  fetch(request: Request, remote: string): Response | Promise<Response>;
  /** Asked for each WebSocket upgrade: accepts it, refuses it with a response, or (undefined) lets `fetch` answer. */
  upgrade(request: Request, remote: string): Upgrade | Response | undefined;
  /** Hears what a handler of the application threw, and during what; the server goes on. */
  onError(error: unknown, during: Duty): void;
  /** Hears what whoever runs the server should know, such as that connections are refused; seldom the same twice. */
  warn(message: string): void;
  /** Connections at one time; one more is answered with 503. Without it as many as the system has file descriptors for. */
  readonly maxConnections?: number | undefined;
  /** Connections of one address at one time, 0 for no limit. Without it 1,000, and no limit for this machine's own addresses. */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** Bytes; a longer message closes its connection with 1009, counted as it is when it was inflated. Default `MAX_FRAME_BYTES`. */
  readonly maxFrame?: number;
  /** Whether frames are compressed where the runtime and the client can. */
  readonly compress?: boolean;
  /** A peer of which nothing was heard for so long (ms) is given up; it is pinged before. Default `IDLE_TIMEOUT_MS`. */
  readonly idleTimeout?: number;
}

/** What the platform was doing when a handler threw. */
export type Duty = "fetch" | "upgrade" | "open" | "message" | "close";

/** An accepted upgrade. */
export interface Upgrade {
  readonly handler: SocketHandler;
  /** The subprotocol that was chosen among those the client offered; without one none is confirmed. */
  readonly protocol?: string;
}

/** A port that is being listened on. */
export interface Listener {
  /** Returns an empty group for sockets of this listener. */
  group(): Group;
  readonly hostname: string;
  /** 0 at a unix socket. */
  readonly port: number;
  /**
   * Shows another certificate to who connects from now on; connections stay. Resolves when it does, rejects where the runtime does not
   * take it.
   */
  renew(certificate: Certificate): Promise<void>;
  /**
   * Takes no new connections and leaves open sockets alone: their owner
   * closes them. Resolves when requests in hand are answered and the last socket has gone.
   */
  close(): Promise<void>;
  /** Ends every connection at once, and requests with theirs, also where nobody will ever answer. Resolves as `close`. */
  terminate(): Promise<void>;
}

/** Default of `ListenOptions.maxFrame`. */
export const MAX_FRAME_BYTES = 1024 * 1024;

/** Default of `ListenOptions.idleTimeout`: a dead peer is gone within 45 s, however busy the machine is. */
export const IDLE_TIMEOUT_MS = 42_000;

/** How long a connection that was closed from this side may take to finish its handshake. */
export const LINGER_MS = 3_000;

/** The address of who comes through a unix socket: somebody on this machine. */
export const LOCAL_ADDRESS = "127.0.0.1";

/** Returns the peer's address as it is written elsewhere; an IPv4 peer of an IPv6 listener appears as IPv4. */
export function remoteAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.)/, "") ?? "unknown";
}
