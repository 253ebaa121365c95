import type { Connection } from "../connection/connection.ts";
import type { RequestQueue } from "../connection/request_queue.ts";
import { TokenBucket } from "../limit/token_bucket.ts";
import type { Clock } from "../ports/clock.ts";
import type { User } from "../user/user.ts";

/** How often one session may be come back to: so often at once, and in a second. What was missed is sent again each time. */
const RESUMES = { burst: 20, rate: 1 };

/** A client's right to come back as a user, and what it has asked for. */
export class Session {
  /** Frames of the client that were taken. */
  received = 0;
  /** Hashes of the secrets that it can be come back to with, the newest last. */
  hashes: readonly string[] = [];
  isOver = false;
  /** How often it may be come back to. */
  readonly resumes: TokenBucket;

  constructor(
    readonly user: User,
    /** Requests that wait for one another, whichever connection they came by. */
    readonly requests: RequestQueue<Connection>,
    clock: Clock,
  ) {
    this.resumes = new TokenBucket(clock, () => RESUMES);
  }
}
