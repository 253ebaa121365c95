import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** How a link breaks: with a FIN, with a RST, or by letting nothing through any more. */
export type Cut = "fin" | "rst" | "silence";

/** A TCP proxy in front of a server, which breaks the links that go through it as networks do. */
export class CuttingProxy implements AsyncDisposable {
  port = 0;
  /** Links that were opened so far. */
  opened = 0;
  /** Whether it lets new links in. */
  isUp = true;
  readonly #server: Server;
  readonly #links = new Set<readonly [Socket, Socket]>();

  private constructor(target: number) {
    this.#server = createServer((client) => {
      if (!this.isUp) return void client.resetAndDestroy();
      this.opened++;
      const server = connect(target, "127.0.0.1");
      const link = [client, server] as const;
      this.#links.add(link);
      for (const [from, to] of [link, [server, client] as const]) {
        from.pipe(to);
        from.on("error", () => to.destroy());
        from.on("close", () => {
          to.destroy();
          this.#links.delete(link);
        });
      }
    });
  }

  static async to(url: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(Number(new URL(url).port));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    proxy.port = (proxy.#server.address() as { port: number }).port;
    return proxy;
  }

  /** An address of the server, by way of the proxy. */
  url(of: string): string {
    const url = new URL(of);
    url.port = String(this.port);
    return url.href;
  }

  /** Breaks all links that there are. */
  cut(how: Cut): void {
    for (const [client, server] of [...this.#links]) {
      if (how === "silence") {
        client.unpipe(server);
        server.unpipe(client);
        client.resume();
        server.resume();
      } else if (how === "fin") client.end();
      else client.resetAndDestroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links) for (const socket of link) socket.destroy();
    this.#server.close();
  }
}
