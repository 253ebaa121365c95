/** The users of a room or of an application, as scripts see them. */
import { defineProperty, dictionary, freeze, hasOwn, keys, list, toArray } from "./builtins.js";

/** Freezes what JSON.parse has returned, all the way down, and returns it; its depth is bounded by the parser's. */
export function freezeDeep(value) {
  if (typeof value !== "object" || value === null) return value;
  const own = keys(value);
  for (let i = 0; i < own.length; i++) freezeDeep(value[own[i]]);
  return freeze(value);
}

/** A user as scripts see it. */
class User {
  #script;
  #connected;
  constructor(script, id, name, data, connected) {
    this.#script = script;
    define(this, "id", id);
    define(this, "name", name);
    define(this, "data", data);
    this.#connected = connected;
    freeze(this);
  }
  /** Whether there is a connection; a user without one is away, and may come back. */
  get connected() {
    return this.#connected;
  }
  static connect(user, connected) {
    user.#connected = connected;
  }
  /** Names of the rooms that the user is in: of all in an application's script, of its own in a room's. */
  get rooms() {
    const { rooms, members, name } = this.#script;
    if (rooms !== undefined) return rooms.of(this.id);
    const own = list();
    if (members.byId[this.id] !== undefined) own[0] = name;
    return toArray(own);
  }
  toString() {
    return this.name;
  }
}
/** Notes whether a user has a connection. */
export const setConnected = User.connect;
delete User.connect;
freeze(User.prototype);
freeze(User);

/** Gives an object a property that can't be changed. */
function define(object, key, value) {
  defineProperty(object, key, { __proto__: null, value, enumerable: true });
}

/** Returns a frozen user object of a script for parsed JSON `{ id, name, data?, connected? }`. */
export function makeUser(script, view) {
  const data = hasOwn(view, "data") ? freezeDeep(view.data) : undefined;
  return new User(script, view.id, view.name, data, !hasOwn(view, "connected"));
}

/** The users of a room or an application; each is the same object all the time. Nothing that one does takes longer where there are many. */
export class Members {
  /** Users by id, in the order in which they came, since no id is a number; no method, since it is read at each message. */
  byId = dictionary();
  #byName = dictionary();
  #array;
  #script;

  constructor(script) {
    this.#script = script;
  }

  /** Adds a user, or replaces the one with the same id. */
  add(user) {
    const before = this.byId[user.id];
    if (before !== undefined && this.#byName[before.name] === before) delete this.#byName[before.name];
    this.byId[user.id] = user;
    this.#byName[user.name] = user;
    this.#array = undefined;
  }

  /** Removes and returns a user; undefined where there is none of that id. */
  remove(id) {
    const user = this.byId[id];
    if (user === undefined) return undefined;
    delete this.byId[id];
    if (this.#byName[user.name] === user) delete this.#byName[user.name];
    this.#array = undefined;
    return user;
  }

  /** Returns the user of that id, else the one of that name, else undefined. */
  find(idOrName) {
    return this.byId[idOrName] ?? this.#byName[idOrName];
  }

  /** The users as a frozen array for scripts, the same one until somebody comes or goes. */
  get array() {
    if (this.#array === undefined) {
      const ids = keys(this.byId);
      const users = list();
      for (let i = 0; i < ids.length; i++) users[i] = this.byId[ids[i]];
      this.#array = toArray(users);
    }
    return this.#array;
  }

  /** Adds every user of parsed JSON. */
  addAll(views) {
    for (let i = 0; i < views.length; i++) this.add(makeUser(this.#script, views[i]));
  }

  /** Notes of every user of parsed JSON, by id, whether there is a connection. */
  connectAll(ids, isConnected) {
    for (let i = 0; i < ids.length; i++) {
      if (this.byId[ids[i]] !== undefined) setConnected(this.byId[ids[i]], isConnected);
    }
  }

  /** Removes every user of parsed JSON, by id. */
  removeAll(ids) {
    for (let i = 0; i < ids.length; i++) this.remove(ids[i]);
  }
}
