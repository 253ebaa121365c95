/** One live script of the sandbox: a room, or the application's extension. Opened, snapshotted, forgotten. */
import { Application } from "./application.js";
import { show } from "./arguments.js";
import { apply, dictionary, NativeError, parse } from "./builtins.js";
import { body } from "./event.js";
import { stateLimit } from "./limits.js";
import { Members } from "./members.js";
import { Room } from "./room.js";
import { Rooms } from "./rooms.js";
import { checkKind, isLarger, plainState, stateText } from "./state.js";

/**
 * Definitions of the version: that of the application's extension under "application", of a room type under
 * `room:<type>`.
 */
export const definitions = dictionary();

/**
 * Returns a script for an `OpenRequest`: with the state of its snapshot, or with a first state. Throws what the script throws.
 */
export function openScript(request) {
  const script = dictionary();
  const { room, snapshot } = request;
  script.application = request.application;
  script.version = request.version;
  script.seed = request.seed;
  script.members = new Members();
  if (room === undefined) {
    script.definition = definitions.application;
    script.rooms = new Rooms();
  } else {
    script.definition = definitions["room:" + room.type];
    script.name = room.name;
    script.type = room.type;
    // JSON has no Infinity: no limit arrives as null.
    script.maxUsers = room.maxUsers ?? 1 / 0;
  }
  if (script.definition === undefined) {
    throw new NativeError(
      room === undefined ? "there is no extension" : "there is no room type " + show(room.type),
    );
  }
  script.state =
    snapshot === undefined
      ? firstState(script.definition)
      : nextState(script.definition, snapshot.state, request.from);
  script.api = room === undefined ? new Application(script) : new Room(script);
  return script;
}

/** Returns the state of a script without a snapshot. */
function firstState({ self, state }) {
  return state === undefined ? {} : plainState("state()", apply(state, self, []));
}

/**
 * Returns the state that follows from the one of a snapshot; `from` is the version that made it where it is another one, whose
 * limit of the state may have been a higher one.
 */
function nextState({ self, migrate }, state, from) {
  if (from === undefined) return state;
  if (migrate !== undefined) return plainState("migrate()", apply(migrate, self, [state, from]));
  if (isLarger(body, stateLimit)) stateText("the state", state);
  return state;
}

/** Brings who a script knows of up to date; the text is that of a `DirectoryUpdate`. */
export function updateDirectory({ members, rooms }, text) {
  const update = parse(text);
  members.removeAll(update.users.remove);
  members.addAll(update.users.add);
  const { away, back } = update.users;
  if (away !== undefined) members.connectAll(away, false);
  if (back !== undefined) members.connectAll(back, true);
  if (rooms === undefined) return;
  rooms.removeAll(update.rooms.remove);
  rooms.addAll(update.rooms.add);
}

/**
 * Returns the snapshot of a script as JSON text: its state. Who it knows of the server knows itself, whatever the script does to
 * what is written here. Throws where the state isn't JSON, or is over its limit.
 */
export function snapshotText(script) {
  const { state } = script;
  checkKind(state);
  return '{"state":' + stateText("the state", state) + "}";
}
