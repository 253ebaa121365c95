import type { Effect } from "../../../core/ports/effect.ts";

/** Kinds of effects, by number. */
export const effectKinds = [
  "log",
  "broadcast",
  "send",
  "broadcastApplication",
  "broadcastRoom",
  "sendApplication",
  "kick",
  "kickApplication",
  "createRoom",
  "closeRoom",
  "emit",
  "schedule",
  "cancel",
  "updateRoom",
  "move",
  "join",
  "fetch",
] as const satisfies readonly Effect["kind"][];

/** The level of a warning that the log gets once from a script; the first line of its body says for what. */
export const ONCE = "once";

/** UTF-16 units that an id or name of a user, or a reason, may have in an effect. */
export const WORD_UNITS = 1024;

/**
 * What follows the kind of an effect in the header of an answer. `length` is that of its body, the data, −1 if there is none, −2 − n if
 * it is n bytes; `except`, the room of `closeRoom` and `emit`, the key of a schedule, and the body of `fetch`, which is a text, are 0 if
 * there is none; the headers of `fetch` are a list of names and values in turn.
 */
export const effectParts = {
  log: ["level", "length"],
  broadcast: ["type", "except", "length"],
  send: ["type", "to", "length"],
  broadcastApplication: ["type", "length"],
  broadcastRoom: ["type", "room", "length"],
  sendApplication: ["type", "to", "length"],
  kick: ["user", "reason"],
  kickApplication: ["user", "reason"],
  createRoom: ["room", "length"],
  closeRoom: ["room", "reason"],
  emit: ["type", "room", "length"],
  schedule: ["name", "ms", "key", "length"],
  cancel: ["name", "key"],
  updateRoom: ["length"],
  move: ["user", "room", "length"],
  join: ["user", "room", "length"],
  fetch: ["name", "url", "method", "headers", "body", "timeout", "length"],
} as const satisfies Record<(typeof effectKinds)[number], readonly string[]>;
