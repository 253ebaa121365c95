/** The rooms of an application as its extension sees them. */
import { dictionary, freeze, isArray, keys, list, toArray } from "./builtins.js";

/** Rooms by name, in the order in which they were made (those named by a number first). */
export class Rooms {
  #byName = dictionary();
  #array;

  /** Adds what parsed JSON lists; a room that is there is replaced, in its place. */
  addAll(views) {
    if (!isArray(views)) return;
    for (let i = 0; i < views.length; i++) {
      const view = views[i];
      // JSON has no Infinity: no limit arrives as null.
      view.maxUsers ??= 1 / 0;
      this.#byName[view.name] = freeze(view);
    }
    this.#array = undefined;
  }

  removeAll(names) {
    if (!isArray(names)) return;
    for (let i = 0; i < names.length; i++) delete this.#byName[names[i]];
    this.#array = undefined;
  }

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
