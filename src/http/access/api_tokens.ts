import { createHash, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { everything, type Grant, scopes } from "./scope.ts";

/** Bytes that a token file may have, and tokens in it. */
export const MAX_TOKEN_FILE_BYTES = 64 * 1024;
const MAX_TOKENS = 100;
/** Characters of a token in a file. */
const LEAST_CHARACTERS = 16;
const MOST_CHARACTERS = 256;

/** Messages never repeat what stands there: it may be a secret. */
const tokenRule = `it must be text of ${LEAST_CHARACTERS} to ${MOST_CHARACTERS} visible characters, without spaces`;
const scopesRule = `it must be a list of ${scopes.map((scope) => `"${scope}"`).join(", ")}, at least one of them`;

const listSchema = v.pipe(
  v.array(
    v.strictObject(
      {
        token: v.pipe(
          v.string(tokenRule),
          v.regex(/^[!-~]+$/, tokenRule),
          v.minLength(LEAST_CHARACTERS, tokenRule),
          v.maxLength(MOST_CHARACTERS, tokenRule),
        ),
        scopes: v.pipe(v.array(v.picklist(scopes, scopesRule), scopesRule), v.minLength(1, scopesRule)),
      },
      "it must have token and scopes, and nothing else",
    ),
    "it must be a list of objects with token and scopes",
  ),
  v.maxLength(MAX_TOKENS, `it may have ${MAX_TOKENS} tokens`),
);

/** Tokens that are known, by their hashes alone, and what each may do. */
export class ApiTokens {
  readonly #known: readonly { readonly hash: Buffer; readonly grant: Grant }[];

  private constructor(tokens: readonly { readonly token: string; readonly grant: Grant }[]) {
    this.#known = tokens.map(({ token, grant }) => ({ hash: hashOf(token), grant }));
  }

  /** One that may do all; without one there is none. */
  static ofAdmin(token: string | undefined): ApiTokens {
    return new ApiTokens(token === undefined ? [] : [{ token, grant: everything }]);
  }

  /** Reads the text of a token file. Throws an Error that says what is wrong where, and repeats nothing of it. */
  static parse(text: string): ApiTokens {
    let value: unknown;
    try {
      value = JSON.parse(text.replace(/^\ufeff/, ""));
    } catch {
      throw new Error("it is not JSON.");
    }
    const { success, output, issues } = v.safeParse(listSchema, value, { abortEarly: true });
    if (!success) {
      const path = v.getDotPath(issues[0]);
      throw new Error(`${path === null ? "" : `${path}: `}${issues[0].message}.`);
    }
    const again = output.findIndex(({ token }, at) => output.findIndex((each) => each.token === token) < at);
    if (again >= 0) throw new Error(`${again}.token: it stands in the list twice.`);
    return new ApiTokens(
      output.map((each) => ({ token: each.token, grant: { scopes: new Set(each.scopes) } })),
    );
  }

  /** How many there are. */
  get size(): number {
    return this.#known.length;
  }

  /** Returns what a token may do, undefined where none is that; how long it takes tells nothing of those that are known. */
  grantOf(shown: string): Grant | undefined {
    const hash = hashOf(shown);
    let grant: Grant | undefined;
    for (const known of this.#known) if (timingSafeEqual(hash, known.hash)) grant = known.grant;
    return grant;
  }

  /** Returns what the token may do of whose hash `proofOf` makes this proof, undefined where none is that. */
  grantBy(proof: string, proofOf: (hash: Buffer) => string): Grant | undefined {
    const shown = Buffer.from(proof);
    for (const { hash, grant } of this.#known) {
      const made = Buffer.from(proofOf(hash));
      if (made.length === shown.length && timingSafeEqual(made, shown)) return grant;
    }
    return undefined;
  }
}

/** Returns by what a token is known. */
export function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
