import type { WireFrame } from "../../protocol/bytes.ts";
import type { FrameNumbers } from "./frame_numbers.ts";
import { History, type HistoryOwner, type Holder } from "./history.ts";
import type { HistoryStore } from "./history_store.ts";
import { countMissed, type MissedFrames, missedFrames } from "./missed.ts";
import { Spans } from "./spans.ts";

/** Rooms of which it is known by name that something is lost; what is lost of more of them is lost of "no room". */
const MOST_LOST = 100;

/** What an own frame is about: a room by name, no room (null), or what the client asked for. */
type Subject = string | null | typeof ANSWER;

/** The subject of a frame that answers one of the client's. */
export const ANSWER = Symbol("answer");

/** What a backlog is made with. */
export interface BacklogDeps {
  readonly numbers: FrameNumbers;
  readonly store: HistoryStore;
  /** Who its history counts for. */
  readonly owner: HistoryOwner;
  /** Absent where what is not seen does not outlive the server. */
  readonly keeper?: () => BacklogKeeper | undefined;
}

/** Who writes down what a user has not seen. */
export interface BacklogKeeper {
  /** Writes down the history of a user's own frames from now on. */
  open(own: History): void;
  forget(own: History): void;
  /** What the backlog has to write is another than before. */
  changed(): void;
}

/** From where to where a user hears, or heard, a history that is known by `key` (0 for one that is not kept); `to` is 0 where it goes on. */
export type WrittenSpan = readonly [key: string | 0, room: string | null, from: number, to: number];

/** A backlog as it is written, but for its frames. */
export interface WrittenBacklog {
  readonly seen: number;
  readonly spans: readonly WrittenSpan[];
  /** Rooms, or null, with the number up to which something of them is lost. */
  readonly lost: readonly (readonly [string | null, number])[];
}

/** What one user may not have got of what it was sent: its own frames, and those of the histories that it heard. */
export class Backlog implements Holder {
  /** Whether what is sent goes to the user's connection at once; else to histories only, from which it gets it once it has caught up. */
  isLive = true;
  readonly #own: History;
  readonly #spans: Spans;
  /** Rooms, or null, with the number up to which something of them is lost. */
  readonly #lost = new Map<string | null, number>();
  #seen = 0;
  /** Whether frames that were made again after the server's end are left out. */
  #mayHaveMore = false;

  /** `user` is whom frames are for, or not for. */
  constructor(
    private readonly user: unknown,
    private readonly deps: BacklogDeps,
  ) {
    const { store, owner } = deps;
    this.#spans = new Spans((room, number) => this.#lose(room, number));
    this.#own = new History(store, owner, (number, of) => this.#lose(roomOf(of as Subject), number));
    this.#own.hold(this);
    this.#spans.begin(this.#own, null, 0);
    deps.keeper?.()?.open(this.#own);
  }

  /** The numbers of the frames that it is sent. */
  get numbers(): FrameNumbers {
    return this.deps.numbers;
  }

  /** The number up to which the client has said that it has all. */
  get seen(): number {
    return this.#seen;
  }

  /** The number of the newest frame that it was sent, or is to be; 0 before the first. */
  get last(): number {
    let last = 0;
    for (const { history, to } of this.#spans) last = Math.max(last, Math.min(history.last, to));
    return last;
  }

  /** Notes that the client has all up to a number. One that was never given, or is lower than before, means nothing. */
  see(number: number): void {
    if (number <= this.#seen || number > this.numbers.last) return;
    this.#seen = number;
    this.#own.forgetUpTo(number);
    for (const [room, lost] of this.#lost) if (lost <= number) this.#lost.delete(room);
  }

  /** Has what the user has not seen written down from now on. */
  keepOn(): void {
    this.deps.keeper?.()?.open(this.#own);
  }

  /** The client, which is back, has all up to a number. Some of what follows it may have got under another one, before the server ended. */
  resumeAfter(number: number): void {
    this.#mayHaveMore = this.numbers.knownBefore(number) !== undefined;
    this.see(number);
  }

  /** Keeps a frame to the user alone. */
  keep(number: number, frame: WireFrame, about: Subject): void {
    this.#own.push(number, frame, about);
  }

  /** The user is sent what a history gets from now on. */
  hear(history: History, room: string | null): void {
    history.hold(this);
    this.#spans.begin(history, room, this.numbers.last);
    this.deps.keeper?.()?.changed();
  }

  /** The user is not sent any more what a history gets. */
  unhear(history: History): void {
    if (this.#spans.end(history, this.numbers.last, this.#seen)) history.release(this);
    this.deps.keeper?.()?.changed();
  }

  /** Returns what is to be written; `keyOf` gives the key of a history, 0 for one that is not kept. */
  written(keyOf: (history: History) => string | 0): WrittenBacklog {
    const spans: WrittenSpan[] = [];
    for (const { history, room, from, to } of this.#spans)
      if (history !== this.#own)
        spans.push([keyOf(history), room, from, to === Number.POSITIVE_INFINITY ? 0 : to]);
    return { seen: this.#seen, spans, lost: [...this.#lost] };
  }

  /** Takes what was written, where the user hears again what it still is to hear; `find` gives the history of a key. */
  restore({ seen, spans, lost }: WrittenBacklog, find: (key: string) => History | undefined): void {
    this.#seen = seen;
    for (const [room, number] of lost) this.#lost.set(room, number);
    for (const [key, room, from, to] of spans) {
      const history = key === 0 ? undefined : find(key);
      if (history) {
        history.hold(this);
        this.#spans.restore({ history, room, from, to: to || Number.POSITIVE_INFINITY });
      }
      // One that went on has ended with the server, and nothing has told the client, whatever it has seen.
      else this.#lose(room, to || this.numbers.last + 1);
    }
  }

  needsAfter(history: History): number | undefined {
    return this.#spans.needsAfter(history, this.#seen);
  }

  /** Returns the rooms of which something after `position` is not kept any more, and null where that is about no room. */
  lostAfter(position: number): Set<string | null> {
    const rooms = new Set<string | null>();
    for (const [room, number] of this.#lost) if (number > position) rooms.add(room);
    for (const { history, room, from, to } of this.#spans) {
      // Of its own frames it is known which room they were about.
      if (history !== this.#own && to > position && history.gone > Math.max(position, from)) rooms.add(room);
    }
    const forgotten = Math.max(this.#spans.forgotten, this.#own.gone);
    if (position < this.#seen && forgotten > position) rooms.add(null);
    if (this.#mayHaveMore) this.#addLeftOut(position, rooms);
    // Nothing that is kept was sent under such a number: what was is gone with the server, and it is not known what it was about.
    if (this.#mayHaveMore && rooms.size === 0) rooms.add(null);
    return rooms;
  }

  /** Returns the highest number that each history has let go by now, for `hasLost`. */
  gone(): ReadonlyMap<History, number> {
    return new Map(Array.from(this.#spans, ({ history }) => [history, history.gone]));
  }

  /** Returns true if something after `position` was let go since histories had let go what `before` says. */
  hasLost(position: number, before: ReadonlyMap<History, number>): boolean {
    for (const { history, from, to } of this.#spans) {
      if (to > position && history.gone > Math.max(position, from, before.get(history) ?? 0)) return true;
    }
    return false;
  }

  /** Returns how many frames after `position` are kept for the user, and how many characters they have. */
  countAfter(position: number): { frames: number; characters: number } {
    return countMissed(this.#spans, this.#isFor, position);
  }

  /** Returns the first of them, until they have so many characters. */
  framesAfter(position: number, characters: number): MissedFrames {
    return missedFrames(this.#spans, this.#isFor, position, characters);
  }

  /** Forgets the answers to what a client has asked for who is not there any more. */
  forgetAnswers(): void {
    this.#own.leaveOut((about) => about === ANSWER);
  }

  /** Forgets all: nobody comes back. */
  end(): void {
    this.isLive = false;
    this.deps.keeper?.()?.forget(this.#own);
    for (const history of this.#spans.clear()) history.release(this);
  }

  readonly #isFor = (number: number, note: unknown): boolean => {
    if (note instanceof Set && note.has(this.user)) return false;
    return !this.#mayHaveMore || note === ANSWER || !this.numbers.isAgain(number);
  };

  /** Adds the rooms of frames that it may have got already. */
  #addLeftOut(position: number, rooms: Set<string | null>): void {
    for (const { history, room, from, to } of this.#spans) {
      for (const { number, note } of history.keptAfter(Math.max(position, from))) {
        if (number > to || this.#isFor(number, note)) continue;
        if (!(note instanceof Set && note.has(this.user)))
          rooms.add(history === this.#own ? roomOf(note as Subject) : room);
      }
    }
  }

  #lose(room: string | null, number: number): void {
    if (number <= this.#seen) return;
    this.deps.keeper?.()?.changed();
    this.#lost.set(this.#lost.size < MOST_LOST || this.#lost.has(room) ? room : null, number);
  }
}

function roomOf(about: Subject): string | null {
  return about === ANSWER ? null : about;
}
