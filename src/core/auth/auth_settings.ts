import * as v from "valibot";

/** UTF-16 units of a variable's name. */
const MAX_VARIABLE_UNITS = 128;
/** UTF-16 units of a public key; of an address and other texts of an author. */
const MAX_KEY_UNITS = 16 * 1024;
const MAX_TEXT_UNITS = 1024;
/** Texts that may be given for one claim. */
const MAX_TEXTS = 10;

/** The name of a variable of the server's environment that is not the server's own. */
export const variable = v.pipe(
  v.string(),
  v.maxLength(MAX_VARIABLE_UNITS),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "Invalid name: a variable has letters, digits and _"),
  v.check(
    // A header for the collector of traces is one of those.
    (name) => !/^(?:HOTROOM|OTEL)_/i.test(name),
    "Invalid name: variables HOTROOM_… and OTEL_… are the server's own",
  ),
);

const algorithms = [
  "HS256",
  "HS384",
  "HS512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TEXT_UNITS));
const texts = v.union([text, v.pipe(v.array(text), v.minLength(1), v.maxLength(MAX_TEXTS))]);

/** What a public key that can't be one is told with. */
const keyRule = "Invalid key: it must be a public key as PEM (BEGIN PUBLIC KEY) or JWK";
const publicKey = v.union(
  [
    v.pipe(v.string(), v.maxLength(MAX_KEY_UNITS), v.regex(/^\s*-----BEGIN PUBLIC KEY-----\s/, keyRule)),
    v.pipe(
      v.record(v.string(), v.unknown()),
      v.check((key) => JSON.stringify(key).length <= MAX_KEY_UNITS),
    ),
  ],
  keyRule,
);

const jwks = v.pipe(
  text,
  v.check(
    isKeysAddress,
    "Invalid address: it must begin with https://, or http:// where it is this machine's",
  ),
);

/** How the tokens of logins are verified. */
export const jwtSchema = v.pipe(
  v.strictObject({
    /** Those that a token may be signed with. */
    algorithms: v.pipe(
      v.array(v.picklist(algorithms, `Invalid algorithm: there are ${algorithms.join(", ")}`)),
      v.minLength(1),
      v.maxLength(algorithms.length),
    ),
    /** The variable that has the secret of HS256 and its like. */
    secret: v.optional(v.strictObject({ env: variable })),
    /** The key that the others are verified with, as PEM or JWK. */
    publicKey: v.optional(publicKey),
    /** Where these keys are. */
    jwks: v.optional(jwks),
    /** Who may have made the token, and for whom. */
    issuer: v.optional(texts),
    audience: v.optional(texts),
  }),
  v.check(
    ({ secret, publicKey, jwks }) =>
      [secret, publicKey, jwks].filter((key) => key !== undefined).length === 1,
    "Invalid keys: there must be one of secret, publicKey and jwks",
  ),
  v.check(
    ({ secret, algorithms }) => algorithms.every((name) => name.startsWith("HS") === (secret !== undefined)),
    "Invalid algorithms: HS256 and its like go with a secret, all others with a publicKey or jwks",
  ),
);

/** How it is known who logs in. */
export const authSchema = v.strictObject({ jwt: v.optional(jwtSchema) });

/** How the tokens of logins are verified. */
export type JwtSettings = v.InferOutput<typeof jwtSchema>;

/** Returns true for an address that keys may be asked from: nobody on the way may give others. */
function isKeysAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== "" || password !== "") return false;
  if (protocol === "https:") return true;
  return protocol === "http:" && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
