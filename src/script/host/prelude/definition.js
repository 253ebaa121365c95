/** What a script's default export declares, checked and copied so that later changes to it change nothing. */
import { isName, show } from "./arguments.js";
import { bound, dictionary, freeze, hasOwn, keys, list, stringify, TypeMistake } from "./builtins.js";
import { cronText } from "./cron.js";
import { checkKeys, isObject, limit, number, optional } from "./declared_values.js";
import { formText } from "./form.js";
import { relay as relayItself, relayOf, relaysText } from "./relay.js";
import { validatorOf } from "./schema.js";

/**
 * Definitions of the version: that of the application's extension under "application", of a room type under
 * `room:<type>`.
 */
export const definitions = dictionary();

/** The keys that both kinds of definition may have; in messages, emits, timers and fetches they are names of the script's choice. */
const commonKeys = [
  "events",
  "messages",
  "emits",
  "timers",
  "sends",
  "fetches",
  "cron",
  "tick",
  "tickRate",
  "migrate",
  "durable",
];

/** The keys, and the events, that each kind may have. No script has run yet that could have a say in what a spread calls. */
const places = {
  __proto__: null,
  room: {
    __proto__: null,
    keys: ["state", "maxUsers", "maxWatchers", ...commonKeys],
    events: [
      "init",
      "join",
      "leave",
      "disconnect",
      "reconnect",
      "message",
      "emit",
      "close",
      "reload",
      "watch",
      "unwatch",
    ],
  },
  application: {
    __proto__: null,
    keys: ["state", ...commonKeys],
    events: [
      "init",
      "connect",
      "disconnect",
      "reconnect",
      "login",
      "loggedIn",
      "logout",
      "create",
      "created",
      "message",
      "emit",
      "close",
      "reload",
      "request",
    ],
  },
};

/** Sections whose handlers may all have a schema, and events that may: those to which somebody else gives data. */
const checkable = { __proto__: null, messages: true, timers: true };
const checkableEvents = { __proto__: null, login: true, create: true, join: true, watch: true };

/** Ticks a second where there is a `tick` and no `tickRate`. */
const DEFAULT_TICK_RATE = 20;
const MAX_TICK_RATE = 60;
/** Messages that are told with their forms. */
const MAX_FORMS = 64;
const MAX_FORM_NAME = 64;

/** What scripts get of a definition: it can't be made but by `defineRoom` and `defineApplication`, and shows nothing. */
class Definition {
  #of;
  constructor(of) {
    this.#of = of;
    freeze(this);
  }
  static of(value) {
    return typeof value === "object" && value !== null && #of in value ? value.#of : undefined;
  }
}

/**
 * Returns what `defineRoom` or `defineApplication` has read: `{ kind, self, names, events, … }`; undefined for other
 * values.
 */
export const definitionOf = Definition.of;

/** Declares a room type. Throws TypeError where the definition has what no room has. */
export function defineRoom(definition) {
  return new Definition(read("room", "defineRoom", definition));
}

/** Declares an application's extension. Throws TypeError where the definition has what no application has. */
export function defineApplication(definition) {
  return new Definition(read("application", "defineApplication", definition));
}

/** Returns a definition, checked and copied; `what` begins the messages of what it throws. */
function read(kind, what, given) {
  if (!isObject(given)) throw new TypeMistake(what + ": a definition must be an object, not " + show(given));
  const allowed = places[kind];
  checkKeys(what, given, allowed.keys, "");
  const of = dictionary();
  of.kind = kind;
  of.self = given;
  of.names = list();
  of.relays = dictionary();
  of.events = handlers(what, given, "events", of.names, allowed.events);
  of.messages = handlers(
    what,
    given,
    "messages",
    of.names,
    undefined,
    kind === "room" ? of.relays : undefined,
  );
  of.relaysText = relaysText(what, of.relays);
  of.forms = formsText(given.messages);
  of.emits = handlers(what, given, "emits", of.names);
  of.timers = handlers(what, given, "timers", of.names);
  of.sends = schemas(what, given, "sends");
  of.fetches = handlers(what, given, "fetches", of.names);
  of.cron = cronText(what, given.cron, of.timers);
  of.state = optional(what, given, "state", "function");
  of.tick = optional(what, given, "tick", "function");
  of.migrate = optional(what, given, "migrate", "function");
  of.tickRate = number(what, given, "tickRate", 1, MAX_TICK_RATE) ?? DEFAULT_TICK_RATE;
  of.maxUsers = limit(what, given, "maxUsers");
  of.maxWatchers = limit(what, given, "maxWatchers");
  of.durable = optional(what, given, "durable", "boolean") ?? false;
  if (of.tick === undefined && given.tickRate !== undefined) {
    throw new TypeMistake(what + ": there is a tickRate but no tick");
  }
  return freeze(of);
}

/**
 * Returns the handlers of one section by name; adds `section.name` of each to `names`. Relays are put into `relays`: they have no handler.
 * Throws TypeError where there may be none.
 */
function handlers(what, definition, section, names, allowed, relays) {
  const found = dictionary();
  const given = definition[section];
  const own = entryNames(what, given, section, allowed);
  for (let i = 0; i < own.length; i++) {
    const name = own[i];
    if (given[name] === relayItself)
      throw new TypeMistake(what + ": " + section + "." + name + " is the function relay: call it, relay()");
    const relay = relayOf(given[name]);
    if (relay !== undefined) {
      if (relays === undefined)
        throw new TypeMistake(
          what + ": " + section + "." + name + " is a relay, which only the messages of a room may be",
        );
      relays[name] = relay;
      continue;
    }
    const mayHaveSchema =
      checkable[section] === true || (section === "events" && checkableEvents[name] === true);
    found[name] = handler(what + ": " + section + "." + name, given, given[name], mayHaveSchema);
    names[names.length] = section + "." + name;
  }
  return found;
}

/** Returns the forms of the messages that have a schema, as JSON text of `Definition.forms`. */
function formsText(messages) {
  let text = "";
  let count = 0;
  const own = messages === undefined ? [] : keys(messages);
  for (let i = 0; i < own.length && count < MAX_FORMS; i++) {
    const entry = messages[own[i]];
    const form = isObject(entry) && own[i].length <= MAX_FORM_NAME ? formText(entry.schema) : undefined;
    if (form === undefined) continue;
    text += (count++ > 0 ? "," : "") + "[" + stringify(own[i]) + "," + form + "]";
  }
  return text;
}

/** Returns the validators of one section by name; undefined where the definition has none. */
function schemas(what, definition, section) {
  const given = definition[section];
  if (given === undefined) return undefined;
  const found = dictionary();
  const own = entryNames(what, given, section);
  for (let i = 0; i < own.length; i++)
    found[own[i]] = validatorOf(what + ": " + section + "." + own[i], given[own[i]]);
  return freeze(found);
}

/** Returns the names of what one section has. Throws TypeError where one can't be a name, or is not among those allowed. */
function entryNames(what, given, section, allowed) {
  const names = list();
  if (given === undefined) return names;
  if (!isObject(given))
    throw new TypeMistake(what + ": " + section + " must be an object, not " + show(given));
  if (allowed !== undefined) checkKeys(what, given, allowed, section + ".", placeOfTick);
  const own = keys(given);
  for (let i = 0; i < own.length; i++) {
    if (given[own[i]] === undefined) continue;
    if (!isName(own[i]))
      throw new TypeMistake(what + ": " + section + ": " + stringify(own[i]) + " is not a name");
    names[names.length] = own[i];
  }
  return names;
}

/** Returns where `tick` belongs, which is no event. */
function placeOfTick(key) {
  return key === "tick" ? " (tick belongs beside events, not in it)" : "";
}

/**
 * Returns `{ run, validate, target }`, the first two bound to what the script sees as `this`; without a schema `validate` is undefined.
 * `target` is the function itself.
 */
function handler(what, section, entry, mayHaveSchema) {
  if (typeof entry === "function")
    return freeze({ __proto__: null, run: bound(entry, section), validate: undefined, target: entry });
  if (!mayHaveSchema) {
    const hint = isObject(entry) && hasOwn(entry, "schema") ? ": it takes no schema" : "";
    throw new TypeMistake(what + " must be a function, not " + show(entry) + hint);
  }
  if (!isObject(entry) || !hasOwn(entry, "handle")) {
    throw new TypeMistake(what + " must be a function or { schema, handle }, not " + show(entry));
  }
  checkKeys(what, entry, ["schema", "handle"], "");
  const { schema, handle } = entry;
  if (typeof handle !== "function")
    throw new TypeMistake(what + ".handle must be a function, not " + show(handle));
  const validate = validatorOf(what + ".schema", schema);
  return freeze({ __proto__: null, run: bound(handle, entry), validate, target: handle });
}

/** Returns what the server learns of a definition: JSON text of `Definition` in `core/ports/build.ts`. */
export function definitionText(of) {
  let text = '{"kind":"' + of.kind + '","hasMigrate":' + (of.migrate !== undefined);
  if (of.maxUsers !== undefined) text += ',"maxUsers":' + of.maxUsers;
  if (of.maxWatchers !== undefined) text += ',"maxWatchers":' + of.maxWatchers;
  if (of.durable) text += ',"isDurable":true';
  if (of.tick !== undefined) text += ',"tickRate":' + of.tickRate;
  if (of.cron !== undefined) text += ',"cron":' + of.cron;
  if (of.forms !== "") text += ',"forms":[' + of.forms + "]";
  if (of.relaysText !== undefined) text += ',"relays":' + of.relaysText;
  text += ',"handlers":[';
  for (let i = 0; i < of.names.length; i++) text += (i > 0 ? "," : "") + stringify(of.names[i]);
  return text + "]}";
}
