/** A frame of a client that is not answered. */
interface Sent {
  /** Which frame of the session it is, from 1. */
  number: number;
  readonly id: number;
  readonly text: string;
}

/** The frames of a session, each with an id: which ones have to be sent again. */
export class SentFrames {
  #last = 0;
  #waiting: Sent[] = [];
  /** Numbers of frames that were answered, above what a server has counted in a row. */
  #answered = new Set<number>();

  add(id: number, text: string): void {
    this.#waiting.push({ number: ++this.#last, id, text });
  }

  /** Notes that a frame was answered. */
  answered(id: number): void {
    const at = this.#waiting.findIndex((frame) => frame.id === id);
    const [frame] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (frame) this.#answered.add(frame.number);
  }

  /**
   * Goes on behind the first `received` frames and those numbered `beyond`, which the server has had; the others are counted anew.
   * Returns those to be sent again, and the numbers of those that were answered and that the server does not know of.
   */
  resume(
    received: number,
    beyond: readonly number[],
  ): { again: readonly Sent[]; unknown: readonly number[] } {
    const had = (number: number) => number <= received || beyond.includes(number);
    const unknown = [...this.#answered].filter((number) => !had(number));
    if (received > this.#last) unknown.push(received);
    const again = this.#waiting.filter(({ number }) => !had(number));
    const kept = this.#waiting.filter(({ number }) => had(number));
    this.#answered = new Set();
    this.#last = received;
    for (const frame of again) frame.number = ++this.#last;
    // What the server had was counted before those that it is sent again.
    for (const frame of kept) frame.number = Math.min(frame.number, received);
    this.#waiting = [...kept, ...again];
    return { again, unknown };
  }
}
