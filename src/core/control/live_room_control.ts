import type { Application } from "../application/application.ts";
import type { Applications } from "../application/applications.ts";
import { errorOf, HotroomError, notSaved } from "../errors.ts";
import type { Extension } from "../extension/extension.ts";
import type { JsonText, ScriptEvent } from "../ports/event.ts";
import type { Log } from "../ports/log.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { Room } from "../room/room.ts";
import type { RoomUpdate } from "../room/room_options.ts";
import { roomView } from "../view/live_server_view.ts";
import { pageOf } from "./page.ts";
import type { RoomControl, RoomQuery, StateEdit, StateView } from "./room_control.ts";
import type { RoomView } from "../view/server_view.ts";
import type { WaitingCalls } from "./waiting_calls.ts";

/** Characters of a path in a state that a line of the log shows. */
const MOST_PATH = 200;

/** Acts on the live rooms. */
export class LiveRoomControl implements RoomControl {
  constructor(
    private readonly applications: Applications,
    private readonly calls: WaitingCalls,
    private readonly log: Log,
  ) {}

  rooms(name: string, { type, open, prefix = "", ...page }: RoomQuery) {
    const { rooms } = runningOf(this.applications, name, "list the rooms of");
    const isWanted = (room: Room) =>
      (type === undefined || room.type === type) &&
      (!open || (room.isOpen && !room.isGone)) &&
      room.name.startsWith(prefix);
    const found = pageOf(rooms.values().filter(isWanted), (room) => room.name, page);
    return { ...found, items: found.items.map((room) => roomView(room, 0)) };
  }

  create(name: string, room: string, options: Parameters<RoomControl["create"]>[2]): Promise<RoomView> {
    const application = runningOf(this.applications, name, `create room "${room}" of`);
    return this.calls.wait(name, `create room "${room}"`, async () => {
      const made = application.createRoom(room, { ...options, type: application.typeOf(options.type) });
      this.#note(made, "An admin makes the room.");
      await made.ready;
      await saved(application, `create room "${room}"`);
      return roomView(made, 0);
    });
  }

  update(name: string, room: string, update: RoomUpdate): Promise<RoomView> {
    const found = roomOf(runningOf(this.applications, name, `update room "${room}" of`), room, "update");
    return this.calls.wait(name, `update room "${room}"`, async () => {
      this.#note(found, `An admin sets ${Object.keys(update).join(", ") || "nothing"} of the room.`);
      found.update(update);
      await saved(found.application, `update room "${room}"`);
      return roomView(found, 0);
    });
  }

  async state(name: string, room: string | null): Promise<StateView> {
    const extension = this.#extensionOf(name, room, "read the state of");
    const state = await this.calls.wait(name, "read the state", () => extension.readState());
    return { version: extension.version, state };
  }

  async editState(name: string, room: string | null, edit: StateEdit): Promise<string> {
    const { path, value, insert = false, expected } = edit;
    const given = value === undefined ? "" : `,"value":${value}`;
    const where = insert ? ',"insert":true' : "";
    const before = expected === undefined ? "" : `,"expected":${expected}`;
    const data = `{"path":${JSON.stringify(path)}${given}${where}${before}}`;
    const { failure, version } = await this.#ask(name, room, { kind: "edit", data }, "edit the state");
    // What is there in the place of what was expected is told with it.
    if (failure) throw errorOf(failure, failure.data === undefined ? "no_such_path" : "changed");
    const place = { application: name, ...(room !== null && { room }), version };
    this.log("info", `An admin has edited the state at ${shown(path)}.`, place);
    return version;
  }

  async call(
    name: string,
    room: string | null,
    type: string,
    data?: JsonText,
  ): Promise<JsonText | undefined> {
    const event = {
      kind: "emit" as const,
      type,
      ...(data !== undefined && { data }),
      hops: 0,
      reply: true as const,
    };
    const { failure, value } = await this.#ask(name, room, event, `call "${type}"`);
    if (failure) throw errorOf(failure);
    return value;
  }

  /** Has a script handle an event; resolves with what it comes to. */
  #ask(name: string, room: string | null, event: ScriptEvent, doing: string): Promise<Outcome> {
    const extension = this.#extensionOf(name, room, `${doing} of`);
    return this.calls.wait(name, doing, () => {
      if (room !== null) return extension.ask(event);
      const application = runningOf(this.applications, name, `${doing} of`);
      return new Promise<Outcome>((after) => application.dispatch(event, { after }));
    });
  }

  #extensionOf(name: string, room: string | null, doing: string): Extension {
    const application = runningOf(this.applications, name, doing);
    if (room !== null) return roomOf(application, room, doing).extension;
    const what = `${doing} application "${name}"`;
    application.checkExtension(what);
    if (application.extension) return application.extension;
    throw new HotroomError("no_handler", `Cannot ${what}: it has no extension.`);
  }

  #note({ application, name, extension }: Room, text: string): void {
    this.log("info", text, { application: application.name, room: name, version: extension.version });
  }
}

/** Returns a path in a state as a line of the log shows it. */
function shown(path: StateEdit["path"]): string {
  const text = JSON.stringify(path);
  return text.length > MOST_PATH ? `${text.slice(0, MOST_PATH)}…` : text;
}

/** Returns an application that runs. Throws HotroomError: `application_not_found`, `application_unavailable`. */
export function runningOf(
  applications: Pick<Applications, "find" | "entry">,
  name: string,
  doing: string,
): Application {
  const application = applications.find(name);
  if (application) return application;
  const cannot = `Cannot ${doing} application ${JSON.stringify(name)}`;
  if (applications.entry(name))
    throw new HotroomError("application_unavailable", `${cannot}: no version of it runs.`);
  throw new HotroomError("application_not_found", `${cannot}: there is no such application.`);
}

/** Resolves when all that has happened until now is committed. Rejects with HotroomError `not_saved`. */
async function saved({ durable }: Application, doing: string): Promise<void> {
  if (durable && !(await durable.saved())) throw notSaved(doing);
}

function roomOf(application: Application, name: string, doing: string): Room {
  const room = application.rooms.get(name);
  if (room) return room;
  throw new HotroomError("room_not_found", `Cannot ${doing} room "${name}": there is no such room.`);
}
