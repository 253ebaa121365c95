import type { Application } from "../application/application.ts";
import type { Connection } from "../connection/connection.ts";
import { BadNetwork, type Trouble, type TroubleView } from "../connection/trouble/bad_network.ts";
import { Budget } from "../limit/budget.ts";
import { messageOf } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Socket } from "../ports/socket.ts";
import { audiencesOf } from "../user/presence.ts";

/** What troubles are made with. */
export interface TroubleDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** A connection that is frozen for longer is lost, ms. */
  readonly idleTimeout: number;
  /** Bytes that may wait of one client. */
  readonly inbox: number;
}

/** Bytes that may wait of all clients that are in trouble. */
const MOST_INBOXES_BYTES = 64 * 1024 * 1024;

/** The bad networks that connections are on: who is on none costs nothing, since its socket is what it was. */
export class ConnectionTroubles {
  readonly #networks = new WeakMap<Connection, BadNetwork>();
  readonly #inboxes = new Budget(() => MOST_INBOXES_BYTES);

  constructor(private readonly deps: TroubleDeps) {}

  /** Returns the trouble that a connection is in; undefined where it is in none. */
  viewOf(connection: Connection): TroubleView | undefined {
    return this.#networks.get(connection)?.view;
  }

  /** Makes a connection's network as bad as is asked for, or what it was. */
  set(application: Application, connection: Connection, trouble: Trouble): void {
    const found = this.#networks.get(connection);
    if (found || trouble.delay || trouble.freeze)
      (found ?? this.#begin(application, connection)).set(trouble);
  }

  #begin({ name: application }: Application, connection: Connection): BadNetwork {
    const { log, ...deps } = this.deps;
    const { socket, id } = connection;
    const network = new BadNetwork(socket, {
      ...deps,
      inboxes: this.#inboxes,
      onError: (error) => log("error", `Cannot finish message: ${messageOf(error)}`, { application }),
      onLost: (reason) => log("info", `Connection ${id} is lost: ${reason}.`, { application }),
      onOver: () => {
        this.#networks.delete(connection);
        putOn(connection, socket);
        log("info", `The trouble of connection ${id} is over.`, { application });
      },
    });
    this.#networks.set(connection, network);
    putOn(connection, network);
    return network;
  }
}

/** Has all that a connection is sent go over another socket, also what it gets with others. */
function putOn(connection: Connection, socket: Socket): void {
  const { socket: before, user, application } = connection;
  connection.socket = socket;
  if (!application || user?.connection !== connection || !user.isLive) return;
  for (const audience of audiencesOf(application, user)) audience.reroute(user, before, socket);
}
