import type { Connection } from "../connection/connection.ts";
import type { RequestQueue } from "../connection/request_queue.ts";
import { TokenBucket } from "../limit/token_bucket.ts";
import type { Clock } from "../ports/clock.ts";
import type { User } from "../user/user.ts";

/** How often a user may come back: so often at once, and in a second. What was missed is sent again each time, and much of it counts for more. */
const RESUMES = { burst: 20, rate: 1 };

/** Frames over the rate limit after which a connection is closed; so many of them are forgotten in a second. */
export const REFUSALS = { burst: 1000, rate: 10 };

/** A client's right to come back as a user, and what it has asked for. */
export class Session {
  /** Frames of the client that were taken. */
  received = 0;
  /** Hashes of the secrets that it can be come back to with, the newest last. */
  hashes: readonly string[] = [];
  isOver = false;
  /** How often its user may come back. */
  readonly resumes: TokenBucket;
  /** Frames over the rate that its user may send before a connection of it is closed: who comes back does not begin anew. */
  readonly refusals: TokenBucket;

  constructor(
    readonly user: User,
    /** Requests that wait for one another, whichever connection they came by. */
    readonly requests: RequestQueue<Connection>,
    clock: Clock,
    /** The session that the user had before. */
    before?: Session,
  ) {
    this.resumes = before?.resumes ?? new TokenBucket(clock, () => RESUMES);
    this.refusals = before?.refusals ?? new TokenBucket(clock, () => REFUSALS);
  }
}
