/** What each kind of event does: the bookkeeping that it means, and the handler that hears it. */
import {
  apply,
  freeze,
  isArray,
  NativeError,
  NativePromise,
  parse,
  setPrototypeOf,
  TypeMistake,
  toText,
} from "./builtins.js";
import { invalidData, noHandler } from "./failure.js";
import { makeUser } from "./members.js";

/** Wraps a failure that isn't thrown, so that it can't be taken for a handler's value. */
class Unhandled {
  #failure;
  constructor(failure) {
    this.#failure = failure;
  }
  static failureIn(value) {
    return typeof value === "object" && value !== null && #failure in value ? value.#failure : undefined;
  }
}

/** The failure that `handle` returned in place of a value, else undefined. */
export const failureIn = Unhandled.failureIn;

/**
 * Runs the handler of an event `{ script, kind, user, name, body }`, whose body is text or undefined. Returns what the
 * handler returned, or something that `failureIn` knows; throws what it throws.
 */
export function handle(event) {
  const { script, kind } = event;
  const action = actions[kind];
  if (action === undefined) throw new NativeError("there is no event " + kind);
  return action(script, event);
}

/** What an event is called in messages: the message's, event's or timer's own name, or its kind. */
export function nameOf(event) {
  const { kind, name } = event;
  return (kind === "message" || kind === "emit" || kind === "timer") && name !== "" ? name : kind;
}

function dataOf(event) {
  return event.body === undefined ? undefined : parse(event.body);
}

/** The body's own fields, without what a script may have put behind every object. */
function fieldsOf(event) {
  return setPrototypeOf(parse(event.body), null);
}

/** Calls `events.<name>`, where there is one. */
function call(script, name, args) {
  const handler = script.definition.events[name];
  return handler === undefined ? undefined : apply(handler.run, handler.self, args);
}

/** Up to this many UTF-16 units, parsing costs less than the means not to. */
const SHORT = 200;

/** `{ type, data }` for a catch-all; long data that it doesn't look at is never parsed. */
function parcel(event) {
  const { name: type, body } = event;
  if (body === undefined) return { type, data: undefined };
  if (body.length <= SHORT) return { type, data: parse(body) };
  let isParsed = false;
  let data;
  return {
    type,
    get data() {
      if (!isParsed) {
        data = parse(body);
        isParsed = true;
      }
      return data;
    },
  };
}

function memberOf(script, id) {
  return script.members.byId(id) ?? makeUser({ __proto__: null, id, name: id });
}

const connectionOf = (id) => freeze({ id, toString: () => id });

/** Calls the handler that a section has for a name, else the catch-all; `user` is undefined where the event has none. */
function route(script, section, event, user) {
  const argumentsWith = (last) => (user === undefined ? [script.api, last] : [script.api, user, last]);
  const handler = script.definition[section][event.name];
  if (handler === undefined) {
    if (script.definition.events[event.kind] === undefined) return new Unhandled(noHandler(event.name));
    return call(script, event.kind, argumentsWith(parcel(event)));
  }
  let data = dataOf(event);
  if (handler.validate !== undefined) {
    const result = apply(handler.validate, handler.standard, [data]);
    if (result instanceof NativePromise)
      throw new TypeMistake("messages." + event.name + ".schema must not be asynchronous");
    if (result.issues !== undefined) {
      return new Unhandled(invalidData(event.name, problemOf(result.issues)));
    }
    data = result.value;
  }
  return apply(handler.run, handler.self, argumentsWith(data));
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

const actions = {
  __proto__: null,
  init: (script) => call(script, "init", [script.api]),
  join(script, event) {
    const { user: view, data } = fieldsOf(event);
    const user = makeUser(view);
    script.members.add(user);
    event.undo = () => script.members.remove(user.id);
    return call(script, "join", [script.api, user, data]);
  },
  leave(script, event) {
    const user = script.members.remove(event.user) ?? memberOf(script, event.user);
    return call(script, "leave", [script.api, user, event.name === "" ? undefined : event.name]);
  },
  message: (script, event) => route(script, "messages", event, memberOf(script, event.user)),
  emit: (script, event) => route(script, "emits", event, undefined),
  timer(script, event) {
    const handler = script.definition.timers[event.name];
    if (handler === undefined) return new Unhandled(noHandler(event.name));
    return apply(handler.run, handler.self, [script.api, dataOf(event)]);
  },
  tick(script, event) {
    const { tick, self } = script.definition;
    return tick === undefined ? undefined : apply(tick, self, [script.api, dataOf(event)]);
  },
  connect: (script, event) => call(script, "connect", [script.api, connectionOf(event.name)]),
  disconnect(script, event) {
    if (script.rooms === undefined)
      return call(script, "disconnect", [script.api, memberOf(script, event.user)]);
    const user = event.user === "" ? undefined : memberOf(script, event.user);
    return call(script, "disconnect", [script.api, connectionOf(event.name), user]);
  },
  reconnect: (script, event) => call(script, "reconnect", [script.api, memberOf(script, event.user)]),
  login(script, event) {
    return call(script, "login", [script.api, { data: dataOf(event), connection: connectionOf(event.name) }]);
  },
  logout: (script, event) => call(script, "logout", [script.api, makeUser(dataOf(event))]),
  create(script, event) {
    const { user, request } = fieldsOf(event);
    return call(script, "create", [script.api, request, makeUser(user)]);
  },
  mirror(script, event) {
    const { users, rooms } = fieldsOf(event);
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
  close: (script, event) => call(script, "close", [script.api, event.name]),
};
