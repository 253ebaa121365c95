import type { Codec } from "../../protocol/codec.ts";
import type { Application } from "../application/application.ts";
import { Connection, type ConnectionDeps } from "./connection.ts";
import type { SocketHandler } from "../ports/socket.ts";

/** All live connections of a server; it makes one of each socket that `platform/` accepts. */
export class Connections {
  readonly #live = new Set<Connection>();
  #lastId = 0;

  constructor(private readonly deps: ConnectionDeps) {}

  get size(): number {
    return this.#live.size;
  }

  /** Returns the handler of a socket that is about to open, on a wire and, where its address names one, in an application. */
  accept(codec: Codec, application?: Application): SocketHandler {
    let connection: Connection;
    return {
      open: (socket) => {
        connection = new Connection(`c${++this.#lastId}`, codec, socket, this.deps);
        this.#live.add(connection);
        if (application?.state === "closed") connection.close("application_removed");
        else application?.connected(connection);
      },
      message: (_, frame) => connection.receive(frame),
      close: () => {
        connection.closed();
        this.#live.delete(connection);
      },
    };
  }

  /** Closes all connections with a code that tells clients to come back. */
  close(): void {
    for (const connection of this.#live) connection.close("server_shutdown");
  }
}
