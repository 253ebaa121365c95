/** The rooms of an application as its extension sees them. */
import { dictionary, freeze, keys, list, toArray } from "./builtins.js";

/** The rooms of an application by name, in the order in which they were made (those named by a number first). */
export class Rooms {
  #byName = dictionary();
  #array;
  /** Ids of the members by room, and names of the rooms by user. */
  #members = dictionary();
  #roomsOf = dictionary();

  /** Adds every room of parsed JSON; one that is there already is replaced, in its place. */
  addAll(views) {
    for (let i = 0; i < views.length; i++) {
      const view = views[i];
      // JSON has no Infinity: no limit arrives as null.
      view.maxUsers ??= 1 / 0;
      this.#byName[view.name] = freeze(view);
    }
    this.#array = undefined;
  }

  /** Removes every room of parsed JSON, by name. */
  removeAll(names) {
    for (let i = 0; i < names.length; i++) delete this.#byName[names[i]];
    this.#array = undefined;
  }

  /** Notes who is in which room no more, and who is, as parsed JSON: ids of users with names of rooms. */
  updateMembers({ remove, add }) {
    for (let i = 0; i < remove.length; i++) {
      const pair = remove[i];
      removePair(this.#members, pair[1], pair[0]);
      removePair(this.#roomsOf, pair[0], pair[1]);
    }
    for (let i = 0; i < add.length; i++) {
      const pair = add[i];
      addPair(this.#members, pair[1], pair[0]);
      addPair(this.#roomsOf, pair[0], pair[1]);
    }
  }

  /** Returns the users in a room of that name, of all `members` of the application, as a frozen array. */
  usersIn(name, members) {
    const users = list();
    const ids = this.#members[name];
    if (ids === undefined) return toArray(users);
    const all = keys(ids);
    for (let i = 0; i < all.length; i++) {
      const user = members.byId[all[i]];
      if (user !== undefined) users[users.length] = user;
    }
    return toArray(users);
  }

  /** Returns the names of the rooms that a user is in as a frozen array. */
  of(id) {
    const names = list();
    const all = this.#roomsOf[id] === undefined ? names : keys(this.#roomsOf[id]);
    for (let i = 0; i < all.length; i++) names[i] = all[i];
    return toArray(names);
  }

  /** Returns the room of that name, else undefined. */
  named(name) {
    return this.#byName[name];
  }

  /** The rooms as a frozen array for scripts, the same one until something changes. */
  get array() {
    if (this.#array === undefined) {
      const names = keys(this.#byName);
      const rooms = list();
      for (let i = 0; i < names.length; i++) rooms[i] = this.#byName[names[i]];
      this.#array = toArray(rooms);
    }
    return this.#array;
  }
}

/** Adds a value to the set of a key. */
function addPair(sets, key, value) {
  let set = sets[key];
  if (set === undefined) set = sets[key] = dictionary();
  set[value] = true;
}

/** Removes a value from the set of a key, and the set with its last one. */
function removePair(sets, key, value) {
  const set = sets[key];
  if (set === undefined) return;
  delete set[value];
  for (const _ in set) return;
  delete sets[key];
}
