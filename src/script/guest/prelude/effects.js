/** The effects that rooms and applications share: arguments checked, data written as JSON, one tuple for each. */
import { dataText, nameText, reasonText, recipient, recipientsText, show } from "./arguments.js";
import { isArray, NativeError, stringify, TypeMistake } from "./builtins.js";
import { current, effect } from "./current.js";

/** Throws unless the running event is one of this script: effects belong to the event that asks for them. */
export function own(script, what) {
  if (current.script === script) return;
  const whose = script.name === undefined ? "the application" : "room " + stringify(script.name);
  throw new NativeError(what + ": " + whose + " can only be used inside its own event handlers");
}

/** To all of a room or an application; `options.except` leaves users out. */
export function broadcast(script, what, type, data, options) {
  own(script, what);
  const name = nameText(what, "type", type);
  let except = "0";
  if (options !== undefined && options !== null) {
    if (typeof options !== "object")
      throw new TypeMistake(what + ": the options must be an object, not " + show(options));
    const { except: users } = options;
    if (users !== undefined && !(isArray(users) && users.length === 0)) except = recipientsText(what, users);
  }
  effect(
    what,
    '["broadcast",' + name + ",",
    dataText(what, data),
    "," + except + "]",
    name.length + except.length,
  );
}

/** To some users; `kind` is `send` or `sendApplication`. */
export function send(script, what, kind, to, type, data) {
  own(script, what);
  const users = recipientsText(what, to);
  const name = nameText(what, "type", type);
  const body = dataText(what, data);
  if (users !== "[]")
    effect(what, '["' + kind + '",' + name + ",", body, "," + users + "]", name.length + users.length);
}

/** An effect of type and data, with what follows the length: `broadcastApplication`, `broadcastRoom`, `emit`. */
export function tell(script, what, kind, type, data, tail) {
  own(script, what);
  const name = nameText(what, "type", type);
  effect(what, '["' + kind + '",' + name + ",", dataText(what, data), tail, name.length + tail.length);
}

/** `kind` is `kick` or `kickApplication`. */
export function kick(script, what, kind, user, reason) {
  own(script, what);
  const who = stringify(recipient(what, user));
  plain(what, '["' + kind + '",' + who + "," + reasonText(what, reason) + "]");
}

/** Closes the room of that name, or the script's own where `room` is "0". */
export function closeRoom(script, what, room, reason) {
  own(script, what);
  plain(what, '["closeRoom",' + room + "," + reasonText(what, reason) + "]");
}

export function createRoom(script, what, name, options) {
  own(script, what);
  const room = nameText(what, "name", name);
  if (options !== undefined && (typeof options !== "object" || options === null || isArray(options))) {
    throw new TypeMistake(what + ": the options must be an object, not " + show(options));
  }
  effect(what, '["createRoom",' + room + ",", dataText(what, options) ?? "{}", "]", room.length);
}

/** The longest time of a schedule: about 24 days, what a timer of the server takes. */
const LONGEST = 2 ** 31 - 1;

export function schedule(script, what, name, ms, data) {
  own(script, what);
  const timer = nameText(what, "name", name);
  if (typeof ms !== "number" || !(ms >= 0 && ms <= LONGEST)) {
    throw new TypeMistake(what + ": the time must be 0 to " + LONGEST + " ms, not " + show(ms));
  }
  if (script.definition.timers[name] === undefined) {
    throw new TypeMistake(what + ": there is no timers." + name + " to run");
  }
  effect(what, '["schedule",' + timer + ",", dataText(what, data), "," + ms + "]", timer.length);
}

export function cancel(script, what, name) {
  own(script, what);
  plain(what, '["cancel",' + nameText(what, "name", name) + "]");
}

/** An effect without a body. */
function plain(what, tuple) {
  effect(what, tuple, null, "", tuple.length);
}
