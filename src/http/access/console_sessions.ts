import { createHash, createHmac, randomBytes } from "node:crypto";
import { timingSafeEqual } from "hono/utils/buffer";
import { TokenBucket } from "../../core/limit/token_bucket.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { TokenSource } from "./access.ts";
import { hashOf } from "./api_tokens.ts";
import { KEY_HEADER } from "./key_header.ts";
import { everything, type Grant } from "./scope.ts";

/** A browser in which the console was opened by its secret. */
export interface ConsoleSession {
  /** What the console's page alone has, and shows with each request to the API. */
  readonly key: string;
  /** Resolves with what it may do; undefined once the token holds no more that it was opened with. */
  grant(): Promise<Grant | undefined>;
}

/** What is known of one, which its cookie alone makes whole. */
interface Known {
  /** What it was opened by: the secret, or what tells its token to who has the cookie. */
  readonly by: string;
  /** When it ends unless it is used, ms since the epoch. */
  until: number;
}

/** A session as it is kept: who reads that can open nothing with it. */
export interface KeptSession extends Readonly<Known> {
  /** SHA-256 of its cookie, base64url. */
  readonly hash: string;
}

/** Where sessions outlive the server. */
export interface SessionKeeper {
  /** Those that were kept when the server started. */
  readonly found: readonly KeptSession[];
  /** Keeps these and no others. */
  save(sessions: readonly KeptSession[]): void;
}

/** Begins the names of the console's cookies; the port follows, since cookies of one machine know no ports. */
export const COOKIE = "hotroom_console";

/** How long a session lasts that nobody uses, ms. */
export const SESSION_MS = 7 * 24 * 3600 * 1000;
/** Sessions that are kept; who opens one more ends the one that was used longest ago. */
export const MOST_SESSIONS = 100;
/** By so much a session's end has moved before that is kept anew, ms. */
const KEEP_MS = 3600 * 1000;
/** Wrong secrets that one address may show at once, and after how long one more, ms. */
const WRONG_AT_ONCE = 10;
const TRY_AGAIN_MS = 5_000;
/** Addresses whose tries are counted; the one that tried first is forgotten for one more. */
const MOST_ADDRESSES = 1_000;
/** Characters of a secret that are looked at. */
const MOST_SECRET_LENGTH = 1_024;
/** Stand where a session was opened by the server's own secret: while there was no admin token, and beside one. */
const BY_SECRET = "secret";
const BY_GUARDED_SECRET = "secret beside an admin token";

/** What became of a try to open the console. */
export type Opening = { readonly cookie: string } | "wrong" | "too_many";

/**
 * Who may use the console. Pages of applications have the console's origin, and so send its cookie, too: that alone opens
 * nothing (docs/decisions/0025-console.md).
 */
export class ConsoleSessions {
  /** By the hash of the cookie. */
  readonly #sessions = new Map<string, Known>();
  readonly #tries = new Map<string, TokenBucket>();
  readonly #bySecret: string;
  #keptAt = 0;

  /**
   * The tokens of `sources` open it, too, for what they may do. Without `keeper` a restart ends all sessions; with `isGuarded`, where an admin
   * token is to keep others out, it ends those that a secret has opened while there was none.
   */
  constructor(
    private readonly clock: Clock,
    private readonly secret: string,
    private readonly sources: readonly TokenSource[] = [],
    private readonly keeper?: SessionKeeper,
    isGuarded = false,
  ) {
    this.#bySecret = isGuarded ? BY_GUARDED_SECRET : BY_SECRET;
    const latest = clock.now() + SESSION_MS;
    for (const { hash, by, until } of keeper?.found ?? [])
      this.#sessions.set(hash, { by, until: Math.min(until, latest) });
    this.#keptAt = clock.now();
  }

  /**
   * Begins a session for who shows the secret or a token, and resolves with the value of its cookie. A browser that has one by the same
   * goes on with it: the tabs that are open have its key.
   */
  async open(shown: string, address: string, headers = new Headers()): Promise<Opening> {
    const tries = this.#triesOf(address);
    // Before it is known whether it is wrong: of many that come together each counts.
    if (!tries.take()) return "too_many";
    const before = this.find(headers) && this.#cookieOf(headers);
    const cookie = randomText();
    const by = await this.#wayOf(shown, cookie);
    if (by === undefined) return "wrong";
    tries.spend(-1);
    if (before !== undefined && (await this.#isBy(shown, before))) return { cookie: before };
    this.#renew(cookieHash(cookie), { by, until: 0 });
    this.#save();
    return { cookie };
  }

  /** Returns the session whose cookie a request brings; undefined where there is none. */
  find(headers: Headers): ConsoleSession | undefined {
    const cookie = this.#cookieOf(headers);
    if (cookie === undefined) return undefined;
    const hash = cookieHash(cookie);
    const known = this.#sessions.get(hash);
    if (!known) return undefined;
    this.#sessions.delete(hash);
    if (known.until <= this.clock.now()) return undefined;
    this.#renew(hash, known);
    if (this.clock.now() - this.#keptAt >= KEEP_MS) this.#save();
    return { key: keyOf(cookie), grant: () => this.#grantBy(known.by, cookie) };
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
    const cookie = this.#cookieOf(headers);
    if (cookie !== undefined && this.#sessions.delete(cookieHash(cookie))) this.#save();
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
    const known = values.filter((value) => this.#sessions.has(cookieHash(value)));
    return known.find((value) => keyOf(value) === key) ?? known[0];
  }

  /** Resolves with what a session is opened by that shows this; undefined where it opens nothing. */
  async #wayOf(shown: string, cookie: string): Promise<string | undefined> {
    if (shown.length > MOST_SECRET_LENGTH) return undefined;
    if (await timingSafeEqual(shown, this.secret)) return this.#bySecret;
    const by = proofOf(hashOf(shown), cookie);
    return (await this.#grantBy(by, cookie)) && by;
  }

  /** Resolves with whether the session of a cookie was opened by what is shown. */
  async #isBy(shown: string, cookie: string): Promise<boolean> {
    const known = this.#sessions.get(cookieHash(cookie));
    return known !== undefined && known.by === (await this.#wayOf(shown, cookie));
  }

  /** Resolves with what a session may do now that was opened by that. */
  async #grantBy(by: string, cookie: string): Promise<Grant | undefined> {
    if (by === this.#bySecret) return everything;
    for (const source of this.sources) {
      const grant = (await source.current()).grantBy(by, (hash) => proofOf(hash, cookie));
      if (grant) return grant;
    }
    return undefined;
  }

  /** Keeps a session as the one that was used last. */
  #renew(hash: string, session: Known): void {
    session.until = this.clock.now() + SESSION_MS;
    this.#sessions.set(hash, session);
    forgetFirst(this.#sessions, MOST_SESSIONS);
  }

  #save(): void {
    this.#keptAt = this.clock.now();
    this.keeper?.save([...this.#sessions].map(([hash, { by, until }]) => ({ hash, by, until })));
  }

  #triesOf(address: string): TokenBucket {
    const limit = { rate: 1000 / TRY_AGAIN_MS, burst: WRONG_AT_ONCE };
    const tries = this.#tries.get(address) ?? new TokenBucket(this.clock, limit);
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

/** Returns by what a session is known: of the hash nobody makes its cookie. */
function cookieHash(cookie: string): string {
  return createHash("sha256").update(cookie).digest("base64url");
}

/**
 * Returns the key of a session's page. It follows from the cookie, which no page sees, so that a server that has started again knows it
 * without having kept it.
 */
function keyOf(cookie: string): string {
  return createHmac("sha256", cookie).update("the key of the console's page").digest("base64url");
}

/** Returns what tells which token opened a session, to who has the cookie and to nobody else. */
function proofOf(tokenHash: Buffer, cookie: string): string {
  return createHmac("sha256", cookie).update(tokenHash).digest("base64url");
}

function forgetFirst(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  const [first] = map.keys();
  if (first !== undefined) map.delete(first);
}
