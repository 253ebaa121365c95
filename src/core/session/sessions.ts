import type { Settings } from "../application/settings.ts";
import type { Connection } from "../connection/connection.ts";
import type { RequestQueue } from "../connection/request_queue.ts";
import type { DurableApplication } from "../durable/durable_application.ts";
import { Backlog } from "../history/backlog.ts";
import { FrameNumbers } from "../history/frame_numbers.ts";
import { History, type HistoryLimits } from "../history/history.ts";
import type { HistoryStore } from "../history/history_store.ts";
import type { TokenBucket } from "../limit/token_bucket.ts";
import type { Clock } from "../ports/clock.ts";
import type { User } from "../user/user.ts";
import { Absences } from "./absences.ts";
import { type Digest, makeSecret } from "./secret.ts";
import { DurableUsers } from "./durable_users.ts";
import type { KeptSession } from "./kept_user.ts";
import { Session } from "./session.ts";

/** What the sessions of an application are made with. */
export interface SessionsDeps {
  readonly clock: Clock;
  readonly digest: Digest;
  readonly histories: HistoryStore;
}

/** The sessions of one application, the numbers of its frames, and its histories. They end with the server, unless the application is durable. */
export class Sessions {
  readonly numbers = new FrameNumbers();
  /** Users who are away. */
  readonly absences: Absences;
  /** Of secrets the hash alone is kept, and looked up: how long that takes tells something of hashes, from which no secret follows. */
  readonly #byHash = new Map<string, Session>();
  /** What keeps them; absent where they end with the server. */
  durable?: DurableUsers | undefined;
  /** What histories keep, with what says so: every frame asks. */
  #limited: { readonly settings: Settings["session"]; readonly limits: HistoryLimits } | undefined;

  constructor(
    private readonly deps: SessionsDeps,
    private readonly settings: () => Settings["session"],
    /** Hears who has been away for too long. */
    overdue: (user: User) => void,
  ) {
    this.absences = new Absences(deps.clock, overdue);
  }

  /** They outlive the server from now on, written by `kept`; or no more. */
  keepBy(kept: DurableApplication | undefined, users: ReadonlyMap<string, User>): void {
    const isNew = this.durable === undefined;
    this.durable?.log.close();
    this.durable = kept && new DurableUsers(kept, this.numbers, users);
    for (const { backlog, session } of users.values()) {
      backlog?.keepOn();
      if (isNew) session?.beginKeeping();
      else session?.changed();
    }
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
    return new History(this.deps.histories, this);
  }

  /** Begins the session of a user who has just logged in by its connection, and has missed nothing. */
  admit(user: User): void {
    const { numbers, deps } = this;
    const store = deps.histories;
    const keeper = () => this.durable?.keeperOf(user);
    user.backlog = new Backlog(user, { numbers, store, owner: this, keeper });
    // It hears nothing before it is kept that it is there.
    if (this.durable) user.backlog.isLive = false;
    user.connection.session = this.begin(user, user.connection.requests);
  }

  /** Takes up the session of a user who is back, but for its connection, with the server. */
  restore(user: User, kept: KeptSession): void {
    this.admit(user);
    const session = this.#make(user, user.connection.requests, { number: kept.number - 1 });
    session.restore(kept, this.durable?.answersOf(user.id));
    user.session = user.connection.session = session;
    this.#setHashes(session, kept.hashes);
  }

  /** Begins the session of a client that has become a user, whose requests these are; one that the user has ends. */
  begin(user: User, requests: RequestQueue<Connection>): Session {
    const { session: before } = user;
    if (before) this.end(before);
    user.session = this.#make(user, requests, before);
    return user.session;
  }

  #make(
    user: User,
    requests: RequestQueue<Connection>,
    before?: { readonly number: number; readonly resumes?: TokenBucket },
  ): Session {
    return new Session(user, requests, this.deps.clock, before, this);
  }

  /**
   * Returns a new secret of a session. The one that was used works until `confirm`, so that who does not get the new one is not
   * locked out.
   */
  renew(session: Session, used?: string): string {
    const secret = makeSecret();
    session.isConfirmed = used !== undefined;
    const kept = used === undefined ? [] : [this.deps.digest(used)];
    this.#setHashes(session, [...kept, this.deps.digest(secret)]);
    return secret;
  }

  /** Notes that the client has the newest secret: it has gone on. */
  confirm(session: Session): void {
    if (session.hashes.length > 1) this.#setHashes(session, session.hashes.slice(-1));
    else session.confirm();
  }

  /** Returns true if a secret is the newest of its session. */
  isNewest(session: Session, secret: string): boolean {
    return session.hashes.at(-1) === this.deps.digest(secret);
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
    session.isSettled = session.isConfirmed && hashes.length <= 1;
    for (const hash of hashes) this.#byHash.set(hash, session);
    session.changed();
  }

  /** What each of its histories keeps. */
  get limits(): HistoryLimits {
    const settings = this.settings();
    if (settings !== this.#limited?.settings) {
      const { grace, history, historyBytes } = settings;
      this.#limited = { settings, limits: { frames: grace > 0 ? history : 0, bytes: historyBytes } };
    }
    return this.#limited.limits;
  }
}
