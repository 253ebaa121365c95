import { createRemoteJWKSet, customFetch, type FetchImplementation, type JWTVerifyGetKey } from "jose";
import { messageOf } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import { get } from "../fetch/get.ts";
import { isObject } from "../protocol/json_object.ts";

/** Keys are good for so long, and are asked for again because of one that is not among them after so long, ms. */
const KEPT_MS = 10 * 60_000;
const UNKNOWN_MS = 60_000;
/** After keys could not be had they are asked for again after so long, ms. */
const FAILED_MS = 5000;
/** How long an answer may take, ms; its UTF-16 units, its keys, and UTF-16 units of one of them. */
const ANSWER_MS = 5000;
const MAX_UNITS = 256 * 1024;
const MAX_KEYS = 100;
const MAX_KEY_UNITS = 16 * 1024;
/** UTF-16 units of an RSA key's modulus, 8192 bits; and of its exponent: others take long to verify with. */
const MAX_MODULUS_UNITS = 1366;
const MAX_EXPONENT_UNITS = 8;

/** The keys that are at an address, which may send anything. */
export class RemoteKeys {
  /** Finds the key of a token. Rejects with an error of jose, or one that says why the keys can't be had. */
  readonly find: JWTVerifyGetKey;
  #askedAt = Number.NEGATIVE_INFINITY;
  #hadAt = Number.NEGATIVE_INFINITY;
  /** Why the keys could not be had when they were last asked for. */
  #failure: Error | undefined;

  constructor(
    private readonly address: string,
    private readonly clock: Pick<Clock, "monotonic">,
  ) {
    this.find = createRemoteJWKSet(new URL(address), {
      timeoutDuration: ANSWER_MS,
      cacheMaxAge: KEPT_MS,
      cooldownDuration: UNKNOWN_MS,
      [customFetch]: (address, options) => this.#fetch(address, options),
    });
  }

  async #fetch(...[address, options]: Parameters<FetchImplementation>): Promise<Response> {
    const now = this.clock.monotonic();
    const pause = now - this.#hadAt < KEPT_MS ? UNKNOWN_MS : FAILED_MS;
    if (this.#failure && now - this.#askedAt < pause) throw this.#failure;
    this.#askedAt = now;
    try {
      const keys = await this.#ask(address, options);
      this.#failure = undefined;
      this.#hadAt = now;
      return Response.json({ keys });
    } catch (error) {
      this.#failure = new Error(`the keys at ${this.address} can't be had: ${messageOf(error)}`);
      throw this.#failure;
    }
  }

  async #ask(...[address, options]: Parameters<FetchImplementation>): Promise<unknown[]> {
    // Not by the runtime's fetch, which decodes without a bound, and on Bun looks names up where files are read.
    const { status, text } = await within(
      options.signal,
      get(new URL(address), options.headers, options.signal),
    );
    if (status !== 200) throw new RangeError(`the answer has status ${status}`);
    if (text.length > MAX_UNITS) throw new RangeError(`the answer has more than ${MAX_UNITS} characters`);
    const answer: unknown = JSON.parse(text);
    if (!isObject(answer) || !Array.isArray(answer.keys)) throw new RangeError("the answer has no keys");
    if (answer.keys.length > MAX_KEYS) throw new RangeError(`there are more than ${MAX_KEYS}`);
    return answer.keys.filter(isUsable);
  }
}

/** Returns true for a key that may be verified with: a public one of usual size. */
function isUsable(key: unknown): boolean {
  if (!isObject(key) || key.kty === "oct") return false;
  if (Object.values(key).some((value) => String(value).length > MAX_KEY_UNITS)) return false;
  const { n = "", e = "" } = key;
  return String(n).length <= MAX_MODULUS_UNITS && String(e).length <= MAX_EXPONENT_UNITS;
}

/** Resolves as a promise does, or rejects as soon as the signal comes: a name may be looked up for longer than that. */
function within<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
