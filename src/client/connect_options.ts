import type { BackoffOptions } from "./connection/backoff.ts";
import type { WebSocketClass } from "./connection/socket.ts";
import type { Relogin } from "./session/session.ts";

/** How to connect, and how to come back. */
export interface ConnectOptions {
  /** Milliseconds to connect, and the default of every request; 10,000 unless given, 0 waits for ever. */
  timeout?: number;
  /** The class to use where the runtime has none (Node before 22), or another is wanted. */
  WebSocket?: WebSocketClass;
  /** Gives up connecting with the signal's reason. */
  signal?: AbortSignal;
  /** Whether the client comes back by itself after the connection was lost, true unless given; or how long it waits before it does. */
  reconnect?: boolean | Partial<BackoffOptions>;
  /** Comes back also while nobody sees the page; unless given, it waits until somebody does. */
  background?: boolean;
  /** Milliseconds in which a connection that has gone silent is found to be dead; 20,000 unless given, 0 never looks. */
  liveness?: number;
  /** How many frames may wait for the server to take them, as while the client is away; 1,000 unless given. */
  queue?: number;
  /**
   * Whether a client whose session has expired logs in again with the data of its last `login()`, and joins its rooms again: true
   * unless given; or what gives the data for it.
   */
  relogin?: Relogin;
  /**
   * Keeps the session in the tab's sessionStorage, so that the user is still there after a reload of the page; a text tells several
   * clients of one page apart.
   */
  store?: boolean | string;
}

/** What holds where the caller says nothing. */
export const DEFAULTS = {
  timeout: 10_000,
  reconnect: true,
  background: false,
  liveness: 20_000,
  queue: 1_000,
  relogin: true,
  store: false,
} as const satisfies ConnectOptions;

/** Returns the options with the defaults in the place of those that are not given. */
export function withDefaults(
  options: ConnectOptions,
): ConnectOptions & Required<Pick<ConnectOptions, keyof typeof DEFAULTS>> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...Object.fromEntries(given) };
}
