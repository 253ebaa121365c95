import type { History } from "./history.ts";

/** From where to where a user was among those who are sent the frames of a history: above `from`, up to `to`. */
export interface Span {
  readonly history: History;
  /** Name of the room; null where the frames are about none, or about several. */
  readonly room: string | null;
  readonly from: number;
  /** Infinity as long as the user is among them. */
  to: number;
}

/** Spans that have ended and are kept until the user has what was sent in them. */
const MOST_ENDED = 100;

/** What one user is sent of which histories, and was sent before as far as it may not have got it. */
export class Spans {
  readonly #byHistory = new Map<History, Span[]>();
  #ended = 0;
  #forgotten = 0;

  /** `lost` hears that a span was given up, since there were too many: of that room something up to that number may be missing. */
  constructor(private readonly lost: (room: string | null, number: number) => void) {}

  /** The highest number at which a span ended that is forgotten, since the user had seen it. */
  get forgotten(): number {
    return this.#forgotten;
  }

  *[Symbol.iterator](): Generator<Span> {
    for (const spans of this.#byHistory.values()) yield* spans;
  }

  begin(history: History, room: string | null, from: number): void {
    const spans = this.#byHistory.get(history);
    const span = { history, room, from, to: Number.POSITIVE_INFINITY };
    if (spans) spans.push(span);
    else this.#byHistory.set(history, [span]);
  }

  /** Takes a span as it was kept, in the place of the one of that history that lasts. */
  restore(span: Span): void {
    const others = (this.#byHistory.get(span.history) ?? []).filter(
      ({ to }) => to !== Number.POSITIVE_INFINITY,
    );
    if (span.to !== Number.POSITIVE_INFINITY) this.#ended++;
    this.#byHistory.set(span.history, [...others, span]);
  }

  /** Ends the span of a history that lasts; `seen` is the number up to which the user has all. Returns true if no span of it is left. */
  end(history: History, to: number, seen: number): boolean {
    const span = this.#byHistory.get(history)?.at(-1);
    if (!span || span.to !== Number.POSITIVE_INFINITY) return !span;
    span.to = to;
    this.#ended++;
    if (this.#ended > MOST_ENDED) this.#makeRoom(seen);
    this.#forgetSeen(history, seen);
    return !this.#byHistory.has(history);
  }

  /** Returns the number above which frames of a history are needed by who has all up to `seen`; undefined where none are. */
  needsAfter(history: History, seen: number): number | undefined {
    this.#forgetSeen(history, seen);
    const [first] = this.#byHistory.get(history) ?? [];
    return first && Math.max(first.from, seen);
  }

  /** Forgets all, and returns the histories that there were. */
  clear(): History[] {
    const histories = [...this.#byHistory.keys()];
    this.#byHistory.clear();
    this.#ended = 0;
    return histories;
  }

  /** Forgets the spans of a history that have ended at a number that the user has seen. */
  #forgetSeen(history: History, seen: number): void {
    const spans = this.#byHistory.get(history);
    if (!spans?.some(({ to }) => to <= seen)) return;
    const left = spans.filter(({ to }) => to > seen);
    for (const { to } of spans) if (to <= seen && to > this.#forgotten) this.#forgotten = to;
    this.#ended -= spans.length - left.length;
    if (left.length > 0) this.#byHistory.set(history, left);
    else this.#byHistory.delete(history);
  }

  /** Forgets what has been seen everywhere, else the span that ended first. */
  #makeRoom(seen: number): void {
    for (const history of [...this.#byHistory.keys()]) this.#forgetSeen(history, seen);
    if (this.#ended <= MOST_ENDED) return;
    let oldest: Span | undefined;
    for (const span of this) if (!oldest || span.to < oldest.to) oldest = span;
    if (!oldest) return;
    this.lost(oldest.room, oldest.to);
    this.#forgetSeen(oldest.history, oldest.to);
  }
}
