import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** One TLS connection of a client, and the one to the server behind that its bytes go over. */
export class TlsConnection {
  readonly #raw: Socket;
  #outer: TLSSocket | undefined;
  #inner: Socket | undefined;
  /** Bytes of the client's side that the system had taken at the last call of `isStuck`. */
  #takenBefore = -1;

  /** `raw` has the bytes of TLS. */
  constructor(raw: Socket) {
    this.#raw = raw;
    raw.on("error", () => this.cut());
  }

  /** Connects to the server, once the peer has shaken hands; resolves with the port that this comes from, rejects where it can't. */
  async pass(outer: TLSSocket, port: number): Promise<number> {
    this.#outer = outer;
    const inner = connect({ host: "127.0.0.1", port });
    this.#inner = inner;
    for (const socket of [outer, inner]) {
      socket.setNoDelay(true);
      socket.on("error", () => this.cut());
    }
    // What the other side still has to be told it is told first: `pipe` ends it.
    outer.on("close", () => inner.destroy());
    inner.on("close", () => outer.destroySoon());
    await once(inner, "connect");
    return inner.localPort ?? 0;
  }

  /** Passes bytes both ways from now on; `ended` is called when the connection to the server is gone. */
  flow(ended: () => void): void {
    const [outer, inner] = [this.#outer, this.#inner];
    if (!outer || !inner || inner.destroyed) return ended();
    inner.on("close", ended);
    outer.pipe(inner);
    inner.pipe(outer);
  }

  /** Returns true if the peer has done nothing since the last call that it owes: its handshake, or to take what was sent. */
  isStuck(): boolean {
    const outer = this.#outer;
    const taken = outer ? outer.bytesWritten - outer.writableLength : -2;
    const owes = !outer || outer.writableLength > 0;
    const isStuck = owes && taken === this.#takenBefore;
    this.#takenBefore = taken;
    return isStuck;
  }

  /** Ends it at once. */
  cut(): void {
    this.#inner?.destroy();
    this.#outer?.destroy();
    this.#raw.destroy();
  }
}
