/** What `deno/` uses of the `Deno` global, so that its types need no Deno around. */
export interface Runtime {
  readonly version: { readonly deno: string };
  /** Throws where the address can't be had. */
  serve(options: ServeOptions & (TcpPlace | { readonly path: string })): HttpServer;
  /** Listens for TLS; throws where the address can't be had. */
  listenTls(options: TlsPlace): TlsListener;
  /** Connects to a port. */
  connect(options: TcpPlace): Promise<Connection>;
  /** Throws where it does not take the certificate with the key. */
  createHttpClient(options: { readonly cert: string; readonly key: string }): { close(): void };
  /** Throws TypeError where the handshake is not valid. */
  upgradeWebSocket(
    request: Request,
    options: {
      /** Seconds; 0 disables it. */
      idleTimeout: number;
    },
  ): { socket: WebSocket; response: Response };
}

/** A port of an address; 0 takes a free one. */
export interface TcpPlace {
  readonly hostname: string;
  readonly port: number;
}

/** The same with a certificate, its key, and what may be spoken. */
export interface TlsPlace extends TcpPlace {
  readonly cert: string;
  readonly key: string;
  readonly alpnProtocols: readonly string[];
}

/** A port that takes TLS connections. */
export interface TlsListener {
  readonly addr: { readonly port: number };
  /** Rejects where a connection can't be had, and when it is closed. */
  accept(): Promise<TlsSocket>;
  close(): void;
}

/** One connection. */
export interface Connection {
  readonly localAddr: { readonly port: number };
  readonly remoteAddr: { readonly hostname: string };
  /** Resolves with how many bytes it has read, null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Resolves with how many bytes it has written. */
  write(bytes: Uint8Array): Promise<number>;
  /** Says that no more comes. */
  closeWrite(): Promise<void>;
  close(): void;
}

/** One connection by TLS. */
export interface TlsSocket extends Connection {
  /** Resolves when the peer has shaken hands. */
  handshake(): Promise<unknown>;
}

/** What a server is served with, wherever it listens. */
export interface ServeOptions {
  /** Ends every connection at once. */
  readonly signal: AbortSignal;
  onListen(): void;
  handler(request: Request, info: RequestInfo): Promise<Response>;
}

/** Who sent a request. */
export interface RequestInfo {
  readonly remoteAddr: { readonly transport: string; readonly hostname: string; readonly port: number };
}

/** A server of Deno. */
export interface HttpServer {
  /** A unix socket has no port. */
  readonly addr: { readonly port?: number };
  /** Resolves when it was shut down or aborted; rejects where it can't take connections any more. */
  readonly finished: Promise<void>;
}
