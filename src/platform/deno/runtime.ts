/** What `deno/` uses of the `Deno` global, so that its types need no Deno around. */
export interface Runtime {
  readonly version: { readonly deno: string };
  /** Throws where the address can't be had. */
  serve(options: {
    hostname: string;
    port: number;
    /** Ends every connection at once. */
    signal: AbortSignal;
    onListen(): void;
    handler(request: Request, info: { remoteAddr: { hostname: string } }): Promise<Response>;
  }): HttpServer;
  /** Throws TypeError where the handshake is not valid. */
  upgradeWebSocket(
    request: Request,
    options: {
      /** Seconds; 0 disables it. */
      idleTimeout: number;
    },
  ): { socket: WebSocket; response: Response };
}

/** A server of Deno. */
export interface HttpServer {
  readonly addr: { readonly port: number };
  /** Resolves when it was shut down or aborted; rejects where it can't take connections any more. */
  readonly finished: Promise<void>;
}
