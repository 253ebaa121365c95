import { errors, importJWK, importSPKI, type JWK, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { JwtSettings } from "../core/auth/auth_settings.ts";
import { HotroomError, messageOf } from "../core/errors.ts";
import { Pace } from "../core/limit/pace.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Claims, TokenVerifier } from "../core/ports/token_verifier.ts";
import { RemoteKeys } from "./remote_keys.ts";

/** UTF-16 units of a token; a longer one is not looked at. */
const MAX_TOKEN_UNITS = 8192;
/** By so much the clocks of this machine and of who made a token may differ, s. */
const LEEWAY_S = 30;
/** The same trouble with keys is logged again after so long, ms. */
const QUIET_MS = 60_000;

/** Codes of what is wrong with a token, rather than with its keys; with what its client is told. */
const faults: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "it has expired",
  ERR_JWT_CLAIM_VALIDATION_FAILED: "it is not for here",
  ERR_JWT_INVALID: "it is no token",
  ERR_JWS_INVALID: "it is no token",
  ERR_JOSE_ALG_NOT_ALLOWED: "it is signed in a way that is not taken",
  ERR_JOSE_NOT_SUPPORTED: "it is signed in a way that is not taken",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "its signature is wrong",
  ERR_JWKS_NO_MATCHING_KEY: "its key is unknown",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "it does not say which of the keys is its own",
};

/** What a verifier is made with. */
export interface JwtVerifierDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Returns the value of a variable of the environment. */
  variable(name: string): string | undefined;
}

/** Verifies the tokens of logins, for each application by its own settings. */
export class JwtVerifier implements TokenVerifier {
  /** What finds the keys of settings; goes with these. */
  readonly #keys = new WeakMap<JwtSettings, JWTVerifyGetKey>();
  /** Whoever logs in chooses what is to be parsed and verified, so that crowds are spread over turns of the loop. */
  readonly #pace = new Pace(() => performance.now());
  readonly #told = new Map<string, number>();

  constructor(private readonly deps: JwtVerifierDeps) {}

  async verify(application: string, settings: JwtSettings, token: string): Promise<Claims> {
    if (token.length > MAX_TOKEN_UNITS) throw invalid(`it has more than ${MAX_TOKEN_UNITS} characters`);
    await new Promise<void>((resolve) => this.#pace.run(resolve));
    const now = this.deps.clock.now();
    const { algorithms, issuer, audience } = settings;
    try {
      const { payload } = await jwtVerify(token, this.#keysOf(settings), {
        algorithms,
        clockTolerance: LEEWAY_S,
        currentDate: new Date(now),
        ...(issuer !== undefined && { issuer }),
        ...(audience !== undefined && { audience }),
      });
      const text = JSON.stringify(payload);
      return payload.exp === undefined ? { text } : { text, expires: (payload.exp + LEEWAY_S) * 1000 };
    } catch (error) {
      const why = error instanceof errors.JOSEError ? faults[error.code] : undefined;
      if (why !== undefined) throw invalid(why);
      this.#tell(application, messageOf(error));
      throw new HotroomError(
        "application_unavailable",
        "Cannot log in: the keys of tokens can't be had now; come back.",
      );
    }
  }

  #keysOf(settings: JwtSettings): JWTVerifyGetKey {
    let keys = this.#keys.get(settings);
    if (!keys) {
      keys = this.#makeKeys(settings);
      this.#keys.set(settings, keys);
    }
    return keys;
  }

  #makeKeys({ secret, publicKey, jwks }: JwtSettings): JWTVerifyGetKey {
    if (jwks !== undefined) return new RemoteKeys(jwks, this.deps.clock).find;
    if (publicKey !== undefined) return byAlgorithm((name) => importKey(publicKey, name));
    const bytes = new TextEncoder().encode(this.deps.variable(secret?.env ?? "") ?? "");
    return () => {
      // With none everybody could sign.
      if (bytes.length === 0) throw new RangeError(`the variable "${secret?.env}" is not set`);
      return bytes;
    };
  }

  #tell(application: string, why: string): void {
    const now = this.deps.clock.monotonic();
    if (now - (this.#told.get(application) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    this.#told.set(application, now);
    this.deps.log("error", `Cannot verify tokens (auth.jwt): ${why}. Nobody can log in.`, { application });
  }
}

type Key = Awaited<ReturnType<typeof importJWK>>;

function importKey(key: string | Record<string, unknown>, name: string): Promise<Key> {
  return typeof key === "string" ? importSPKI(key.trim(), name) : importJWK(key as JWK, name);
}

/** Returns what finds the key for an algorithm, which `load` is asked for once. */
function byAlgorithm(load: (name: string) => Promise<Key>): JWTVerifyGetKey {
  const loaded = new Map<string, Promise<Key>>();
  return ({ alg = "" }) => {
    // It is one of those that the settings name.
    const key = loaded.get(alg) ?? load(alg);
    loaded.set(alg, key);
    return key;
  };
}

function invalid(why: string): HotroomError {
  return new HotroomError("invalid_token", `Cannot log in: the token is not valid: ${why}.`);
}
