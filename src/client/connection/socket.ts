import { HotroomClientError } from "../error.ts";
import type { SentFrame } from "./frames.ts";

/** What the SDK needs of a WebSocket: the standard's one, `ws`'s and undici's fit. */
export interface WebSocketLike {
  readonly protocol: string;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  binaryType?: unknown;
  send(frame: SentFrame): void;
  close(code?: number, reason?: string): void;
}

/** A WebSocket class; Node has a global one from version 22 on. */
export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

/** What a socket tells whoever opened it. */
export interface SocketEvents {
  open(socket: WebSocketLike): void;
  message(socket: WebSocketLike, data: unknown): void;
  close(socket: WebSocketLike, code: number, reason: string): void;
}

/** How a socket is opened. */
export interface OpenOptions {
  WebSocket?: WebSocketClass | undefined;
  /** How long opening may take, ms; 0 waits for ever. */
  timeout: number;
  signal?: AbortSignal | undefined;
}

/**
 * Returns the address as a ws: or wss: one; http: and https: are taken too, and in a browser a path of the page's own server.
 * Throws HotroomClientError: `connect_failed`.
 */
export function socketUrl(address: string | URL): string {
  const base = typeof location === "object" && location !== null ? location.href : undefined;
  let url: URL;
  try {
    url = new URL(address, base);
  } catch (cause) {
    throw new HotroomClientError("connect_failed", `Cannot connect to "${address}": it is not an address.`, {
      cause,
    });
  }
  url.protocol = url.protocol.replace(/^http/, "ws");
  url.hash = "";
  return url.href;
}

/**
 * Opens a socket; `events` hears everything from its opening on, and nothing where that failed. Rejects with
 * `connect_failed` or `timeout`, or with the signal's reason.
 */
export function openSocket(url: string, options: OpenOptions, events: SocketEvents): Promise<void> {
  const Class = options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketClass | undefined);
  if (!Class) {
    const why = "this runtime has no WebSocket; give one as the option WebSocket";
    return Promise.reject(new HotroomClientError("connect_failed", `Cannot connect to ${url}: ${why}.`));
  }
  return new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    const socket = new Class(url, ["hotroom.v1"]);
    let timer: ReturnType<typeof setTimeout> | undefined;

    const settle = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", abort);
    };
    const giveUp = (error: unknown) => {
      settle();
      socket.onopen = socket.onmessage = socket.onclose = null;
      // Closing a socket that still connects makes some implementations emit an error of their own.
      socket.onerror = () => {};
      socket.close();
      reject(error);
    };
    const abort = () => giveUp(options.signal?.reason);

    options.signal?.addEventListener("abort", abort);
    if (options.timeout > 0 && Number.isFinite(options.timeout)) {
      const message = `Cannot connect to ${url}: no answer in ${options.timeout} ms.`;
      timer = setTimeout(() => giveUp(new HotroomClientError("timeout", message)), options.timeout);
    }
    // A close event with the code follows; runtimes put little or nothing into this one.
    socket.onerror = () => {};
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: { data: unknown }) =>
      events.message(socket, data instanceof ArrayBuffer ? new Uint8Array(data) : data);
    socket.onclose = (event: { code: number; reason: string }) => {
      const why = event.reason || `the server did not take the connection (${event.code})`;
      giveUp(new HotroomClientError("connect_failed", `Cannot connect to ${url}: ${why}.`));
    };
    socket.onopen = () => {
      settle();
      socket.onclose = (event: { code: number; reason: string }) =>
        events.close(socket, event.code, event.reason);
      events.open(socket);
      resolve();
    };
  });
}
