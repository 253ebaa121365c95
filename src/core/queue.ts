/** A queue that is read from its head: `shift` costs the same whatever its length, unlike an array's. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Returns the item at `index`, counted from the head. */
  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  /** Takes the item at the head; undefined where the queue is empty. */
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.length === 0) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) this.#items.length = this.#head = 0;
    // Moving what is left only once it is the smaller half keeps the cost per item constant.
    if (this.#head > 32 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Puts items before the head again, in their order. */
  putBack(items: readonly T[]): void {
    if (items.length > this.#head) {
      // With as many places again: items may come one by one, and each must not move all that wait.
      const places = items.length + this.length;
      this.#items = [...new Array<undefined>(places).fill(undefined), ...this.#items.slice(this.#head)];
      this.#head = places;
    }
    this.#head -= items.length;
    for (let at = 0; at < items.length; at++) this.#items[this.#head + at] = items[at];
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let at = this.#head; at < this.#items.length; at++) yield this.#items[at] as T;
  }
}
