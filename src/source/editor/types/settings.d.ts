/** The settings of an application: what `hotroom.json` has, or a one-file application exports as `settings`. */

/**
 * Settings of an application; docs/OPERATIONS.md has the defaults. They are read without running the script, so each value must be
 * written out.
 *
 * ```ts
 * import type { Settings } from "hotroom";
 * export const settings = { emptyGrace: 60_000, limits: { message: 4096 } } satisfies Settings;
 * ```
 */
export interface Settings {
  /** Who may make rooms: joining makes them, clients create them, or only scripts do. */
  rooms?: "join" | "client" | "server";
  /** What a live room does at an edit: `swap` moves it to the new version, `pin` lets it end in the old one. */
  reload?: "swap" | "pin";
  /** Whether an edit is tried on copies of the live rooms first, and not taken where that gives an error. */
  rehearse?: boolean;
  /** How long an empty room stays that was not made with `keep`, ms. */
  emptyGrace?: number;
  /** Rooms of the application at one time. */
  maxRooms?: number;
  /** Rooms that one user is in at one time; and rooms that clients have made by one connection and that have not closed. */
  roomsPerUser?: number;
  /** Rooms that one user watches at one time. */
  watchesPerUser?: number;
  /** Users who are away at one time and came from one address. */
  sessionsPerUser?: number;
  /** Users of the application at one time. */
  maxUsers?: number;
  /** Rooms that share one sandbox; 1 isolates each. */
  roomsPerSandbox?: number;
  /** Whether clients may watch rooms that they are not in. */
  subscribe?: boolean;
  /** What an answer of a durable room waits for: that it is committed, or that it is on the disk, too. */
  durable?: "relaxed" | "strict";
  /** What scripts read as `app.config`: any JSON. */
  config?: unknown;
  /** Variables of the server's environment that scripts read as `app.env`, by name. */
  env?: readonly string[];
  /** What scripts may ask of other servers: URLs, each of which stands for all that lies under it. */
  fetch?: readonly string[];
  /** Headers of the request that a connection began with, which scripts are given as `login.headers`, by name. */
  headers?: readonly string[];
  /** How it is known who logs in; without it that is for the `login` handler to find out. */
  auth?: AuthSettings;
  /** What users find again who were away for a while. */
  session?: SessionSettings;
  /** Limits of the application; each breach is counted and logged. */
  limits?: LimitSettings;
}

/** How it is known who logs in. */
export interface AuthSettings {
  /** Logins show a token, which the server verifies. */
  jwt?: JwtSettings;
}

/** How the tokens of logins are verified; one of `secret`, `publicKey` and `jwks` must be there. */
export interface JwtSettings {
  /** Those that a token may be signed with. */
  algorithms: readonly (
    | "HS256"
    | "HS384"
    | "HS512"
    | "RS256"
    | "RS384"
    | "RS512"
    | "PS256"
    | "PS384"
    | "PS512"
    | "ES256"
    | "ES384"
    | "ES512"
    | "EdDSA"
  )[];
  /** The variable of the server's environment that has the secret of `HS256` and its like. */
  secret?: { env: string };
  /** The key that the others are verified with, as PEM (`BEGIN PUBLIC KEY`) or JWK. */
  publicKey?: string | Readonly<Record<string, unknown>>;
  /** Address of these keys: `https:`, or `http:` on the server's own machine. */
  jwks?: string;
  /** What `iss` of a token must be, or one of it. */
  issuer?: string | string[];
  /** What `aud` of a token must be, or one of it. */
  audience?: string | string[];
}

/** What users find again who were away for a while. */
export interface SessionSettings {
  /** How long a user whose connection was lost stays and may come back, ms; 0 turns that off. */
  grace?: number;
  /** Frames that are kept of a room, of what all users are sent, and of what one user alone is. */
  history?: number;
  /** Bytes of memory that these take at most. */
  historyBytes?: number;
}

/** Limits of an application. Sizes are bytes, times are ms. */
export interface LimitSettings {
  /** CPU time of one event; past it the event fails. */
  cpuPerEvent?: number;
  /** CPU time of one event in code that can't be interrupted; past it the script host is killed. */
  cpuHard?: number;
  /** CPU time for parsing, linking and running the top level of a version. */
  load?: number;
  /** CPU time for moving one room between sandboxes. */
  migrate?: number;
  /** Memory of one sandbox. */
  memory?: number;
  /** Memory of all sandboxes of the application together. */
  totalMemory?: number;
  /** One outgoing message. */
  message?: number;
  /** All effects of one event together. */
  output?: number;
  /** Number of effects of one event. */
  effects?: number;
  /** Live timers of one room. */
  schedules?: number;
  /** Log text of one event. */
  log?: number;
  /** All source files of the application together. */
  source?: number;
  /** `room.state` written as JSON. */
  state?: number;
  /** Events that may wait for one room; past it messages are answered with `busy`. */
  queue?: number;
  /** How long the oldest event of a room may have waited; past it messages are answered with `busy`. */
  wait?: number;
  /** Log lines of the whole application in a second. */
  logRate?: number;
  /** Bytes of log lines of the whole application in a second. */
  logBytes?: number;
  /** What the server keeps for the application's scripts. */
  held?: number;
  /** CPU time that the application may use in a second; 0 is no limit. */
  cpuRate?: number;
  /** CPU time that it may use at once where `cpuRate` limits it. */
  cpuBurst?: number;
}
