/** One live script of the sandbox: a room, or the application's extension. Opened, snapshotted, forgotten. */
import { Application } from "./application.js";
import { show } from "./arguments.js";
import {
  apply,
  bytesOf,
  dictionary,
  isArray,
  NativeError,
  parse,
  stringify,
  TypeMistake,
} from "./builtins.js";
import { stateLimit } from "./limits.js";
import { Members } from "./members.js";
import { Room } from "./room.js";
import { Rooms } from "./rooms.js";

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

/** Gives a script state and users of a snapshot; `from` is the version that made it where it is another one. */
function restore(script, snapshot, from) {
  const { self, migrate } = script.definition;
  script.members.addAll(snapshot.users);
  if (script.rooms !== undefined) script.rooms.addAll(snapshot.rooms);
  script.state = snapshot.state;
  if (from !== undefined && migrate !== undefined) {
    script.state = plainState("migrate()", apply(migrate, self, [snapshot.state, from]));
  }
}

/**
 * Returns a state as JSON carries it, so that a room that never moved behaves like one that did. Throws TypeError where it is
 * no object.
 */
function plainState(what, state) {
  if (typeof state !== "object" || state === null || typeof state.then === "function") {
    const given = typeof state === "object" && state !== null ? "a promise" : show(state);
    throw new TypeMistake(what + " must return a plain object or an array, not " + given);
  }
  const text = stringify(state);
  const copy = text === undefined ? undefined : parse(text);
  if (typeof copy !== "object" || copy === null)
    throw new TypeMistake(what + " must return plain data, not a function");
  return copy;
}

/** Returns the snapshot of a script as JSON text. Throws where the state isn't JSON or is over its limit. */
export function snapshotText(script) {
  const { state } = script;
  if (typeof state !== "object" || state === null) {
    throw new TypeMistake("the state must be a plain object or an array, not " + show(state));
  }
  const text = stringify(state);
  if (text === undefined) throw new TypeMistake("the state can't be written as JSON");
  if (text.length * 3 > stateLimit && bytesOf(text) > stateLimit) {
    throw new NativeError("the state is larger than " + stateLimit + " bytes");
  }
  const rooms = script.rooms === undefined ? "" : ',"rooms":' + listText(script.rooms.array, stringify);
  return '{"state":' + text + ',"users":' + listText(script.members.array, userText) + rooms + "}";
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
