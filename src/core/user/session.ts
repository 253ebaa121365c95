/** A user's right to come back: for now the token that names it; it ends with the connection. */
export class Session {
  /** 192 random bits, base64url; a secret of the user. */
  readonly token: string;

  constructor() {
    const bytes = crypto.getRandomValues(new Uint8Array(24));
    this.token = btoa(String.fromCharCode(...bytes))
      .replaceAll("+", "-")
      .replaceAll("/", "_");
  }
}
