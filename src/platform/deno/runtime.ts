/** What `deno/` uses of the `Deno` global, so that its types need no Deno around. */
export interface Runtime {
  readonly version: { readonly deno: string };
  /** Throws where the address can't be had. */
  serve(options: ServeOptions & (TcpPlace | { readonly path: string })): HttpServer;
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
