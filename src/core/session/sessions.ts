import type { Settings } from "../application/settings.ts";
import type { Connection } from "../connection/connection.ts";
import type { RequestQueue } from "../connection/request_queue.ts";
import { Backlog } from "../history/backlog.ts";
import { FrameNumbers } from "../history/frame_numbers.ts";
import { History, type HistoryLimits } from "../history/history.ts";
import type { HistoryStore } from "../history/history_store.ts";
import type { Clock } from "../ports/clock.ts";
import type { User } from "../user/user.ts";
import { Absences } from "./absences.ts";
import { type Digest, makeSecret } from "./secret.ts";
import { Session } from "./session.ts";

/** What the sessions of an application are made with. */
export interface SessionsDeps {
  readonly clock: Clock;
  readonly digest: Digest;
  readonly histories: HistoryStore;
}

/** The sessions of one application, the numbers of its frames, and its histories. They are in memory, and end with the server. */
export class Sessions {
  readonly numbers = new FrameNumbers();
  /** Users who are away. */
  readonly absences: Absences;
  /** Of secrets the hash alone is kept, and looked up: how long that takes tells something of hashes, from which no secret follows. */
  readonly #byHash = new Map<string, Session>();

  constructor(
    private readonly deps: SessionsDeps,
    private readonly settings: () => Settings["session"],
    /** Hears who has been away for too long. */
    overdue: (user: User) => void,
  ) {
    this.absences = new Absences(deps.clock, overdue);
  }

  get clock(): Clock {
    return this.deps.clock;
  }

  /** How long a user may be away, ms; 0 where a session ends with its connection. */
  get grace(): number {
    return this.settings().grace;
  }

  /** Returns an empty history of this application. */
  history(): History {
    return new History(this.deps.histories, this, () => this.#limits());
  }

  /** Begins the session of a user who has just logged in by its connection, and has missed nothing. */
  admit(user: User): void {
    const { numbers, deps } = this;
    const store = deps.histories;
    user.backlog = new Backlog(user, { numbers, store, owner: this, limits: () => this.#limits() });
    user.connection.session = this.begin(user, user.connection.requests);
  }

  /** Begins the session of a client that has become a user, whose requests these are; one that the user has ends. */
  begin(user: User, requests: RequestQueue<Connection>): Session {
    const { session: before } = user;
    if (before) this.end(before);
    user.session = new Session(user, requests, this.deps.clock, before);
    return user.session;
  }

  /**
   * Returns a new secret of a session. The one that was used works until `confirm`, so that who does not get the new one is not
   * locked out.
   */
  renew(session: Session, used?: string): string {
    const secret = makeSecret();
    const kept = used === undefined ? [] : [this.deps.digest(used)];
    this.#setHashes(session, [...kept, this.deps.digest(secret)]);
    return secret;
  }

  /** Notes that the client has the newest secret: it has gone on. */
  confirm(session: Session): void {
    if (session.hashes.length > 1) this.#setHashes(session, session.hashes.slice(-1));
  }

  /** Returns the session that a secret is of; undefined where it is of none, or not any more. */
  find(secret: string): Session | undefined {
    return this.#byHash.get(this.deps.digest(secret));
  }

  /** Ends a session: nobody comes back to it, and what it waits for is not answered. */
  end(session: Session): void {
    session.isOver = true;
    this.#setHashes(session, []);
  }

  /** Nobody comes back any more: what is kept for all `users` goes, since it counts for other applications, too. */
  close(users: Iterable<User>): void {
    this.absences.clear();
    for (const { backlog } of users) backlog?.end();
  }

  #setHashes(session: Session, hashes: readonly string[]): void {
    for (const hash of session.hashes) this.#byHash.delete(hash);
    session.hashes = hashes;
    for (const hash of hashes) this.#byHash.set(hash, session);
  }

  #limits(): HistoryLimits {
    const { grace, history, historyBytes } = this.settings();
    return { frames: grace > 0 ? history : 0, bytes: historyBytes };
  }
}
