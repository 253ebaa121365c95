import type { WireFrame } from "../../protocol/bytes.ts";
import type { Codec } from "../../protocol/codec.ts";
import type { Application } from "../application/application.ts";
import { TokenBucket } from "../limit/token_bucket.ts";
import { AllOutboxes } from "./flow/all_outboxes.ts";
import { Connection, type ConnectionDeps } from "./connection.ts";
import type { Peer } from "./peer.ts";
import type { Socket, SocketHandler } from "../ports/socket.ts";

/** Frames over the rate that all connections without a user may send before such a one is closed; so many are forgotten in a second. */
const STRANGERS_REFUSALS = { burst: 5000, rate: 500 };
/** Units of large frames that are read of all connections without a user: at once, and in a second. */
const STRANGERS_UNITS = { burst: 4 * 1024 * 1024, rate: 1024 * 1024 };
/** Secrets of no session that all connections may give without being closed, beside the first of each: at once, and in a second. */
const STRANGERS_GUESSES = { burst: 1000, rate: 100 };
/** Looks within the login deadline. */
const LOOKS = 10;

/** The socket of a connection that has ended. */
const gone: Socket = {
  buffered: 0,
  send: () => {},
  close: () => {},
  terminate: () => {},
  divert: (handler) => handler,
};

/** Who makes a handler's connection, and is told when it has opened and when it has ended. */
interface Owner {
  make(socket: Socket): Connection;
  opened(connection: Connection): void;
  closed(connection: Connection): void;
}

/** Hears one socket for its connection; each frame comes by here, so that there is little to look at. */
class ConnectionHandler implements SocketHandler {
  #connection: Connection | undefined;

  constructor(private readonly owner: Owner) {}

  open(socket: Socket): void {
    this.#connection = this.owner.make(socket);
    this.owner.opened(this.#connection);
  }

  message(_: Socket, frame: WireFrame): void {
    this.#connection?.receive(frame);
  }

  close(_: Socket, code: number): void {
    this.#connection?.closed(code);
    if (this.#connection) this.owner.closed(this.#connection);
  }
}

/** All live connections of a server; it makes one of each socket that `platform/` accepts. */
export class Connections {
  /** With the looks in a row that found it without a user. */
  readonly #live = new Map<Connection, number>();
  #stopLooking: (() => void) | undefined;
  #lastNumber = 0;
  #isRefusing = false;
  readonly #deps: ConnectionDeps;

  constructor(deps: Omit<ConnectionDeps, "strangers" | "outboxes">) {
    const refusals = new TokenBucket(deps.clock, STRANGERS_REFUSALS);
    const units = new TokenBucket(deps.clock, STRANGERS_UNITS);
    const guesses = new TokenBucket(deps.clock, STRANGERS_GUESSES);
    const { clock, log, limits } = deps;
    const outboxes = new AllOutboxes({ clock, log, most: limits.outboxTotal });
    this.#deps = { ...deps, strangers: { refusals, units, guesses }, outboxes };
  }

  get size(): number {
    return this.#live.size;
  }

  /** Returns the handler of a socket that is about to open, on a wire and, where its address names one, in an application. */
  accept(codec: Codec, application?: Application, peer?: Peer): SocketHandler {
    // Not when it opens: by then its client may have connected again.
    const number = ++this.#lastNumber;
    return new ConnectionHandler({
      make: (socket) => new Connection(number, codec, socket, this.#deps, peer),
      opened: (connection) => {
        this.#live.set(connection, 0);
        this.#startLooking();
        if (this.#isRefusing) connection.close("server_shutdown");
        else if (application?.state === "closed") connection.close("application_removed");
        else application?.connected(connection);
      },
      closed: (connection) => this.#forget(connection),
    });
  }

  #forget(connection: Connection): void {
    this.#live.delete(connection);
    if (this.#live.size === 0) this.#endLooking();
  }

  /** Returns a connection that has ended, on a wire, for somebody who was there before the server was. */
  absent(codec: Codec, id: string): Connection {
    const connection = new Connection(Number(id.slice(1)), codec, gone, this.#deps);
    connection.state = "closed";
    return connection;
  }

  /** Closes connections from now on as soon as they open: the server is stopping. */
  refuse(): void {
    this.#isRefusing = true;
  }

  /** Closes all connections with a code that tells clients to come back. */
  close(): void {
    for (const connection of this.#live.keys()) connection.close("server_shutdown");
  }

  #startLooking(): void {
    const { clock, limits } = this.#deps;
    if (limits.loginDeadline === 0) return;
    this.#stopLooking ??= clock.every(limits.loginDeadline / LOOKS, () => this.#look());
  }

  #endLooking(): void {
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }

  /** Closes those that have been without a user for too long. */
  #look(): void {
    for (const [connection, before] of this.#live) {
      const looks = connection.user ? 0 : before + 1;
      this.#live.set(connection, looks);
      if (looks > LOOKS) connection.close("login_timeout");
    }
  }
}
