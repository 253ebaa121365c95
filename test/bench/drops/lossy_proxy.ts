import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Random } from "../../torture/random.ts";
import type { End } from "./talker.ts";

/** How long the server's end of a link stays that has gone silent, ms. */
const DEAD_MS = 60_000;
/** One of so many links that a client comes back by is lost at once, within so many ms: the reply may be, too. */
const LOST_SOON = { of: 8, within: 20 };
/** Bytes of a head in which its first line must end. */
const MOST_HEAD = 4_096;

const ends: readonly End[] = ["fin", "rst", "silence"];

/** A proxy in front of a server, which loses the links of single clients: those whose path ends in `?client=<name>`. */
export class LossyProxy implements AsyncDisposable {
  readonly #server: Server;
  /** By client: what loses its newest link, and until when it gets no other, ms of the monotonic clock. */
  readonly #links = new Map<string, (end: End) => void>();
  readonly #awayUntil = new Map<string, number>();
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly target: number,
    private readonly random: Random,
  ) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#keep(socket);
      socket.once("data", (head) => this.#begin(socket, Buffer.from(head)));
    });
  }

  /** Listens in front of a port. */
  static async before(target: number, random: Random): Promise<LossyProxy> {
    const proxy = new LossyProxy(target, random);
    // On all addresses of this machine: a browser waits with a socket to one that another of its sockets connects to.
    proxy.#server.listen(0, "0.0.0.0", 1_024);
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Loses the link of a client, and lets it have no other for so long, ms. */
  lose(client: string, end: End, ms: number): void {
    this.#awayUntil.set(client, performance.now() + ms);
    this.#links.get(client)?.(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #begin(client: Socket, head: Buffer): void {
    const name = decodeURIComponent(
      /^GET \S*[?&]client=([^ &]+)/.exec(head.toString("latin1", 0, MOST_HEAD))?.[1] ?? "",
    );
    if (performance.now() < (this.#awayUntil.get(name) ?? 0)) return void client.resetAndDestroy();
    const server = connect({ port: this.target, host: "127.0.0.1", noDelay: true });
    this.#keep(server);
    server.write(head);
    let isLost = false;
    for (const [from, to] of [[client, server] as const, [server, client] as const]) {
      from.pipe(to);
      from.on("close", () => {
        if (!isLost) to.destroy();
      });
    }
    const lose = (end: End) => {
      if (isLost) return;
      isLost = true;
      if (end === "silence") return fallSilent(client, server);
      for (const socket of [client, server]) {
        if (end === "fin") socket.end();
        else socket.resetAndDestroy();
      }
    };
    if (this.#links.has(name) && this.random.below(LOST_SOON.of) === 0)
      setTimeout(() => lose(this.random.pick(ends)), this.random.below(LOST_SOON.within));
    this.#links.set(name, lose);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

/** Neither end hears of the other from now on, nor that it has ended. */
function fallSilent(client: Socket, server: Socket): void {
  client.unpipe(server);
  server.unpipe(client);
  client.resume();
  server.resume();
  setTimeout(() => server.destroy(), DEAD_MS).unref();
}
