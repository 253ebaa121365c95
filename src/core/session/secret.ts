/** Returns the SHA-256 of a text in base64url. */
export type Digest = (text: string) => string;

/** Random bytes of a secret: 192 bits. */
const SECRET_BYTES = 24;

/** Returns a new secret, base64url. */
export function makeSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
