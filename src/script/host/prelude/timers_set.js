/** Which timers a script has set or cancelled, so that one that has fallen due meanwhile is not heard. */
import { dictionary } from "./builtins.js";

/** Entries of a half: as many calls are under way before the server knows of the first one only in scripts that mean harm. */
const MAX_ENTRIES = 1000;

/** Returns by what a timer is known; no name has a line feed. */
function idOf(name, key) {
  return key === undefined ? name : name + "\n" + key;
}

/** By name and key the number of the last event that has set or cancelled a timer since the script was opened. */
export class TimersSet {
  #new = dictionary();
  #old = dictionary();
  #count = 0;
  /** The highest numbers: of all, of the older half, and of what was forgotten. */
  #highest = 0;
  #highestOld = 0;
  #highestForgotten = 0;

  /** Notes that an event has set or cancelled a timer. */
  note(name, key, seq) {
    if (++this.#count > MAX_ENTRIES) {
      this.#old = this.#new;
      this.#new = dictionary();
      this.#highestForgotten = this.#highestOld;
      this.#highestOld = this.#highest;
      this.#count = 1;
    }
    this.#new[idOf(name, key)] = this.#highest = seq;
  }

  /** Returns the number of the event that has set or cancelled it last, or a later one: then the server has it heard once more. */
  last(name, key) {
    const id = idOf(name, key);
    return this.#new[id] ?? this.#old[id] ?? this.#highestForgotten;
  }
}
