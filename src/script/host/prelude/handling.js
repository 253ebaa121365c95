/** What each kind of event does: the bookkeeping that it means, and the handler that hears it. */
import { apply, defineHidden, freeze, indexOf, list, parse, setPrototypeOf, slice } from "./builtins.js";
import { body, bytes, kind, muted, name, script, unheard, user } from "./event.js";
import { changed, invalidData, misfit, noHandler, nowhere } from "./failure.js";
import { responseOf } from "./fetch.js";
import { readRequest } from "./http.js";
import { makeUser, setConnected } from "./members.js";
import { problemOf, validated } from "./schema.js";
import { editState } from "./state_edit.js";
import { FIRST_INTERNAL_KIND, KIND_EMIT, KIND_FETCHED, KIND_MESSAGE, KIND_TIMER, kindNames } from "./wire.js";

/** The failure of the running event where no handler was asked to handle it, else null. */
export let unhandled = null;
/** Takes the user out again, in an event that adds a member or a watcher. */
export let undo;

/** Leaves nothing of an event to the next one. */
export function forget() {
  unhandled = null;
  undo = undefined;
}

/**
 * Returns what the running event is called in messages: the type of a message or emit, the name of a timer, or its kind.
 */
export function label() {
  return (kind === KIND_MESSAGE || kind === KIND_EMIT || kind === KIND_TIMER || kind === KIND_FETCHED) &&
    name !== ""
    ? name
    : kindNames[kind];
}

/** Returns the data of the running event. */
function data() {
  if (typeof body === "string") return parse(body);
  return body === null ? bytes() : undefined;
}

/** Returns the fields of the running event's body, without what a script may have put behind every object. */
function fields() {
  return setPrototypeOf(parse(body), null);
}

/** Returns the parts of the body of a fetch's answer, of which only what stands before the text is parsed. */
function fetched() {
  const end = indexOf(body, "\n");
  const { response, data } = parse(slice(body, 0, end));
  return { __proto__: null, response, data, text: slice(body, end + 1) };
}

/** Data up to so many UTF-16 units is parsed at once: that costs less than the means to avoid it. */
const SHORT_DATA_UNITS = 200;

/** Returns `{ type, data }` for a catch-all; long data that it doesn't look at is never parsed. */
function parcel() {
  const type = name;
  if (typeof body !== "string" || body.length <= SHORT_DATA_UNITS) return { type, data: data() };
  const text = body;
  let isParsed = false;
  let parsed;
  return {
    type,
    get data() {
      if (!isParsed) {
        parsed = parse(text);
        isParsed = true;
      }
      return parsed;
    },
  };
}

/** Returns a member of the room or the application; a user of that id where it is none any more. */
function member(id) {
  return script.members.byId[id] ?? makeUser(script, { __proto__: null, id, name: id });
}

/** Returns the user of parsed JSON: the member that it is, where it is one. */
function viewed(view) {
  return script.members.byId[view.id] ?? makeUser(script, view);
}

/** Returns a room of the application as its extension sees it; one of that name where it is none any more. */
function roomInfo(room) {
  return script.rooms?.named(room) ?? freeze({ name: room });
}

const connectionOf = (id) => freeze({ id, toString: () => id });

/** Returns the handler that the definition has for an event, else undefined. */
function heard(event) {
  return script.definition.events[event];
}

/**
 * Returns what the schema of an event's handler makes of data, or the data as they are where it has none. Throws what the schema throws, sets
 * `unhandled` where the data do not fit.
 */
function checked(handler, data) {
  if (handler === undefined || handler.validate === undefined) return data;
  const { issues, value } = validated(handler.validate, data);
  if (issues === undefined) return value;
  const problem = problemOf(issues);
  // What a timer is given comes from the script: its author is to hear of it.
  unhandled = kind === KIND_TIMER ? misfit(name, problem, handler.target) : invalidData(label(), problem);
  return undefined;
}

/** Notes that the event's user has a connection, or has none; an application's handlers get the connection, which may have had no user. */
function connection(event, isConnected) {
  const known = user === "" ? undefined : script.members.byId[user];
  if (known !== undefined) setConnected(known, isConnected);
  if (unheard) return undefined;
  const about = user === "" ? undefined : (known ?? member(user));
  if (script.rooms === undefined) return heard(event)?.run(script.api, about);
  return heard(event)?.run(script.api, connectionOf(name), about);
}

/** Calls the handler of a message's type, else the catch-all. */
function message() {
  const sender = script.members.byId[user] ?? member(user);
  const handler = script.definition.messages[name];
  if (handler === undefined) return caught("message", sender);
  if (handler.validate === undefined) {
    return handler.run(script.api, sender, typeof body === "string" ? parse(body) : data());
  }
  const value = checked(handler, data());
  return unhandled === null ? handler.run(script.api, sender, value) : undefined;
}

/** Calls the catch-all, else sets `unhandled`. */
function caught(event, sender) {
  const handler = heard(event);
  // What came before the edit that made it a relay is the server's to pass on.
  if (handler === undefined || (kind === KIND_MESSAGE && script.definition.relays[name] !== undefined)) {
    unhandled = noHandler();
    return undefined;
  }
  return sender === undefined ? handler.run(script.api, parcel()) : handler.run(script.api, sender, parcel());
}

/** Keeps the token of a login, which is verified, from what looks at all of its data, as `console` and `JSON.stringify` do. */
function hideToken(data) {
  defineHidden(data, "token", data.token);
}

/** What each kind of event does: it calls the handler, where there is one, and returns and throws what that does. */
const actionsByName = {
  __proto__: null,
  message,
  join() {
    const { user: view, data } = fields();
    const joining = makeUser(script, view);
    const { members } = script;
    members.add(joining);
    undo = () => members.remove(joining.id);
    const handler = heard("join");
    const value = checked(handler, data);
    return unhandled === null ? handler?.run(script.api, joining, value) : undefined;
  },
  leave() {
    const leaving = script.members.remove(user) ?? member(user);
    if (unheard) return undefined;
    return heard("leave")?.run(script.api, leaving, data());
  },
  watch() {
    const { user: view, data } = fields();
    const { watchers } = script;
    watchers.add(view.id);
    undo = () => watchers.remove(view.id);
    const handler = heard("watch");
    const value = checked(handler, data);
    return unhandled === null ? handler?.run(script.api, viewed(view), value) : undefined;
  },
  unwatch() {
    script.watchers.remove(user);
    if (unheard) return undefined;
    return heard("unwatch")?.run(script.api, viewed(data()));
  },
  init: () => heard("init")?.run(script.api),
  connect: () => heard("connect")?.run(script.api, connectionOf(name)),
  disconnect: () => connection("disconnect", false),
  reconnect: () => connection("reconnect", true),
  login() {
    const handler = heard("login");
    if (handler === undefined) return undefined;
    const { data, address, headers, claims } = fields();
    if (claims !== undefined) hideToken(data);
    const value = checked(handler, data);
    if (unhandled !== null) return undefined;
    const login = { data: value, connection: connectionOf(name), address, headers: freeze(headers), claims };
    return handler.run(script.api, login);
  },
  loggedIn: () => heard("loggedIn")?.run(script.api, member(user)),
  logout: () => heard("logout")?.run(script.api, makeUser(script, data())),
  create() {
    const { user: view, request } = fields();
    const handler = heard("create");
    if (handler?.validate !== undefined) request.data = checked(handler, request.data);
    return unhandled === null ? handler?.run(script.api, request, viewed(view)) : undefined;
  },
  created: () =>
    heard("created")?.run(script.api, roomInfo(name), body === undefined ? undefined : viewed(data())),
  request() {
    const handler = heard("request");
    if (handler !== undefined) return handler.run(script.api, readRequest(name, data()));
    unhandled = noHandler();
    return undefined;
  },
  edit() {
    const edited = editState(script, fields());
    const { missing, problem } = edited;
    if (missing !== undefined) unhandled = nowhere(missing);
    else if (edited.changed !== undefined) unhandled = changed(edited.changed, edited.now);
    else if (problem !== undefined) unhandled = invalidData(label(), problem);
  },
  reload: () => heard("reload")?.run(script.api, { from: data() }),
  emit() {
    const handler = script.definition.emits[name];
    return handler === undefined ? caught("emit") : handler.run(script.api, data());
  },
  timer() {
    const handler = script.definition.timers[name];
    // The user's place has, with a number, that of the last event which was carried out when the timer fell due, and then the key.
    const space = indexOf(user, " ");
    const key = space < 0 ? undefined : slice(user, space + 1);
    const known = space < 0 ? user : slice(user, 0, space);
    // What is replayed was heard.
    const isOld = !muted && known !== "" && +known < script.timersSet.last(name, key);
    if (handler === undefined || isOld) {
      unhandled = noHandler();
      return undefined;
    }
    const value = checked(handler, data());
    return unhandled === null ? handler.run(script.api, value, key) : undefined;
  },
  fetched() {
    const handler = script.definition.fetches[name];
    if (handler !== undefined) {
      const { response, data, text } = fetched();
      return handler.run(script.api, responseOf(response, text), data);
    }
    unhandled = noHandler();
    return undefined;
  },
  tick() {
    const { tick, self } = script.definition;
    return tick === undefined ? undefined : apply(tick, self, [script.api, data()]);
  },
  close: () => heard("close")?.run(script.api, data()),
};

/** The same by the numbers of the kinds. */
export const actions = list();
for (let kind = 0; kind < FIRST_INTERNAL_KIND; kind++) actions[kind] = actionsByName[kindNames[kind]];
