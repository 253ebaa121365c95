import { createPublicKey, type KeyObject } from "node:crypto";
import type { JwtSettings } from "../../core/auth/auth_settings.ts";

/** Bits of an RSA key: a shorter one is worth nothing, with a longer one verifying takes long. */
const LEAST_BITS = 2048;
const MOST_BITS = 8192;

/** The kind of key that each algorithm is verified with. */
const kinds: Readonly<Record<string, string>> = { RS: "rsa", PS: "rsa", ES: "ec", Ed: "ed25519" };

/** Returns why the public key of an application's settings can't be used; undefined where it can, or there is none. */
export function publicKeyProblem({ publicKey, algorithms }: JwtSettings): string | undefined {
  if (publicKey === undefined) return undefined;
  if (typeof publicKey === "object" && ("d" in publicKey || "k" in publicKey))
    return "it is a secret key, and stands where everybody may read it";
  let key: KeyObject;
  try {
    key = createPublicKey(typeof publicKey === "string" ? publicKey : { key: publicKey, format: "jwk" });
  } catch {
    return "it can't be read as PEM or JWK";
  }
  const { asymmetricKeyType: kind, asymmetricKeyDetails: { modulusLength } = {} } = key;
  const other = algorithms.find((name) => kinds[name.slice(0, 2)] !== kind);
  if (other !== undefined) return `it is one of kind "${kind}", which ${other} is not verified with`;
  if (modulusLength !== undefined && (modulusLength < LEAST_BITS || modulusLength > MOST_BITS))
    return `it has ${modulusLength} bits, and must have ${LEAST_BITS} to ${MOST_BITS}`;
  return undefined;
}
