/**
 * The effects that rooms and applications share: arguments checked, data written as JSON, a head for each as `effects.ts`
 * has it.
 */
import { effect } from "./answer.js";
import { dataText, nameText, reasonText, recipient, recipientsText, show } from "./arguments.js";
import { dictionary, isArray, NativeError, stringify, TypeMistake } from "./builtins.js";
import { muted, script as running, seq } from "./event.js";
import { createText, updateText } from "./room_options.js";
import { sendable } from "./sends.js";
import {
  EFFECT_BROADCAST,
  EFFECT_BROADCAST_APPLICATION,
  EFFECT_BROADCAST_ROOM,
  EFFECT_CANCEL,
  EFFECT_CLOSE_ROOM,
  EFFECT_CREATE_ROOM,
  EFFECT_EMIT,
  EFFECT_JOIN,
  EFFECT_KICK,
  EFFECT_KICK_APPLICATION,
  EFFECT_MOVE,
  EFFECT_SCHEDULE,
  EFFECT_SEND,
  EFFECT_SEND_APPLICATION,
  EFFECT_UPDATE_ROOM,
  MAX_DELAY_MS,
} from "./wire.js";

/** How the head of each kind of effect begins. */
const BROADCAST = EFFECT_BROADCAST + ",";
export const SEND = EFFECT_SEND + ",";
export const BROADCAST_APPLICATION = EFFECT_BROADCAST_APPLICATION + ",";
export const BROADCAST_ROOM = EFFECT_BROADCAST_ROOM + ",";
export const SEND_APPLICATION = EFFECT_SEND_APPLICATION + ",";
export const KICK = EFFECT_KICK + ",";
export const KICK_APPLICATION = EFFECT_KICK_APPLICATION + ",";
const CREATE_ROOM = EFFECT_CREATE_ROOM + ",";
const CLOSE_ROOM = EFFECT_CLOSE_ROOM + ",";
export const EMIT = EFFECT_EMIT + ",";
const SCHEDULE = EFFECT_SCHEDULE + ",";
const CANCEL = EFFECT_CANCEL + ",";
const UPDATE_ROOM = EFFECT_UPDATE_ROOM + ",";
export const MOVE = EFFECT_MOVE + ",";
export const JOIN = EFFECT_JOIN + ",";

/**
 * Throws unless the running event is one of this script: effects belong to the event that asks for them. `what` names the
 * call.
 */
export function own(script, what) {
  if (running === script) return;
  const whose = script.name === undefined ? "the application" : "room " + stringify(script.name);
  throw new NativeError(what + ": " + whose + " can only be used inside its own event handlers");
}

/** Heads of broadcasts to all, by type: a script uses few. */
let heads = dictionary();
let headCount = 0;
const MAX_HEADS = 1000;

/** Returns the head of a broadcast to all. */
function headOf(what, type) {
  const head = BROADCAST + nameText(what, "type", type) + ",0,";
  if (++headCount > MAX_HEADS) {
    heads = dictionary();
    headCount = 1;
  }
  heads[type] = head;
  return head;
}

/** Sends to all of a room or an application; `options.except` leaves users out. */
export function broadcast(script, what, type, data, options) {
  if (running !== script) own(script, what);
  let head = typeof type === "string" ? heads[type] : undefined;
  if (head === undefined) head = headOf(what, type);
  if (options !== undefined && options !== null) {
    if (typeof options !== "object")
      throw new TypeMistake(what + ": the options must be an object, not " + show(options));
    const { except: users } = options;
    if (users !== undefined && !(isArray(users) && users.length === 0)) {
      head = BROADCAST + nameText(what, "type", type) + "," + recipientsText(what, users) + ",";
    }
  }
  const { sends } = script.definition;
  if (sends !== undefined) data = sendable(sends, what, type, data);
  effect(what, head, dataText(what, data, true), head.length);
}

/** Sends to some users; `kind` is `SEND` or `SEND_APPLICATION`, `sends` what its definition declares. */
export function send(script, what, kind, sends, to, type, data) {
  own(script, what);
  const users = recipientsText(what, to);
  const name = nameText(what, "type", type);
  const body = dataText(what, sends === undefined ? data : sendable(sends, what, type, data), true);
  if (users !== "[]") effect(what, kind + name + "," + users + ",", body, name.length + users.length);
}

/**
 * Asks for an effect of type and data, with what stands between them: `BROADCAST_APPLICATION`, `BROADCAST_ROOM`, `EMIT`.
 */
export function tell(script, what, kind, type, data, between) {
  own(script, what);
  const name = nameText(what, "type", type);
  const body = dataText(what, data, kind !== EMIT);
  effect(what, kind + name + between, body, name.length + between.length);
}

/** Puts a user out; `kind` is `KICK` or `KICK_APPLICATION`. */
export function kick(script, what, kind, user, reason) {
  own(script, what);
  const who = stringify(recipient(what, user));
  plain(what, kind + who + "," + reasonText(what, reason));
}

/** Closes the room whose name is given as JSON text, or the script's own where `room` is "0". */
export function closeRoom(script, what, room, reason) {
  own(script, what);
  plain(what, CLOSE_ROOM + room + "," + reasonText(what, reason));
}

/** Makes a room. Throws TypeError where it is known here that none can be made so. */
export function createRoom(script, what, name, options) {
  own(script, what);
  const room = nameText(what, "name", name);
  // A room's script isn't told of other rooms; in a replay they may be others.
  if (!muted && script.rooms?.named(name) !== undefined)
    throw new TypeMistake(what + ": there is a room of the name " + room + " already");
  effect(what, CREATE_ROOM + room + ",", createText(what, options), room.length);
}

/** Changes a room. */
export function updateRoom(script, what, options) {
  own(script, what);
  effect(what, UPDATE_ROOM, updateText(what, options), 0);
}

/** Has a user join a room; `kind` is `MOVE` or `JOIN`. */
export function enter(script, what, kind, user, room, data) {
  own(script, what);
  const who = stringify(recipient(what, user));
  const name = nameText(what, "room", room);
  effect(what, kind + who + "," + name + ",", dataText(what, data), who.length + name.length);
}

/** Has a handler in `timers` run in `ms`. */
export function schedule(script, what, name, ms, data, options) {
  own(script, what);
  const key = keyOf(what, options);
  const timer = nameText(what, "name", name);
  if (typeof ms !== "number" || !(ms >= 0 && ms <= MAX_DELAY_MS)) {
    throw new TypeMistake(what + ": the time must be 0 to " + MAX_DELAY_MS + " ms, not " + show(ms));
  }
  if (script.definition.timers[name] === undefined) {
    throw new TypeMistake(what + ": there is no timers." + name + " to run");
  }
  const keyText = key === undefined ? "0" : nameText(what, "key", key);
  effect(
    what,
    SCHEDULE + timer + "," + ms + "," + keyText + ",",
    dataText(what, data),
    timer.length + keyText.length,
  );
  script.timersSet.note(name, key, seq());
}

/** Cancels a schedule. */
export function cancel(script, what, name, options) {
  own(script, what);
  const key = keyOf(what, options);
  const keyText = key === undefined ? "0" : nameText(what, "key", key);
  plain(what, CANCEL + nameText(what, "name", name) + "," + keyText);
  if (script.definition.timers[name] !== undefined) script.timersSet.note(name, key, seq());
}

/** Returns which timer of a name is meant; undefined for the one without a key. Throws TypeError. */
function keyOf(what, options) {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== "object")
    throw new TypeMistake(what + ": the options must be an object, not " + show(options));
  const { key } = options;
  if (key !== undefined) nameText(what, "key", key);
  return key;
}

/** Asks for an effect that has no body. */
function plain(what, head) {
  effect(what, head, null, head.length);
}
