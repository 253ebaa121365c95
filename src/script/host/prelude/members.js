/** The users of a room or of an application, as scripts see them. */
import { defineProperty, dictionary, freeze, hasOwn, isArray, keys, list, toArray } from "./builtins.js";

/** Freezes what JSON.parse has returned, all the way down, and returns it; its depth is bounded by the parser's. */
function freezeDeep(value) {
  if (typeof value !== "object" || value === null) return value;
  const own = keys(value);
  for (let i = 0; i < own.length; i++) freezeDeep(value[own[i]]);
  return freeze(value);
}

/** A user as scripts see it. */
class User {
  constructor(id, name, data) {
    define(this, "id", id);
    define(this, "name", name);
    define(this, "data", data);
    freeze(this);
  }
  toString() {
    return this.name;
  }
}
freeze(User.prototype);
freeze(User);

/** Gives an object a property that can't be changed. */
function define(object, key, value) {
  defineProperty(object, key, { __proto__: null, value, enumerable: true });
}

/** Returns a frozen user object for parsed JSON `{ id, name, data? }`. */
export function makeUser(view) {
  return new User(view.id, view.name, hasOwn(view, "data") ? freezeDeep(view.data) : undefined);
}

/** The users of a room or an application, in the order in which they came; each is the same object all the time. */
export class Members {
  /** Users by id; no method, since it is read at each message. */
  byId = dictionary();
  #list = list();
  #array;

  /** Adds a user, or replaces the one with the same id. */
  add(user) {
    if (this.byId[user.id] === undefined) {
      this.#list[this.#list.length] = user;
    } else {
      for (let i = 0; i < this.#list.length; i++) if (this.#list[i].id === user.id) this.#list[i] = user;
    }
    this.byId[user.id] = user;
    this.#array = undefined;
  }

  /** Removes and returns a user; undefined where there is none of that id. */
  remove(id) {
    const user = this.byId[id];
    if (user === undefined) return undefined;
    delete this.byId[id];
    const rest = list();
    for (let i = 0; i < this.#list.length; i++) {
      if (this.#list[i] !== user) rest[rest.length] = this.#list[i];
    }
    this.#list = rest;
    this.#array = undefined;
    return user;
  }

  /** Returns the user of that id, else the one of that name, else undefined. */
  find(idOrName) {
    const user = this.byId[idOrName];
    if (user !== undefined) return user;
    for (let i = 0; i < this.#list.length; i++) if (this.#list[i].name === idOrName) return this.#list[i];
    return undefined;
  }

  /** The users as a frozen array for scripts, the same one until somebody comes or goes. */
  get array() {
    this.#array ??= toArray(this.#list);
    return this.#array;
  }

  /** Adds every user of parsed JSON. */
  addAll(views) {
    if (!isArray(views)) return;
    for (let i = 0; i < views.length; i++) this.add(makeUser(views[i]));
  }
}
