import type { Socket, SocketHandler } from "../core/ports/socket.ts";
import { FAILED } from "./closing.ts";
import type { ListenOptions } from "./platform.ts";

/**
 * Calls one SocketHandler as its contract says, whatever order a runtime's own events come in: `open` first,
 * nothing after `close`, `close` exactly once and never from inside a call of Socket. What it throws is reported.
 */
export class SocketEvents {
  #over = false;

  constructor(
    private readonly handler: SocketHandler,
    private readonly onError: ListenOptions["onError"],
  ) {}

  /** Whether `close` has been called or is about to be. */
  get over(): boolean {
    return this.#over;
  }

  /** A handler that can't open has no use for the connection: it is closed with 1011. */
  open(socket: Socket): void {
    try {
      this.handler.open(socket);
    } catch (error) {
      this.onError(error, "open");
      socket.close(FAILED, "");
    }
  }

  message(socket: Socket, frame: string | Uint8Array): void {
    if (this.#over) return;
    try {
      this.handler.message(socket, frame);
    } catch (error) {
      this.onError(error, "message");
    }
  }

  /** The first call counts; Bun reports a close from inside `ws.close()`, Deno up to twice. */
  close(socket: Socket, code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    queueMicrotask(() => {
      try {
        this.handler.close(socket, code, reason);
      } catch (error) {
        this.onError(error, "close");
      }
    });
  }
}
