import type { Socket as TcpSocket } from "node:net";
import type { Admission } from "../admission.ts";
import { remoteAddress } from "../platform.ts";

/** How long a connection that is one too many may take to ask for something and hear so, ms. */
const REFUSAL_MS = 1_000;
/** So many connections may be about to hear so; the others are cut at once. */
const MOST_REFUSED = 32;

/** The TCP connections of a listener, from when they are taken on. Where there are too many, the silent ones make room. */
export class TcpConnections {
  readonly #admission: Admission;
  /** Called when there is no room for another one. */
  readonly #onFull: () => void;
  /** Connections that have not asked for anything yet, the oldest first; each with what ends it. */
  readonly #silent = new Map<TcpSocket, () => void>();
  readonly #refused = new Map<TcpSocket, string>();

  constructor(admission: Admission, onFull: () => void) {
    this.#admission = admission;
    this.#onFull = onFull;
  }

  /** Takes a new connection. */
  take(tcp: TcpSocket): void {
    const remote = remoteAddress(tcp.remoteAddress);
    if (this.#admission.isFull) {
      this.#onFull();
      this.cutSilent(1);
    }
    const refused = this.#admission.enter(remote);
    if (refused === undefined) this.#keep(tcp, remote);
    else this.#refuse(tcp, refused);
  }

  /** A request of a connection has come; returns why it is not answered if the connection is one too many. */
  asked(tcp: TcpSocket): string | undefined {
    this.#silent.delete(tcp);
    return this.#refused.get(tcp);
  }

  /** Ends `count` connections that have asked for nothing, or as many as there are, the oldest first. */
  cutSilent(count = Math.ceil(this.#silent.size / 4)): void {
    for (const end of this.#silent.values()) {
      if (count-- <= 0) return;
      end();
    }
  }

  #keep(tcp: TcpSocket, remote: string): void {
    let isIn = true;
    const leave = () => {
      if (isIn) this.#admission.leave(remote);
      isIn = false;
      this.#silent.delete(tcp);
    };
    tcp.once("close", leave);
    this.#silent.set(tcp, () => {
      // Its close comes later than whom it makes room for.
      leave();
      tcp.destroy();
    });
  }

  #refuse(tcp: TcpSocket, why: string): void {
    if (this.#refused.size >= MOST_REFUSED) {
      tcp.destroy();
      return;
    }
    this.#refused.set(tcp, why);
    const late = setTimeout(() => tcp.destroy(), REFUSAL_MS);
    tcp.once("close", () => {
      clearTimeout(late);
      this.#refused.delete(tcp);
    });
  }
}
