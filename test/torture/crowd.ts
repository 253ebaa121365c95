/** Many TCP connections that are no clients. */
import { connect, type Socket } from "node:net";

/** Connections that are open, or were. */
export class Crowd {
  readonly #sockets: Socket[] = [];

  constructor(readonly port: number) {}

  /** Opens `count` connections, each with a first `text` where one is given; resolves when each is open or refused. */
  async open(count: number, text?: string | Uint8Array): Promise<void> {
    const opening = Array.from({ length: count }, () => {
      const socket = connect({ port: this.port, host: "127.0.0.1" });
      this.#sockets.push(socket);
      socket.on("error", () => {});
      socket.resume();
      return new Promise<void>((resolve) => {
        socket.once("close", () => resolve());
        socket.once("connect", () => {
          if (text !== undefined) socket.write(text);
          resolve();
        });
      });
    });
    await Promise.all(opening);
  }

  /** Those that have not ended. */
  get size(): number {
    return this.#sockets.filter(({ closed }) => !closed).length;
  }

  /** Ends them all. */
  leave(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy();
  }
}
