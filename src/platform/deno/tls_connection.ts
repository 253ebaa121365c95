import type { Connection, TlsSocket } from "./runtime.ts";

/** Bytes that are read of a client at once, and of the server: a TLS record has at most the latter. */
const UP_BYTES = 4 * 1024;
const DOWN_BYTES = 16 * 1024;

/** One TLS connection of a client, and the one to the server behind that its bytes go over. */
export class TlsConnection {
  /** The peer's address, as Deno writes it. */
  readonly remote: string;
  readonly #outer: TlsSocket;
  #inner: Connection | undefined;
  #isCut = false;
  /** What it waits for now that the peer must do, by a number that never comes again; 0 for nothing. */
  #owed = 1;
  #count = 1;
  #owedBefore = 0;

  constructor(outer: TlsSocket) {
    this.#outer = outer;
    this.remote = outer.remoteAddr.hostname;
  }

  /** Waits for the peer's handshake, then connects to the server; resolves with the port that this comes from. */
  async connect(open: () => Promise<Connection>): Promise<number> {
    await this.#outer.handshake();
    this.#owed = 0;
    const inner = await open();
    this.#inner = inner;
    if (this.#isCut) inner.close();
    return inner.localAddr.port;
  }

  /** Passes bytes both ways; resolves when the server has ended it, rejects when it breaks. */
  async pass(): Promise<void> {
    const [outer, inner] = [this.#outer, this.#inner];
    if (!inner) return;
    this.#up(outer, inner).catch(() => this.cut());
    await this.#down(inner, outer);
  }

  /** Returns true if the peer owes the same as at the last call: its handshake, or to take what was sent. */
  isStuck(): boolean {
    const stuck = this.#owed !== 0 && this.#owed === this.#owedBefore;
    this.#owedBefore = this.#owed;
    return stuck;
  }

  /** Ends it at once. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#outer.close();
    this.#inner?.close();
  }

  async #up(outer: Connection, inner: Connection): Promise<void> {
    const buffer = new Uint8Array(UP_BYTES);
    for (let count = await outer.read(buffer); count !== null; count = await outer.read(buffer))
      await writeAll(inner, buffer.subarray(0, count));
    await inner.closeWrite();
  }

  async #down(inner: Connection, outer: Connection): Promise<void> {
    const buffer = new Uint8Array(DOWN_BYTES);
    for (let count = await inner.read(buffer); count !== null; count = await inner.read(buffer)) {
      this.#owed = ++this.#count;
      await writeAll(outer, buffer.subarray(0, count));
      this.#owed = 0;
    }
    this.#owed = ++this.#count;
    await outer.closeWrite();
  }
}

async function writeAll(to: Connection, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += await to.write(bytes.subarray(at));
}
