/** What `deno.ts` uses of the `Deno` global, so that its types need no Deno around. */
export interface Runtime {
  readonly version: { readonly deno: string };
  serve(options: {
    hostname: string;
    port: number;
    onListen(): void;
    handler(request: Request, info: { remoteAddr: { hostname: string } }): Promise<Response>;
  }): HttpServer;
  /** Throws TypeError where the handshake is not valid. */
  upgradeWebSocket(
    request: Request,
    options: {
      protocol?: string | undefined;
      /** Seconds; 0 disables it. */
      idleTimeout: number;
    },
  ): { socket: WebSocket; response: Response };
}

/** A server of Deno. */
export interface HttpServer {
  readonly addr: { readonly port: number };
  /** Closes WebSockets, lets requests in hand finish. */
  shutdown(): Promise<void>;
}
