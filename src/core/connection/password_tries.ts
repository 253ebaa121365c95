import { HotroomError } from "../errors.ts";
import { TokenBucket } from "../limit/token_bucket.ts";
import type { Clock } from "../ports/clock.ts";
import type { Password } from "../room/password.ts";

/** Wrong passwords that one connection may give at once. */
const WRONG_AT_ONCE = 5;
/** How long it takes until it may give one more, ms. */
const TRY_AGAIN_MS = 10_000;

/**
 * The passwords of rooms that one connection tries, whoever is logged in by it (docs/decisions/0012-crowds.md).
 */
export class PasswordTries {
  #wrong: TokenBucket | undefined;
  /** When the connection was opened, or last gave a wrong password; ms of the monotonic clock. */
  #quietSince: number;

  constructor(private readonly clock: Clock) {
    this.#quietSince = clock.monotonic();
  }

  /**
   * Compares what a client gives with a password; `cannot` begins the message of the error. Throws HotroomError:
   * `wrong_password` where it is missing or another one; `rate_limited`, and nothing is compared, where the connection has given
   * too many wrong ones, or where others guess this one and the connection was opened, or gave a wrong one, just now.
   */
  check(password: Password, given: unknown, cannot: string): void {
    const wrong = new HotroomError("wrong_password", `${cannot}: the password is wrong.`);
    // Who doesn't know that there is one guesses nothing.
    if (given === undefined) throw wrong;
    const now = this.clock.monotonic();
    const isQuiet = now - this.#quietSince >= TRY_AGAIN_MS;
    if (this.#wrong?.isEmpty || (password.isBeingGuessed && !isQuiet)) {
      const message = `${cannot}: too many wrong passwords were given; try again in ${TRY_AGAIN_MS / 1000} s.`;
      throw new HotroomError("rate_limited", message);
    }
    if (password.isRight(given)) return;
    this.#quietSince = now;
    const limit = { rate: 1000 / TRY_AGAIN_MS, burst: WRONG_AT_ONCE };
    this.#wrong ??= new TokenBucket(this.clock, limit);
    this.#wrong.take();
    throw wrong;
  }
}
