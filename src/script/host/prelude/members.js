/** The users of a room or of an application, as scripts see them. */
import { defineProperty, dictionary, freeze, hasOwn, isArray, keys, list, toArray } from "./builtins.js";

/** Freezes what came out of JSON.parse, all the way down; its depth is bounded by the parser's. */
function freezeDeep(value) {
  if (typeof value !== "object" || value === null) return value;
  const own = keys(value);
  for (let i = 0; i < own.length; i++) freezeDeep(value[own[i]]);
  return freeze(value);
}

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

function define(object, key, value) {
  defineProperty(object, key, { __proto__: null, value, enumerable: true });
}

/** A frozen user object of parsed JSON `{ id, name, data? }`. */
export function makeUser(view) {
  return new User(view.id, view.name, hasOwn(view, "data") ? freezeDeep(view.data) : undefined);
}

/** Users by id, in the order in which they came; a user's object stays the same while the user is in it. */
export class Members {
  /** Read at each message, which a method would make dearer. */
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

  /** Removes and returns a user; undefined where there is none. */
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

  /** Looks for an id first, then for a name. */
  find(idOrName) {
    const user = this.byId[idOrName];
    if (user !== undefined) return user;
    for (let i = 0; i < this.#list.length; i++) if (this.#list[i].name === idOrName) return this.#list[i];
    return undefined;
  }

  /** A frozen array for scripts, the same one until somebody comes or goes. */
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
