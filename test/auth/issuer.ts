/** Who makes tokens, and serves the keys that they are verified with. */
import { createServer, type RequestListener, type Server } from "node:http";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

export interface Pair {
  readonly jwk: JWK;
  readonly privateKey: CryptoKey;
  readonly alg: string;
}

/** Makes a pair of keys that is called `kid`. */
export async function makePair(alg: string, kid: string): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg }, privateKey, alg };
}

/** Signs claims; `exp` is seconds from now. */
export function sign(
  { jwk, privateKey, alg }: Pair,
  claims: Record<string, unknown>,
  exp = 600,
): Promise<string> {
  const header = { alg, ...(jwk.kid !== undefined && { kid: jwk.kid }) };
  return new SignJWT(claims)
    .setProtectedHeader(header)
    .setExpirationTime(Math.floor(Date.now() / 1000) + exp)
    .sign(privateKey);
}

/** The same with a secret. */
export function signWith(
  secret: string,
  claims: Record<string, unknown>,
  exp = 600,
  alg = "HS256",
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg })
    .setExpirationTime(Math.floor(Date.now() / 1000) + exp)
    .sign(new TextEncoder().encode(secret));
}

/** A server of keys that answers as it is told. */
export class Issuer {
  answer: RequestListener = (_, response) => response.end(JSON.stringify({ keys: this.keys }));
  keys: JWK[] = [];
  asked = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.asked++;
      this.answer(request, response);
    });
  }

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await new Promise<void>((resolve) => issuer.#server.listen(0, "127.0.0.1", resolve));
    return issuer;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/jwks`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
