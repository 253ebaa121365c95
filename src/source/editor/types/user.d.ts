// biome-ignore-all lint/suspicious/noExplicitAny: what clients send is anything, and scripts may read it without ceremony
/** Users, the connections that they come on, and what they send. */

/**
 * Who is logged in to the application. `Data` is what the `login` handler attached; a handler may say what it expects:
 * `join(room, user: User<{ level: number }>)`.
 */
export interface User<Data = any> {
  /** Unique in the application, and never given to another user. */
  readonly id: string;
  /** Unique in the application at one time. */
  readonly name: string;
  /** What the `login` handler returned as `data`. */
  readonly data: Data;
  /** Whether its connection is there: a user who has lost it is away, and may come back for a while. */
  readonly connected: boolean;
  /** Names of the rooms that the user is in. In `app.ts` these are all; a room's script knows of its own room only. */
  readonly rooms: readonly string[];
}

/** Users to send to: a user, or the id or name of one, or several of these. */
export type Recipients = User | string | readonly (User | string)[];

/** One live connection of a client; it has a user once a login on it has succeeded. */
export interface Connection {
  /** Unique while the server runs. */
  readonly id: string;
}

/** A client that asks to be a user. */
export interface Login<Data = any> {
  /** What the client sent: anything at all. */
  readonly data: Data;
  /** The connection that the client logs in on. */
  readonly connection: Connection;
  /** IP address of the client: the proxy's, where there is one that the server was not told to trust (`--trust-proxy`). */
  readonly address: string;
  /** Headers of the request that the connection began with, by name in lower case: those that `headers` of the settings names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /**
   * What the client's token says, verified; undefined unless `auth` of the settings asks for one. The token itself is `data.token`,
   * which `console.log` and `JSON.stringify` of the data leave out.
   */
  readonly claims: any;
}

/** What a `login` handler may return. */
export interface LoginResult {
  /** The user's name; without it, `login.data.name`. */
  name?: string;
  /** JSON to keep with the user, as `user.data`. */
  data?: unknown;
  /** Takes over the user who has that name, in the rooms where it is, with the data that it has; else the name is taken. */
  replace?: boolean;
}

/** A message of a client, or a server-side event, as the catch-all handlers are given it. */
export interface Message<Data = any> {
  readonly type: string;
  /** What was sent along: anything at all. */
  readonly data: Data;
}
