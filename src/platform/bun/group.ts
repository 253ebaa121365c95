import type { WireFrame } from "../../protocol/bytes.ts";
import type { Group, Socket } from "../../core/ports/socket.ts";
import { BunSocket, dirtySockets } from "./socket.ts";

/** From so many sockets on a publish costs less than a frame for each. */
const MIN_PUBLISH_SOCKETS = 4;

let count = 0;

/**
 * Sockets that subscribe to one topic of Bun: it makes a frame once, and writes what has gathered for a socket at once. In
 * profiles of the server at 1 × 32 (`bun --cpu-prof`) sending to each took 40 % of the samples, publishing takes 3 %.
 */
export class BunGroup implements Group {
  readonly #topic = `g${++count}`;
  readonly #sockets = new Set<BunSocket>();
  /** What is no socket of Bun and stands between one and its owner; absent while there is none. */
  #others: Set<Socket> | undefined;

  constructor(private readonly publish: (topic: string, frame: WireFrame, except?: BunSocket) => void) {}

  add(socket: Socket): void {
    if (!(socket instanceof BunSocket)) {
      this.#others ??= new Set();
      this.#others.add(socket);
    } else if (socket.enter(this, this.#topic)) this.#sockets.add(socket);
  }

  delete(socket: Socket): void {
    if (!(socket instanceof BunSocket)) {
      this.#others?.delete(socket);
      if (this.#others?.size === 0) this.#others = undefined;
    } else if (this.#sockets.delete(socket)) socket.exit(this, this.#topic);
  }

  send(frame: WireFrame, except?: Socket): void {
    if (this.#others) for (const socket of this.#others) if (socket !== except) socket.send(frame);
    if (this.#sockets.size < MIN_PUBLISH_SOCKETS) {
      for (const socket of this.#sockets) if (socket !== except) socket.send(frame);
      return;
    }
    this.#flush();
    this.publish(this.#topic, frame, except instanceof BunSocket ? except : undefined);
  }

  /**
   * What waits for a member goes before what is published. The shorter list is looked through: a group must not be told of
   * each socket, since one that is in a thousand groups would tell all of them (an event cost twice as much then).
   */
  #flush(): void {
    const dirty = dirtySockets();
    if (dirty.length <= this.#sockets.size) {
      for (const socket of dirty) if (socket.isDirty && this.#sockets.has(socket)) socket.flush();
    } else {
      for (const socket of this.#sockets) if (socket.isDirty) socket.flush();
    }
  }
}
