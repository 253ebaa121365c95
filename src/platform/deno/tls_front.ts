import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Certificate } from "../address/certificate.ts";
import { remoteAddress } from "../platform.ts";
import type { Runtime } from "./runtime.ts";
import { TlsConnection } from "./tls_connection.ts";

declare const Deno: Runtime;

/** What a front is opened with. */
export interface TlsFrontOptions {
  readonly hostname: string;
  readonly port: number;
  readonly certificate: Certificate;
  /** Connections at one time; what is more is closed at once. */
  readonly most: number;
  /** A peer that takes nothing for so long is given up, ms. */
  readonly idleTimeout: number;
}

/**
 * Takes TLS connections and passes their bytes on to a server behind it: a server of Deno keeps the certificate that it began
 * with, one of `node:tls` does not (docs/decisions/0023-certificates.md).
 */
export class TlsFront {
  readonly port: number;
  /** Port of this machine that the bytes go to. */
  to = 0;
  readonly #server: Server;
  readonly #most: number;
  /** Connections by the peer's address and port, since a socket of TLS does not tell which one it came from (seen on Deno 2.9.6). */
  readonly #connections = new Map<string, TlsConnection>();
  /** Addresses of peers by the port that the server behind sees them come from. */
  readonly #peers = new Map<number, string>();
  readonly #sweep: ReturnType<typeof setInterval>;

  /** Listens; rejects where the address can't be had. */
  static async open(options: TlsFrontOptions): Promise<TlsFront> {
    const { hostname, port, certificate } = options;
    const server = createServer({ ...certificate, ALPNProtocols: ["http/1.1"] });
    const listening = once(server, "listening");
    server.listen(port, hostname);
    await listening;
    return new TlsFront(server, options);
  }

  private constructor(server: Server, { most, idleTimeout }: TlsFrontOptions) {
    this.#server = server;
    this.#most = most;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (raw: Socket) => this.#began(raw));
    server.on("secureConnection", (outer) => void this.#shook(outer));
    server.on("tlsClientError", (_, outer) => outer.destroy());
    // Such as for want of descriptors: it goes on.
    server.on("error", () => {});
    // Two sweeps are what a peer has that owes something.
    this.#sweep = setInterval(() => this.#endStuck(), idleTimeout / 2);
  }

  /** Returns the address of the peer that the server behind sees come from a port; undefined where that is somebody else. */
  peerAt(port: number): string | undefined {
    return this.#peers.get(port);
  }

  /** Shows another certificate to who connects from now on. Throws where Deno does not take it. */
  renew(certificate: Certificate): void {
    Deno.createHttpClient(certificate).close();
    this.#server.setSecureContext({ ...certificate });
  }

  /** Takes nothing new; connections stay. */
  close(): void {
    this.#server.close();
  }

  /** Ends every connection at once. */
  cut(): void {
    this.close();
    clearInterval(this.#sweep);
    for (const connection of this.#connections.values()) connection.cut();
  }

  #began(raw: Socket): void {
    const name = nameOf(raw);
    if (this.#connections.size >= this.#most || this.#connections.has(name)) {
      raw.destroy();
      return;
    }
    this.#connections.set(name, new TlsConnection(raw));
    raw.on("close", () => this.#connections.delete(name));
  }

  /** The peer has shaken hands. */
  async #shook(outer: TLSSocket): Promise<void> {
    const connection = this.#connections.get(nameOf(outer));
    if (!connection) {
      outer.destroy();
      return;
    }
    try {
      const port = await connection.pass(outer, this.to);
      this.#peers.set(port, remoteAddress(outer.remoteAddress));
      connection.flow(() => this.#peers.delete(port));
    } catch {
      // There is no descriptor for it, or the peer has gone.
      connection.cut();
    }
  }

  #endStuck(): void {
    for (const connection of this.#connections.values()) if (connection.isStuck()) connection.cut();
  }
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
