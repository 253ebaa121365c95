import type { Connection } from "../connection/connection.ts";
import type { Clock } from "../ports/clock.ts";
import type { Backlog } from "../history/backlog.ts";

/** Characters that are sent at once, where the connection's outbox has room for more. */
const CHUNK_CHARACTERS = 256 * 1024;
/** How soon it is looked again whether the client has taken what it was sent; twice as long each time that it has not, ms. */
const FIRST_LOOK_MS = 10;
const LONGEST_LOOK_MS = 320;
/** Looks in a row at which a client has taken nothing before it is given up: 10 s. */
const MOST_LOOKS = 35;

/** Who waits for a turn: returns a promise that resolves when so many frames may be sent; undefined if that is now. */
export type Turn = (frames: number) => Promise<void> | undefined;

/** What happens once a user has been sent all that it missed. */
export interface CaughtUp {
  /** Tells the others, of whom one may be closed for being slow: then there is more to be sent. */
  tell(): void;
  /** The user hears what is new from here on. */
  listen(): void;
}

/**
 * Sends a user who has come back what it missed, as fast as its connection takes it, so that this alone never makes it a slow
 * client; then, in the same turn of the loop as the last of it, it goes on as `caughtUp` says. A client whose history runs over meanwhile is
 * closed: it comes back, and is told that something is lost.
 */
export class CatchUp {
  readonly #chunk: number;
  #pause = FIRST_LOOK_MS;
  #looks = 0;
  #waiting = 0;
  /** What histories had let go when it began, which the client is told. */
  readonly #gone: ReturnType<Backlog["gone"]>;

  constructor(
    private readonly backlog: Backlog,
    private readonly connection: Connection,
    private readonly clock: Clock,
    private readonly turn: Turn,
    private position: number,
    private readonly caughtUp: CaughtUp,
  ) {
    this.#chunk = Math.min(CHUNK_CHARACTERS, Math.floor(connection.outbox / 4));
    this.#gone = backlog.gone();
  }

  /** Begins, when it is the turn of what takes as long as so many frames; where little was missed, it is over when this returns. */
  start(frames: number): void {
    const wait = this.turn(frames);
    if (wait) void wait.then(() => this.#send());
    else this.#send();
  }

  #send(): void {
    if (this.connection.state !== "open") return;
    if (this.backlog.hasLost(this.position, this.#gone)) return this.connection.close("slow_client");
    while (this.connection.buffered < this.#chunk) {
      const isAll = this.#sendNext();
      if (this.connection.state !== "open") return;
      if (!isAll) continue;
      this.caughtUp.tell();
      if (this.connection.state !== "open") return;
      if (this.backlog.countAfter(this.position).frames === 0) return this.caughtUp.listen();
    }
    this.#lookSoon();
  }

  /** Sends the next chunk; returns true if nothing was missed behind it. */
  #sendNext(): boolean {
    const newest = this.backlog.numbers.last;
    const { frames, position } = this.backlog.framesAfter(this.position, this.#chunk);
    const isAll = position === Number.POSITIVE_INFINITY;
    this.position = isAll ? newest : position;
    let isDue = false;
    for (const frame of frames) if (this.connection.give(frame)) isDue = true;
    // Others may be closed for it, of which the user is to hear behind these.
    if (isDue) this.connection.checkOutbox();
    return isAll;
  }

  #lookSoon(): void {
    const { buffered } = this.connection;
    const hasTaken = buffered < this.#waiting;
    this.#waiting = buffered;
    this.#looks = hasTaken ? 0 : this.#looks + 1;
    if (this.#looks > MOST_LOOKS) return this.connection.close("slow_client");
    this.#pause = hasTaken ? FIRST_LOOK_MS : Math.min(2 * this.#pause, LONGEST_LOOK_MS);
    this.clock.after(this.#pause, () => this.#send());
  }
}
