import type { Application } from "../application/application.ts";
import type { Applications } from "../application/applications.ts";
import type { Connection } from "../connection/connection.ts";
import { HotroomError } from "../errors.ts";
import type { Log } from "../ports/log.ts";
import type { ConnectionControl, ConnectionView } from "./connection_control.ts";
import { runningOf } from "./live_room_control.ts";
import { keyOfNumber, pageOf, type PageRequest } from "./page.ts";

/** Shows the live connections, and loses them. */
export class LiveConnectionControl implements ConnectionControl {
  constructor(
    private readonly applications: Applications,
    private readonly log: Log,
  ) {}

  connections(name: string, page: PageRequest) {
    const application = runningOf(this.applications, name, "list the connections of");
    const { items, ...rest } = pageOf(connectionsOf(application), keyOf, page);
    return { ...rest, items: items.map((connection) => connectionView(application, connection)) };
  }

  drop(name: string, id: string): ConnectionView {
    const application = runningOf(this.applications, name, "drop a connection of");
    const connection = application.connections.values().find((each) => each.id === id);
    if (!connection) {
      const message = `Cannot drop connection ${JSON.stringify(id)}: there is no such connection.`;
      throw new HotroomError("connection_not_found", message);
    }
    const view = connectionView(application, connection);
    this.log("info", `An admin drops connection ${id}.`, { application: name });
    connection.drop();
    return view;
  }
}

/** Those that are there, and those that users who are away came by last. */
function* connectionsOf({ connections, users }: Application): Generator<Connection> {
  yield* connections;
  for (const { isConnected, removal, connection } of users.values())
    if (!isConnected && !removal) yield connection;
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
