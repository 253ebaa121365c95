import type { Connection } from "../connection/connection.ts";
import type { RequestQueue } from "../connection/request_queue.ts";
import { TokenBucket } from "../limit/token_bucket.ts";
import type { Clock } from "../ports/clock.ts";
import type { JsonText } from "../ports/event.ts";
import type { User } from "../user/user.ts";
import { Answered } from "./answered.ts";
import type { KeptAnswers, KeptSession, SessionFrame } from "./kept_user.ts";

/** How often a user may come back: so often at once, and in a second. What was missed is sent again each time, and much of it counts for more. */
const RESUMES = { burst: 20, rate: 1 };

/** Frames over the rate limit after which a connection is closed; so many of them are forgotten in a second. */
export const REFUSALS = { burst: 1000, rate: 10 };

/** Who writes down what becomes of a session. */
export interface SessionKeeper {
  /** Frames of its client were answered; not told again before they are taken. */
  answered(user: User): void;
  /** Resolves when what has happened in this turn of the loop is committed, or with false where it can't be. */
  saved(): Promise<boolean>;
  /** Its secrets are others, or something else is that is kept of it. */
  changed(user: User): void;
}

/** Who has the keeper of sessions, while they outlive the server. */
export interface SessionKeepers {
  readonly durable?: SessionKeeper | undefined;
}

/** A client's right to come back as a user, and what it has asked for. */
export class Session {
  /** Frames of the client that were taken. */
  received = 0;
  /** Hashes of the secrets that it can be come back to with, the newest last. */
  hashes: readonly string[] = [];
  isOver = false;
  /** Whether the client has shown that it has its secret. */
  isConfirmed = false;
  /** Whether it has, and no other works any more: each frame asks, and finds it where it has the session. */
  isSettled = false;
  /** How often its user may come back. */
  readonly resumes: TokenBucket;
  /** Frames over the rate that its user may send before a connection of it is closed: who comes back does not begin anew. */
  readonly refusals: TokenBucket;
  /** Which one of the user's it is. */
  readonly number: number;
  /** How often its frames were counted anew. */
  #count = 0;
  /** Up to which of its frames all were answered when they were counted anew: what was answered in this count may not be kept yet. */
  #base = 0;
  #isRestored = false;
  /** Which frames of the client were answered. */
  #answered = new Answered();
  /** Those beyond `received` that the client was told of with the newest secret. */
  #told: readonly number[] = [];
  /** The number up to which it is kept that they were answered. */
  #kept = 0;
  #isKeeping = false;
  /** The keeper that was told of answers, and has not taken them yet. */
  #asked: SessionKeeper | undefined;

  constructor(
    readonly user: User,
    /** Requests that wait for one another, whichever connection they came by. */
    readonly requests: RequestQueue<Connection>,
    clock: Clock,
    /** The one that the user had before. */
    before?: { readonly number: number; readonly resumes?: TokenBucket; readonly refusals?: TokenBucket },
    private readonly keepers: SessionKeepers = {},
  ) {
    this.resumes = before?.resumes ?? new TokenBucket(clock, RESUMES);
    this.refusals = before?.refusals ?? new TokenBucket(clock, REFUSALS);
    this.number = (before?.number ?? 0) + 1;
  }

  /** Whether it outlives the server. */
  get isKept(): boolean {
    return this.keepers.durable !== undefined;
  }

  /** Whether it is from before the server's end, and nobody is known to have its secret: it may never have been told. */
  get isUnproven(): boolean {
    return this.#isRestored && !this.isConfirmed;
  }

  /** What is to be kept of it, but for what was answered. */
  get kept(): KeptSession {
    const { number, hashes, isConfirmed } = this;
    return { number, count: this.#count, base: this.#base, hashes, told: this.#told, isConfirmed };
  }

  /**
   * What its client is told of what is kept: up to which of its frames they are not needed any more; nothing where it ends with the
   * server. What has come since is told at a later time.
   */
  get told(): { readonly kept?: number } {
    const keeper = this.keepers.durable;
    if (!keeper) return {};
    if (!this.#isKeeping && this.#answered.upTo > this.#kept) this.#keep(keeper);
    return { kept: this.#kept };
  }

  /** Returns the frames that were answered, as they are kept: the text of `KeptAnswers`. */
  takeAnswers(): JsonText {
    this.#asked = undefined;
    return `[${this.number},${this.#count},${this.#answered.text}]`;
  }

  /** It outlives the server from now on. Nobody has counted which frames were answered until now, so all that came are taken for it. */
  beginKeeping(): void {
    this.#base = Math.max(this.received, this.#answered.upTo);
    this.#answered = new Answered(this.#base);
    this.changed();
  }

  /** Returns what a frame is known by, as long as its session is not over and frames are not counted anew. */
  frame(number: number): SessionFrame {
    return { session: this.number, count: this.#count, frame: number };
  }

  /** Notes that a frame of the client was answered, or is certain to be. */
  answered({ session, count, frame }: SessionFrame): void {
    if (session === this.number && count === this.#count) this.hasAnswered(frame);
  }

  /** The same of a frame that has just come. */
  hasAnswered(number: number): void {
    if (this.isOver) return;
    this.#answered.add(number);
    const keeper = this.keepers.durable;
    if (keeper === this.#asked) return;
    this.#asked = keeper;
    keeper?.answered(this.user);
  }

  /** Something that is kept of it is another than before. */
  changed(): void {
    if (!this.isOver) this.keepers.durable?.changed(this.user);
  }

  /** Notes that the client has shown that it has its secret. */
  confirm(): void {
    if (this.isConfirmed) return;
    this.isConfirmed = true;
    this.isSettled = this.hashes.length <= 1;
    this.changed();
  }

  /** Goes on with what was kept. */
  restore({ count, base, hashes, told, isConfirmed }: KeptSession, answers: KeptAnswers | undefined): void {
    this.hashes = hashes;
    this.isConfirmed = isConfirmed;
    this.#count = count;
    this.#base = base;
    this.#told = told;
    this.#isRestored = true;
    const [number, of, ...list] = answers ?? [];
    const isOfCount = number === this.number && of === count;
    this.#answered = isOfCount ? Answered.parse(list) : new Answered(base);
    this.#kept = this.#answered.upTo;
  }

  /**
   * Returns the numbers of frames beyond `received` that were answered all the same, before the server ended; from now on the client's
   * frames are counted without them. Who comes back by an older secret than the newest was not told those of the newest, and is now.
   */
  tell(isNewest: boolean): readonly number[] {
    if (isNewest) this.#told = [];
    if (!this.#isRestored) return this.#told;
    this.#isRestored = false;
    // Who was told nothing yet has sent nothing since: then there are none beyond those.
    this.#told = [...this.#told, ...this.#answered.beyond];
    this.#base = this.received = this.#answered.upTo;
    this.#answered = new Answered(this.#base);
    this.#count++;
    return this.#told;
  }

  #keep(keeper: SessionKeeper): void {
    const { upTo } = this.#answered;
    this.#isKeeping = true;
    void keeper.saved().then((isSaved) => {
      this.#isKeeping = false;
      if (isSaved) this.#kept = Math.max(this.#kept, upTo);
    });
  }
}
