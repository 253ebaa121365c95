/** One live script of the sandbox: a room, or the application's extension. Opened, snapshotted, forgotten. */
import { Application } from "./application.js";
import { show } from "./arguments.js";
import { apply, dictionary, freeze, NativeError, parse } from "./builtins.js";
import { definitions } from "./definition.js";
import { body } from "./event.js";
import { stateLimit } from "./limits.js";
import { freezeDeep, Members } from "./members.js";
import { Room } from "./room.js";
import { Rooms } from "./rooms.js";
import { SNAPSHOT_VALUES, warnOfState } from "./losses.js";
import { checkKind, isLarger, liveStateText, plainState, stateText } from "./state.js";
import { TimersSet } from "./timers_set.js";
import { Watchers } from "./watchers.js";

/**
 * Returns a script for an `OpenRequest`: with the state of its snapshot, or with a first state. Throws what the script throws.
 */
export function openScript(request) {
  const script = dictionary();
  const { room, snapshot } = request;
  script.application = request.application;
  script.version = request.version;
  script.seed = request.seed;
  script.members = new Members(script);
  script.timersSet = new TimersSet();
  if (room === undefined) {
    script.definition = definitions.application;
    script.rooms = new Rooms();
  } else {
    script.definition = definitions["room:" + room.type];
    script.name = room.name;
    script.type = room.type;
    script.watchers = new Watchers();
    script.settings = unset;
    script.maxUsers = room.maxUsers;
  }
  if (script.definition === undefined) {
    throw new NativeError(
      room === undefined ? "there is no extension" : "there is no room type " + show(room.type),
    );
  }
  // What a room was not made with its definition decides, so that an edit of that holds for live rooms.
  if (room !== undefined) script.maxUsers ??= script.definition.maxUsers ?? 1 / 0;
  script.state =
    snapshot === undefined
      ? firstState(script.definition)
      : nextState(script.definition, snapshot.state, request.from);
  script.api = room === undefined ? new Application(script) : new Room(script);
  return script;
}

/** Returns the state of a script without a snapshot. */
function firstState({ self, state }) {
  return state === undefined ? {} : plainState("state()", apply(state, self, []), state);
}

/**
 * Returns the state that follows from the one of a snapshot; `from` is the version that made it where it is another one, whose
 * limit of the state may have been a higher one.
 */
function nextState({ self, migrate }, state, from) {
  if (from === undefined) return state;
  if (migrate !== undefined) return plainState("migrate()", apply(migrate, self, [state, from]), migrate);
  if (isLarger(body, stateLimit)) stateText("the state", state);
  return state;
}

/** Brings who a script knows of up to date; the text is that of a `DirectoryUpdate`. */
export function updateDirectory(script, text) {
  const { members, rooms, watchers } = script;
  const update = parse(text);
  members.removeAll(update.users.remove);
  members.addAll(update.users.add);
  const { away, back } = update.users;
  if (away !== undefined) members.connectAll(away, false);
  if (back !== undefined) members.connectAll(back, true);
  if (update.watchers !== undefined) watchers.update(update.watchers);
  if (update.room !== undefined) setRoom(script, update.room);
  if (rooms === undefined) return;
  rooms.removeAll(update.rooms.remove);
  rooms.addAll(update.rooms.add);
  if (update.members !== undefined) rooms.updateMembers(update.members);
}

/** How a room is set of which nothing else was told. */
const unset = freeze({ __proto__: null, locked: false, hidden: false, meta: undefined });

/** Notes how a room is set; what the script has not limited itself stays as it was made. */
function setRoom(script, { locked, hidden, meta, maxUsers }) {
  script.settings = freeze({ __proto__: null, locked, hidden, meta: freezeDeep(meta) });
  // JSON has no Infinity: no limit arrives as null.
  if (maxUsers !== undefined) script.maxUsers = maxUsers ?? 1 / 0;
}

/**
 * Returns the snapshot of a script as JSON text: its state. Who it knows of the server knows itself, whatever the script does to
 * what is written here. Throws where the state isn't JSON, or is over its limit.
 */
export function snapshotText(script) {
  const { state, type } = script;
  checkKind(state);
  warnOfState(type, state, SNAPSHOT_VALUES, "");
  return '{"state":' + liveStateText(state) + "}";
}
