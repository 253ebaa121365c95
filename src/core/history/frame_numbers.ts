/** The numbers of an application's frames to logged-in users, from 1: one for all, so that what a user gets is in order whatever it is about. */
export class FrameNumbers {
  #last = 0;

  /** The last one given; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  next(): number {
    return ++this.#last;
  }
}
