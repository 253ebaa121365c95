/** What each kind of event does: the bookkeeping that it means, and the handler that hears it. */
import {
  apply,
  freeze,
  isArray,
  list,
  NativePromise,
  parse,
  setPrototypeOf,
  TypeMistake,
  toText,
} from "./builtins.js";
import { body, kind, name, script, user } from "./event.js";
import { invalidData, noHandler } from "./failure.js";
import { makeUser } from "./members.js";
import { FIRST_INTERNAL_KIND, KIND_EMIT, KIND_MESSAGE, KIND_TIMER, kindNames } from "./wire.js";

/** The failure of an event that no handler was asked to handle; what its action returned is to be ignored then. */
export let unhandled = null;
/** Takes a joining user out again. */
export let undo;

/** The event is over: nothing of it is left for the next. */
export function forget() {
  unhandled = null;
  undo = undefined;
}

/** What the running event is called in messages: the message's, event's or timer's own name, or its kind. */
export function label() {
  return (kind === KIND_MESSAGE || kind === KIND_EMIT || kind === KIND_TIMER) && name !== ""
    ? name
    : kindNames[kind];
}

function data() {
  return body === undefined ? undefined : parse(body);
}

/** The body's own fields, without what a script may have put behind every object. */
function fields() {
  return setPrototypeOf(parse(body), null);
}

/** Up to this many UTF-16 units, parsing costs less than the means not to. */
const SHORT = 200;

/** `{ type, data }` for a catch-all; long data that it doesn't look at is never parsed. */
function parcel() {
  const type = name;
  if (body === undefined || body.length <= SHORT) return { type, data: data() };
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

function member(id) {
  return script.members.byId[id] ?? makeUser({ __proto__: null, id, name: id });
}

const connectionOf = (id) => freeze({ id, toString: () => id });

/** The handler of an event of the definition, where it has one. */
function heard(event) {
  return script.definition.events[event];
}

/** What data a schema makes of the event's; throws what the schema throws, sets `unhandled` where the data does not fit. */
function checked(validate) {
  const result = validate(data());
  if (result instanceof NativePromise)
    throw new TypeMistake("messages." + name + ".schema must not be asynchronous");
  if (result.issues === undefined) return result.value;
  unhandled = invalidData(name, problemOf(result.issues));
  return undefined;
}

/** Calls the handler that a message has by its type, else the catch-all. */
function message() {
  const sender = script.members.byId[user] ?? member(user);
  const handler = script.definition.messages[name];
  if (handler === undefined) return caught("message", sender);
  if (handler.validate === undefined) {
    return handler.run(script.api, sender, body === undefined ? undefined : parse(body));
  }
  const value = checked(handler.validate);
  return unhandled === null ? handler.run(script.api, sender, value) : undefined;
}

/** Gives what no handler has by its type to the catch-all. */
function caught(event, sender) {
  const handler = heard(event);
  if (handler === undefined) {
    unhandled = noHandler();
    return undefined;
  }
  return sender === undefined ? handler.run(script.api, parcel()) : handler.run(script.api, sender, parcel());
}

/** The first issue in words, with the path of what it is about: `cell: Invalid type: Expected number but received "x"`. */
function problemOf(issues) {
  const { message, path } = issues[0];
  let text = "";
  for (let i = 0; isArray(path) && i < path.length; i++) {
    const step = path[i];
    text += (i > 0 ? "." : "") + toText(typeof step === "object" && step !== null ? step.key : step);
  }
  return (text === "" ? "" : text + ": ") + toText(message);
}

/** What each kind of event does: it calls the handler, where there is one, and returns and throws what that does. */
const actionsByName = {
  __proto__: null,
  message,
  join() {
    const { user: view, data } = fields();
    const joining = makeUser(view);
    const { members } = script;
    members.add(joining);
    undo = () => members.remove(joining.id);
    return heard("join")?.run(script.api, joining, data);
  },
  leave() {
    const leaving = script.members.remove(user) ?? member(user);
    return heard("leave")?.run(script.api, leaving, data());
  },
  init: () => heard("init")?.run(script.api),
  connect: () => heard("connect")?.run(script.api, connectionOf(name)),
  disconnect() {
    const handler = heard("disconnect");
    if (script.rooms === undefined) return handler?.run(script.api, member(user));
    return handler?.run(script.api, connectionOf(name), user === "" ? undefined : member(user));
  },
  reconnect: () => heard("reconnect")?.run(script.api, member(user)),
  login: () => heard("login")?.run(script.api, { data: data(), connection: connectionOf(name) }),
  logout: () => heard("logout")?.run(script.api, makeUser(data())),
  create() {
    const { user: view, request } = fields();
    return heard("create")?.run(script.api, request, makeUser(view));
  },
  emit() {
    const handler = script.definition.emits[name];
    return handler === undefined ? caught("emit") : handler.run(script.api, data());
  },
  timer() {
    const handler = script.definition.timers[name];
    if (handler !== undefined) return handler.run(script.api, data());
    unhandled = noHandler();
    return undefined;
  },
  tick() {
    const { tick, self } = script.definition;
    return tick === undefined ? undefined : apply(tick, self, [script.api, data()]);
  },
  directory() {
    const { users, rooms } = fields();
    if (users !== undefined) {
      setPrototypeOf(users, null);
      if (isArray(users.remove))
        for (let i = 0; i < users.remove.length; i++) script.members.remove(users.remove[i]);
      script.members.addAll(users.add);
    }
    if (rooms !== undefined && script.rooms !== undefined) {
      setPrototypeOf(rooms, null);
      script.rooms.removeAll(rooms.remove);
      script.rooms.addAll(rooms.add);
    }
    return undefined;
  },
  close: () => heard("close")?.run(script.api, data()),
};

/** The same by the numbers of the kinds. */
export const actions = list();
for (let kind = 0; kind < FIRST_INTERNAL_KIND; kind++) actions[kind] = actionsByName[kindNames[kind]];
