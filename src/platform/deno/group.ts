import type { Group, Socket } from "../../core/ports/socket.ts";

/** A group for runtimes without a fan-out of their own: a frame for each socket. */
export class LoopGroup implements Group {
  readonly #sockets = new Set<Socket>();

  add(socket: Socket): void {
    this.#sockets.add(socket);
  }

  delete(socket: Socket): void {
    this.#sockets.delete(socket);
  }

  send(frame: string): void {
    for (const socket of this.#sockets) socket.send(frame);
  }
}
