/** What `platform/deno/` uses of the package `ws`, which brings no types. */
declare module "ws" {
  import type { Buffer } from "node:buffer";
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";

  interface ServerOptions {
    readonly noServer: true;
    /** Whether the server keeps a set of its sockets. */
    readonly clientTracking: boolean;
    readonly perMessageDeflate: boolean;
    /** Bytes of one message; a longer one ends its connection with 1009 as soon as a frame's head says so. */
    readonly maxPayload: number;
    /** Frames that one message may come in. */
    readonly maxFragments: number;
    /** Reads that one frame may come in. */
    readonly maxBufferedChunks: number;
    /** Pongs that may wait for a peer which reads nothing; one more ends its connection. */
    readonly maxPendingAutoPongs: number;
    /** How long a closing handshake may take, ms. */
    readonly closeTimeout: number;
    /** Returns the subprotocol to confirm, or false for none; called only where the client offered some. */
    handleProtocols(offered: Set<string>, request: IncomingMessage): string | false;
  }

  export class WebSocketServer {
    constructor(options: ServerOptions);
    /** Calls `done` before it returns, or else answers a handshake that is not valid. */
    handleUpgrade(
      request: IncomingMessage,
      tcp: Duplex,
      head: Uint8Array,
      done: (ws: WebSocket) => void,
    ): void;
  }

  export class WebSocket {
    /** Bytes that were sent and have not been handed to the system. */
    readonly bufferedAmount: number;
    send(data: string | Uint8Array, options: { binary: boolean }): void;
    ping(): void;
    close(code: number, reason: string): void;
    terminate(): void;
    on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): this;
    /** The connection has ended: the TCP connection under it too. */
    on(event: "close", listener: (code: number, reason: Buffer) => void): this;
    on(event: "error", listener: (error: Error & { readonly code?: string }) => void): this;
    on(event: "ping" | "pong", listener: () => void): this;
  }
}
