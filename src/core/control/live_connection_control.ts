import type { Application } from "../application/application.ts";
import type { Applications } from "../application/applications.ts";
import type { Connection } from "../connection/connection.ts";
import type { Trouble } from "../connection/trouble/bad_network.ts";
import { HotroomError } from "../errors.ts";
import type { Log } from "../ports/log.ts";
import type { ConnectionControl, ConnectionView } from "./connection_control.ts";
import { runningOf } from "./live_room_control.ts";
import { ConnectionTroubles, type TroubleDeps } from "./connection_troubles.ts";
import { keyOfNumber, pageOf, type PageRequest } from "./page.ts";

/** Shows the live connections, loses them and makes their networks bad. */
export class LiveConnectionControl implements ConnectionControl {
  readonly #log: Log;
  readonly #troubles: ConnectionTroubles;

  constructor(
    private readonly applications: Applications,
    deps: TroubleDeps,
  ) {
    this.#log = deps.log;
    this.#troubles = new ConnectionTroubles(deps);
  }

  connections(name: string, page: PageRequest) {
    const application = runningOf(this.applications, name, "list the connections of");
    const { items, ...rest } = pageOf(connectionsOf(application), keyOf, page);
    return { ...rest, items: items.map((connection) => this.#view(application, connection)) };
  }

  drop(name: string, id: string): ConnectionView {
    const { application, connection } = this.#found(name, id, "drop");
    const view = this.#view(application, connection);
    this.#log("info", `An admin drops connection ${id}.`, { application: name });
    connection.drop();
    return view;
  }

  trouble(name: string, id: string, trouble: Trouble): ConnectionView {
    const { application, connection } = this.#found(name, id, "trouble");
    this.#log("info", `An admin ${doingOf(trouble)} connection ${id}.`, { application: name });
    this.#troubles.set(application, connection, trouble);
    return this.#view(application, connection);
  }

  #found(name: string, id: string, doing: string) {
    const application = runningOf(this.applications, name, `${doing} a connection of`);
    const connection = application.connections.values().find((each) => each.id === id);
    if (connection) return { application, connection };
    const message = `Cannot ${doing} connection ${JSON.stringify(id)}: there is no such connection.`;
    throw new HotroomError("connection_not_found", message);
  }

  #view(application: Application, connection: Connection): ConnectionView {
    const trouble = this.#troubles.viewOf(connection);
    return { ...connectionView(application, connection), ...(trouble && { trouble }) };
  }
}

/** Those that are there, and those that users who are away came by last. */
function* connectionsOf({ connections, users }: Application): Generator<Connection> {
  yield* connections;
  for (const { isConnected, removal, connection } of users.values())
    if (!isConnected && !removal) yield connection;
}

/** Returns what is done to a connection, for the log. */
function doingOf({ delay, delayFor, freeze }: Trouble): string {
  const parts = [
    delay !== undefined && (delay === 0 ? "no longer delays" : `delays (by ${delay} ms, for ${delayFor} ms)`),
    freeze !== undefined && (freeze === 0 ? "no longer freezes" : `freezes (for ${freeze} ms)`),
  ];
  return parts.filter((part) => part !== false).join(" and ") || "does nothing to";
}

function keyOf({ number }: Connection): string {
  return keyOfNumber(number);
}

function connectionView({ sessions }: Application, connection: Connection): ConnectionView {
  const { id, user, since, silence, buffered } = connection;
  const awaySince = user && !user.isConnected ? (sessions.absences.sinceOf(user) ?? since) : undefined;
  return {
    id,
    ...(user && { user: { id: user.id, name: user.name } }),
    state: awaySince === undefined ? "online" : "away",
    since: awaySince ?? since,
    ...(silence !== undefined && { heard: Math.round(silence) }),
    seq: user?.backlog?.last ?? 0,
    seen: user?.backlog?.seen ?? 0,
    outbox: buffered,
    rooms: user?.rooms.size ?? 0,
  };
}
