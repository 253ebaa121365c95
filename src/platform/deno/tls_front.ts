import type { Certificate } from "../address/certificate.ts";
import { remoteAddress } from "../platform.ts";
import type { Runtime, TlsListener } from "./runtime.ts";
import { TlsConnection } from "./tls_connection.ts";

declare const Deno: Runtime;

/** After an accept that failed, as for want of descriptors, and while a port is not free yet, ms. */
const PAUSE_MS = 50;

/** What a front is made with. */
export interface TlsFrontOptions {
  readonly hostname: string;
  readonly port: number;
  readonly certificate: Certificate;
  /** Connections at one time; what is more is closed at once. */
  readonly most: number;
  /** A peer that takes nothing for so long is given up, ms. */
  readonly idleTimeout: number;
  /** Returns the port of this machine that the bytes go to. */
  to(): number;
}

/**
 * Takes TLS connections and passes their bytes on to a server behind it. A server of Deno keeps the certificate that it began with, and
 * can't leave its port without closing its WebSockets, while a listener without one can (docs/decisions/0023-certificates.md).
 */
export class TlsFront {
  readonly port: number;
  readonly #options: TlsFrontOptions;
  readonly #connections = new Set<TlsConnection>();
  /** Addresses of peers by the port that the server behind sees them come from. */
  readonly #peers = new Map<number, string>();
  readonly #sweep: ReturnType<typeof setInterval>;
  #listener: TlsListener | undefined;
  #isClosed = false;

  /** Throws where the address can't be had. */
  constructor(options: TlsFrontOptions) {
    this.#options = options;
    this.port = this.#listen(options.port, options.certificate);
    this.#sweep = setInterval(() => this.#endStuck(), options.idleTimeout / 2);
  }

  /** Returns the address of the peer that the server behind sees come from a port; undefined where that is somebody else. */
  peerAt(port: number): string | undefined {
    return this.#peers.get(port);
  }

  /** Shows another certificate to who connects from now on; resolves when it does, rejects where Deno does not take it. */
  async renew(certificate: Certificate): Promise<void> {
    Deno.createHttpClient(certificate).close();
    this.#leavePort();
    // Deno lets go of the port in one of the next turns.
    while (!this.#isClosed) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      try {
        this.#listen(this.port, certificate);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  /** Takes nothing new; connections stay. */
  close(): void {
    this.#isClosed = true;
    this.#leavePort();
  }

  /** Ends every connection at once. */
  cut(): void {
    this.close();
    clearInterval(this.#sweep);
    for (const connection of this.#connections) connection.cut();
  }

  #leavePort(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.close();
  }

  #listen(port: number, { cert, key }: Certificate): number {
    const { hostname } = this.#options;
    const listener = Deno.listenTls({ hostname, port, cert, key, alpnProtocols: ["http/1.1"] });
    this.#listener = listener;
    void this.#accept(listener);
    return listener.addr.port;
  }

  async #accept(listener: TlsListener): Promise<void> {
    while (this.#listener === listener) {
      try {
        const outer = await listener.accept();
        if (this.#connections.size >= this.#options.most) outer.close();
        else void this.#pass(new TlsConnection(outer));
      } catch {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  async #pass(connection: TlsConnection): Promise<void> {
    const { to } = this.#options;
    this.#connections.add(connection);
    let port: number | undefined;
    try {
      port = await connection.connect(() => Deno.connect({ hostname: "127.0.0.1", port: to() }));
      this.#peers.set(port, remoteAddress(connection.remote));
      await connection.pass();
    } catch {
      // One of both ends is gone, or was never there.
    }
    connection.cut();
    this.#connections.delete(connection);
    if (port !== undefined) this.#peers.delete(port);
  }

  #endStuck(): void {
    for (const connection of this.#connections) if (connection.isStuck()) connection.cut();
  }
}
