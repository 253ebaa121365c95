import { Buffer } from "node:buffer";
import type { Group, Socket } from "../../core/ports/socket.ts";
import type { DenoSocket } from "./socket.ts";

/** Sockets that get the same frames; each frame is encoded once. */
export class DenoGroup implements Group {
  readonly #sockets = new Set<DenoSocket>();

  add(socket: Socket): void {
    this.#sockets.add(socket as DenoSocket);
  }

  delete(socket: Socket): void {
    this.#sockets.delete(socket as DenoSocket);
  }

  send(frame: string): void {
    if (this.#sockets.size === 0) return;
    const bytes = Buffer.from(frame);
    for (const socket of this.#sockets) socket.send(bytes);
  }
}
