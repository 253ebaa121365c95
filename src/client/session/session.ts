import { HotroomClientError } from "../error.ts";
import type { SessionData } from "../connection/frames.ts";
import type { Closed } from "../connection/link.ts";
import type { RequestOptions } from "../connection/pending.ts";
import type { Wire } from "../connection/wire.ts";
import type { Rooms } from "../room/rooms.ts";
import type { Back, Expired, Login, Reset } from "./session_events.ts";
import type { StoredSession } from "./stored_session.ts";

/** What becomes of a session, as the client's events say it. */
export interface SessionEvents {
  away(closed: Closed): void;
  back(back: Back): void;
  reset(reset: Reset): void;
  expired(expired: Expired): void;
}

/** How a client that has lost its session logs in again: with the same data, or with what a function gives. */
export type Relogin = boolean | (() => unknown);

/** Codes after which the same may succeed a little later. */
const temporary: ReadonlySet<string> = new Set(
  "busy rate_limited not_saved too_many_users application_unavailable internal timeout closed".split(" "),
);

/** How long a server may take to find out that a connection is dead, ms. */
const GHOST_MS = 60_000;

/** The right to come back as the same user: takes it up on each new connection. */
export class Session {
  readonly #wire: Wire;
  readonly #rooms: Rooms;
  readonly #relogin: Relogin;
  readonly #events: SessionEvents;
  #store: StoredSession | undefined;
  #login: Login | undefined;
  /** What `login()` was given, where it has succeeded. */
  #given: { data: unknown } | undefined;
  /** Why the session is gone, while it is not settled what comes in its place. */
  #gone: HotroomClientError | undefined;
  #awaySince: number | undefined;
  /** Whether the server ends sessions with their connections. */
  #keepsNone = false;

  constructor(wire: Wire, rooms: Rooms, relogin: Relogin, events: SessionEvents) {
    this.#wire = wire;
    this.#rooms = rooms;
    this.#relogin = relogin;
    this.#events = events;
  }

  /** What the login gave, between login and logout. */
  get login(): Login | undefined {
    return this.#login;
  }

  /** Whether the client is to come back though nobody asks for anything. */
  get isWanted(): boolean {
    return this.#login !== undefined || this.#gone !== undefined;
  }

  get isAway(): boolean {
    return this.#awaySince !== undefined;
  }

  /** Keeps the session for the next page of the tab, and takes up what the one before has left. */
  keepIn(store: StoredSession): void {
    this.#store = store;
    const { session, seen = 0 } = store.data;
    this.#wire.adopt(seen, store.firstId);
    if (session !== undefined) this.#login = { user: { id: "", name: "" }, session };
  }

  /** Logs in. */
  async logIn(data: unknown, options: RequestOptions | undefined): Promise<Login> {
    return this.#wire.request({ event: "login", data }, "log in", options, (reply) => {
      this.#given = { data };
      return this.#begin(reply as SessionData);
    });
  }

  /** Logs out. */
  async logOut(options: RequestOptions | undefined): Promise<void> {
    const done = () => {
      this.#login = this.#given = undefined;
      this.#save();
      this.#rooms.endAll({ cause: "left" });
    };
    try {
      await this.#wire.request({ event: "logout" }, "log out", options, done);
    } catch (error) {
      // The answer was lost with the session that it has ended.
      if (codeOf(error) !== "session_expired") throw error;
    }
  }

  /** The page goes away, and may come back as it is where `isKept`. Returns true if this page or another of its tab may go on. */
  hide(isKept: boolean): boolean {
    this.#save();
    if (isKept) this.#store?.release();
    return isKept || this.#store !== undefined;
  }

  /** Resolves when this page may use the session again. */
  async prepare(): Promise<void> {
    if (!this.#store || !(await this.#store.retake())) return;
    const { session } = this.#store.data;
    const { seen } = this.#wire;
    const message = "another page has used the session";
    this.#wire.expire("sent", (what) => new HotroomClientError("reset", `Cannot ${what}: ${message}.`));
    this.#wire.adopt(seen, this.#store.firstId);
    if (session !== undefined && this.#login) this.#login = { ...this.#login, session };
    // Who logged out there did not want to come back here.
    else this.#given = undefined;
  }

  /** The connection was lost. */
  lost(closed: Closed): void {
    this.#wire.lost(closed);
    if (this.isAway) return;
    this.#awaySince = performance.now();
    this.#events.away(closed);
  }

  /**
   * Speaks first on a new connection, until the queue may flow; `isFirst` where the client has had none before. Rejects with
   * HotroomClientError where the server can't say yes or no now.
   */
  async greet(isFirst: boolean): Promise<void> {
    if (this.#login) {
      const { session } = this.#login;
      const frame = { event: "reconnect", data: { session, seen: this.#wire.seen } } as const;
      try {
        await this.#wire.direct(frame, "come back", (reply) => this.#resume(reply as SessionData, isFirst));
      } catch (error) {
        if (isTemporary(error)) throw error;
        this.#expire(error as HotroomClientError, isFirst);
      }
    } else if (!this.#gone) {
      this.#wire.rewind();
      this.#return("new", 0);
    }
    if (this.#gone) await this.#startAgain(this.#gone);
  }

  /** All that was missed has come. */
  caughtUp(): void {
    const why = "its answer was lost while the client was away";
    this.#wire.failDoubtful((what) => new HotroomClientError("reset", `Cannot ${what}: ${why}.`));
    this.#rooms.caughtUp();
  }

  /** Forgets the session, in the tab too: the client ends. `isOver` where nobody may come back to it. */
  end(isOver: boolean): void {
    this.#login = this.#gone = undefined;
    if (isOver) this.#save();
    this.#store?.release();
  }

  #begin({ user, session, grace, kept, outcome, rooms, lost, missed = 0 }: SessionData): Login {
    if (kept !== undefined) this.#wire.keep(kept);
    this.#login = { user: { id: user.id, name: user.name }, session };
    if (grace !== undefined) this.#login.grace = grace;
    this.#save();
    if (!outcome) return this.#login;
    this.#login.outcome = outcome;
    this.#takeUp(rooms ?? [], lost ?? [], missed, true);
    // It has taken over from another client: listeners are attached after this.
    this.#wire.hold();
    return this.#login;
  }

  #takeUp(
    rooms: NonNullable<SessionData["rooms"]>,
    lost: readonly (string | null)[],
    missed: number,
    isFresh: boolean,
  ): void {
    this.#rooms.restore(rooms, new Set(lost), this.#login?.user.id ?? "", isFresh);
    if (lost.includes(null)) this.#wire.doubt();
    this.#wire.catchUp(missed);
  }

  #resume(reply: SessionData, isFirst: boolean): void {
    const { user, session, grace, received = 0, beyond, outcome = "resumed", missed = 0 } = reply;
    const { rooms = [], lost = [] } = reply;
    this.#login = { user: { id: user.id, name: user.name }, session };
    if (grace !== undefined) this.#login.grace = grace;
    this.#save();
    this.#wire.rewind(received, beyond);
    if (reply.kept !== undefined) this.#wire.keep(reply.kept);
    if (isFirst) this.#wire.hold();
    this.#takeUp(rooms, lost, missed, isFirst);
    // The server forgets the secret before when it hears from the one who got the new one.
    this.#wire.ping();
    if (this.#gone) return;
    if (outcome === "reset" && !isFirst) this.#events.reset({ lost });
    this.#return(outcome, missed);
  }

  /** Says that the client is back, and lets the queue flow. */
  #return(outcome: Back["outcome"], missed: number): void {
    const since = this.#awaySince;
    this.#awaySince = undefined;
    this.#wire.flow();
    if (since !== undefined) this.#events.back({ outcome, missed, away: performance.now() - since });
  }

  #expire(error: HotroomClientError, isFirst: boolean): void {
    const mayLogIn = this.#relogin !== false && this.#given !== undefined;
    this.#keepsNone = !this.#login?.grace;
    this.#login = undefined;
    this.#save();
    this.#wire.expire(mayLogIn ? "sent" : "all", (what) => about(what, error));
    if (mayLogIn) {
      this.#rooms.expire();
      this.#gone = error;
    } else if (isFirst) this.#return("new", 0);
    else this.#settle(error);
  }

  /** Logs in again and joins the rooms again, after the session has expired. Rejects where that may succeed later. */
  async #startAgain(expired: HotroomClientError): Promise<void> {
    try {
      if (!this.#login) {
        const relogin = this.#relogin;
        const data = typeof relogin === "function" ? await relogin() : this.#given?.data;
        await this.#wire.direct({ event: "login", data }, "log in again", (reply) =>
          this.#begin(reply as SessionData),
        );
      }
      const lost = await this.#rooms.rejoin(this.#login?.user.id ?? "");
      this.#gone = undefined;
      this.#events.expired({ user: this.#login?.user, error: expired });
      this.#events.reset({ lost: [...lost, null] });
      this.#return("reset", 0);
    } catch (error) {
      if (isTemporary(error) || this.#mayBeOwn(error)) throw error;
      this.#settle(error instanceof HotroomClientError ? error : noLogin(error));
    }
  }

  /**
   * Returns true if it may be this client's own connection before that has the name: where the server keeps no sessions, it has
   * the name until it finds out that the connection is dead.
   */
  #mayBeOwn(error: unknown): boolean {
    const away = performance.now() - (this.#awaySince ?? Number.NEGATIVE_INFINITY);
    return codeOf(error) === "name_taken" && this.#keepsNone && away < GHOST_MS;
  }

  /** Goes on without a user. */
  #settle(error: HotroomClientError): void {
    this.#gone = undefined;
    this.#login = undefined;
    this.#wire.expire("all", (what) => about(what, error));
    this.#rooms.endAll({ cause: "lost", reason: error.message });
    this.#events.expired({ user: undefined, error });
    this.#return("new", 0);
  }

  #save(): void {
    this.#store?.save(this.#login?.session, this.#wire.seen);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof HotroomClientError ? error.code : undefined;
}

function isTemporary(error: unknown): boolean {
  return temporary.has(codeOf(error) ?? "");
}

/** Makes the error of what fails for the reason of another one. */
function about(what: string, error: HotroomClientError): HotroomClientError {
  const why = error.message.replace(/^.*?: /, "");
  // The message was about the session; this one is about something else.
  const of = error.code === "session_expired" ? why.replace(/^it is /, "the session is ") : why;
  return new HotroomClientError(error.code, `Cannot ${what}: ${of}`);
}

function noLogin(cause: unknown): HotroomClientError {
  const message = `Cannot log in again: ${(cause as Error)?.message ?? cause}`;
  return new HotroomClientError("session_expired", message, { cause });
}
