import type { WireFrame } from "../../protocol/bytes.ts";
import type { Group, Socket } from "../../core/ports/socket.ts";

/** Sockets that get the same frames, each on its own: Deno has no fan-out. */
export class DenoGroup implements Group {
  readonly #sockets = new Set<Socket>();

  add(socket: Socket): void {
    this.#sockets.add(socket);
  }

  delete(socket: Socket): void {
    this.#sockets.delete(socket);
  }

  send(frame: WireFrame, except?: Socket): void {
    for (const socket of this.#sockets) if (socket !== except) socket.send(frame);
  }
}
