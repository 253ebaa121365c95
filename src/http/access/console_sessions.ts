import { randomBytes } from "node:crypto";
import { timingSafeEqual } from "hono/utils/buffer";
import { TokenBucket } from "../../core/limit/token_bucket.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { TokenSource } from "./access.ts";
import { KEY_HEADER } from "./key_header.ts";
import { everything, type Grant } from "./scope.ts";

/** A browser in which the console was opened by its secret. */
export interface ConsoleSession {
  /** What the console's page alone has, and shows with each request to the API. */
  readonly key: string;
  /** Resolves with what it may do; undefined once the token holds no more that it was opened with. */
  grant(): Promise<Grant | undefined>;
  /** When it ends unless it is used, ms of the monotonic clock. */
  until: number;
}

/** Begins the names of the console's cookies; the port follows, since cookies of one machine know no ports. */
export const COOKIE = "hotroom_console";

/** How long a session lasts that nobody uses, ms. */
const SESSION_MS = 7 * 24 * 3600 * 1000;
/** Sessions that are kept; who opens one more ends the one that was used longest ago. */
const MOST_SESSIONS = 100;
/** Wrong secrets that one address may show at once, and after how long one more, ms. */
const WRONG_AT_ONCE = 10;
const TRY_AGAIN_MS = 5_000;
/** Addresses whose tries are counted; the one that tried first is forgotten for one more. */
const MOST_ADDRESSES = 1_000;
/** Characters of a secret that are looked at. */
const MOST_SECRET_LENGTH = 1_024;

/** What became of a try to open the console. */
export type Opening = { readonly cookie: string } | "wrong" | "too_many";

/**
 * Who may use the console. Pages of applications have the console's origin, and so send its cookie, too: that alone opens
 * nothing (docs/decisions/0025-console.md).
 */
export class ConsoleSessions {
  readonly #sessions = new Map<string, ConsoleSession>();
  readonly #tries = new Map<string, TokenBucket>();

  /** The tokens of `sources` open it, too, for what they may do. */
  constructor(
    private readonly clock: Clock,
    private readonly secret: string,
    private readonly sources: readonly TokenSource[] = [],
  ) {}

  /** Begins a session for who shows the secret or a token, and resolves with the value of its cookie. */
  async open(shown: string, address: string): Promise<Opening> {
    const tries = this.#triesOf(address);
    // Before it is known whether it is wrong: of many that come together each counts.
    if (!tries.take()) return "too_many";
    const grant = () => this.#grantOf(shown);
    if (!(await grant())) return "wrong";
    tries.spend(-1);
    const cookie = randomText();
    this.#keep(cookie, { key: randomText(), grant, until: 0 });
    return { cookie };
  }

  /** Returns the session whose cookie a request brings; undefined where there is none. */
  find(headers: Headers): ConsoleSession | undefined {
    const value = this.#cookieOf(headers);
    const session = value === undefined ? undefined : this.#sessions.get(value);
    if (value === undefined || !session) return undefined;
    this.#sessions.delete(value);
    if (session.until <= this.clock.monotonic()) return undefined;
    this.#keep(value, session);
    return session;
  }

  /** Resolves with what a request of the console's page may do, which brings the cookie and shows the key; undefined for others. */
  async grantOf(headers: Headers): Promise<Grant | undefined> {
    const key = headers.get(KEY_HEADER);
    const session = key === null ? undefined : this.find(headers);
    if (!session || key === null || !(await timingSafeEqual(key, session.key))) return undefined;
    return session.grant();
  }

  /** Ends the session whose cookie a request brings. */
  close(headers: Headers): void {
    const value = this.#cookieOf(headers);
    if (value !== undefined) this.#sessions.delete(value);
  }

  /**
   * Returns the value of the cookie that a session is known by. There may be others of its name: a page of this origin can set one for a
   * longer path, or without a name, and browsers send what stands first by rules of their own.
   */
  #cookieOf(headers: Headers): string | undefined {
    const name = `${cookieName(headers.get("host") ?? "")}=`;
    const values = (headers.get("cookie") ?? "").split(";").flatMap((pair) => {
      const text = pair.trim();
      return text.startsWith(name) ? [text.slice(name.length)] : [];
    });
    const key = headers.get(KEY_HEADER);
    const known = values.filter((value) => this.#sessions.has(value));
    return known.find((value) => this.#sessions.get(value)?.key === key) ?? known[0];
  }

  async #grantOf(shown: string): Promise<Grant | undefined> {
    if (shown.length > MOST_SECRET_LENGTH) return undefined;
    if (await timingSafeEqual(shown, this.secret)) return everything;
    for (const source of this.sources) {
      const grant = (await source.current()).grantOf(shown);
      if (grant) return grant;
    }
    return undefined;
  }

  /** Keeps a session as the one that was used last. */
  #keep(cookie: string, session: ConsoleSession): void {
    session.until = this.clock.monotonic() + SESSION_MS;
    this.#sessions.set(cookie, session);
    forgetFirst(this.#sessions, MOST_SESSIONS);
  }

  #triesOf(address: string): TokenBucket {
    const limit = { rate: 1000 / TRY_AGAIN_MS, burst: WRONG_AT_ONCE };
    const tries = this.#tries.get(address) ?? new TokenBucket(this.clock, () => limit);
    this.#tries.set(address, tries);
    forgetFirst(this.#tries, MOST_ADDRESSES);
    return tries;
  }
}

/** Returns the name of the console's cookie at an address, which is `host` as a Host header has it. */
export function cookieName(host: string): string {
  return `${COOKIE}_${/:(\d{1,5})$/.exec(host)?.[1] ?? "0"}`;
}

/** Returns a text that nobody guesses. */
export function randomText(): string {
  return randomBytes(24).toString("base64url");
}

function forgetFirst(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  const [first] = map.keys();
  if (first !== undefined) map.delete(first);
}
