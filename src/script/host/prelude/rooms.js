/** The rooms of an application as its extension sees them. */
import { dictionary, freeze, keys, list, toArray } from "./builtins.js";

/** The rooms of an application by name, in the order in which they were made (those named by a number first). */
export class Rooms {
  #byName = dictionary();
  #array;

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
