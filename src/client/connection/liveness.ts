/** What a `Liveness` asks and tells. */
export interface LivenessEvents {
  /** Asks the server for an answer. */
  ping(): void;
  /** Nothing was heard for too long. */
  dead(): void;
  /** Returns true if an answer is waited for, so that silence means more. */
  isWaiting(): boolean;
  /** Returns true if the server may answer late: frames wait for what a script does at a login or join. */
  isSlow(): boolean;
}

/**
 * Finds out that a connection is dead, by what is heard alone: a link that has gone silent takes everything that is sent. Its
 * timer is set anew only when it fires, so that frames cost nothing.
 */
export class Liveness {
  /** Silence after which the server is asked, and the same while an answer is waited for; how long it may take to answer, ms. */
  readonly #idle: number;
  readonly #soon: number;
  readonly #patience: number;
  readonly #limit: number;
  readonly #events: LivenessEvents;
  #heardAt = 0;
  #askedAt: number | undefined;
  /** Whether this side has slept since something was heard, and the other was asked once more. */
  #wasExcused = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = 0;

  /** `limit`: ms after which a dead connection is found to be dead, at the latest; 0 never looks. */
  constructor(limit: number, events: LivenessEvents) {
    this.#limit = limit;
    this.#idle = limit * 0.75;
    this.#soon = limit / 8;
    this.#patience = limit / 4;
    this.#events = events;
  }

  start(): void {
    this.heard();
    if (this.#limit > 0) this.#arm(this.#idle);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#askedAt = undefined;
  }

  /** Notes that something came. */
  heard(): void {
    this.#heardAt = performance.now();
    this.#askedAt = undefined;
    this.#wasExcused = false;
  }

  /** Notes that something was sent that is to be answered: silence is noticed sooner. */
  expect(): void {
    if (this.#timer !== undefined && this.#due > performance.now() + this.#soon) this.#arm(this.#soon);
  }

  /** Asks now: the machine or the page has slept, or the network has changed. */
  probe(): void {
    if (this.#timer === undefined || this.#askedAt !== undefined) return;
    this.#ask();
  }

  #ask(): void {
    this.#askedAt = performance.now();
    this.#events.ping();
    this.#arm(this.#patience);
  }

  #arm(delay: number): void {
    clearTimeout(this.#timer);
    this.#due = performance.now() + delay;
    this.#timer = setTimeout(() => this.#look(), delay);
  }

  #look(): void {
    const now = performance.now();
    if (this.#askedAt !== undefined) {
      // A timer that comes late says that this side slept: what has come meanwhile is still to be read.
      const hasSlept = !this.#wasExcused && now - this.#due > this.#patience;
      const allowed = this.#events.isSlow() ? this.#limit : this.#patience;
      if (hasSlept) {
        this.#wasExcused = true;
        this.#ask();
      } else if (now - this.#askedAt < allowed) this.#arm(allowed - (now - this.#askedAt));
      else this.#events.dead();
      return;
    }
    const silence = now - this.#heardAt;
    const most = this.#events.isWaiting() ? this.#soon : this.#idle;
    // Timers may come a little early.
    if (silence >= most - 1) this.#ask();
    else this.#arm(most - silence);
  }
}
