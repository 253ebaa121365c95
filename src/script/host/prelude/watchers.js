/** Who watches a room. */
import { dictionary } from "./builtins.js";

/** The ids of those who watch a room; scripts are told how many there are. */
export class Watchers {
  #ids = dictionary();
  #count = 0;

  get count() {
    return this.#count;
  }

  add(id) {
    if (this.#ids[id] === true) return;
    this.#ids[id] = true;
    this.#count++;
  }

  remove(id) {
    if (this.#ids[id] !== true) return;
    delete this.#ids[id];
    this.#count--;
  }

  /** Removes and adds every id of parsed JSON. */
  update({ remove, add }) {
    for (let i = 0; i < remove.length; i++) this.remove(remove[i]);
    for (let i = 0; i < add.length; i++) this.add(add[i]);
  }
}
