/** One live script of the sandbox: a room, or the application's extension. Opened, snapshotted, forgotten. */
import { Application } from "./application.js";
import { show } from "./arguments.js";
import { apply, dictionary, isArray, NativeError, stringify } from "./builtins.js";
import { body } from "./event.js";
import { stateLimit } from "./limits.js";
import { Members } from "./members.js";
import { Room } from "./room.js";
import { Rooms } from "./rooms.js";
import { checkKind, isLarger, plainState, stateText } from "./state.js";
import { MOST_SNAPSHOT_BYTES } from "./wire.js";

/**
 * Definitions of the version: that of the application's extension under "application", of a room type under
 * `room:<type>`.
 */
export const definitions = dictionary();

/**
 * Returns a script for an `OpenRequest`: with state and users of its snapshot, or with a first state. Throws what the
 * script throws.
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
  if (snapshot === undefined) script.state = firstState(script.definition);
  else restore(script, snapshot, request.from);
  script.api = room === undefined ? new Application(script) : new Room(script);
  return script;
}

/** Returns the state of a script without a snapshot. */
function firstState({ self, state }) {
  return state === undefined ? {} : plainState("state()", apply(state, self, []));
}

/**
 * Gives a script state and users of a snapshot; `from` is the version that made it where it is another one, whose limit of the
 * state may have been a higher one.
 */
function restore(script, snapshot, from) {
  const { self, migrate } = script.definition;
  script.members.addAll(snapshot.users);
  if (script.rooms !== undefined) script.rooms.addAll(snapshot.rooms);
  script.state = snapshot.state;
  if (from === undefined) return;
  if (migrate !== undefined) {
    script.state = plainState("migrate()", apply(migrate, self, [snapshot.state, from]));
  } else if (isLarger(body, stateLimit)) stateText("the state", snapshot.state);
}

/** Returns the snapshot of a script as JSON text. Throws where the state isn't JSON, or is over its limit. */
export function snapshotText(script) {
  const { state } = script;
  checkKind(state);
  const rooms = script.rooms === undefined ? "" : ',"rooms":' + listText(script.rooms.array, stringify);
  const users = ',"users":' + listText(script.members.array, userText) + rooms + "}";
  const text = '{"state":' + stateText("the state", state) + users;
  if (isLarger(text, MOST_SNAPSHOT_BYTES)) {
    throw new NativeError("the state with the users is larger than " + MOST_SNAPSHOT_BYTES + " bytes");
  }
  return text;
}

/** Returns a user as JSON text. */
function userText({ id, name, data }) {
  const known = '{"id":' + stringify(id) + ',"name":' + stringify(name);
  return data === undefined ? known + "}" : known + ',"data":' + stringify(data) + "}";
}

/** Returns an array as JSON text; written by hand, because a `toJSON` on Array.prototype may be the script's. */
function listText(items, textOf) {
  let text = "[";
  if (isArray(items)) {
    for (let i = 0; i < items.length; i++) text += (i > 0 ? "," : "") + textOf(items[i]);
  }
  return text + "]";
}
