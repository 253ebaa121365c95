import type { VersionMove } from "./version_move.ts";

/** The moves of one script: the one under way, those that wait for it, and one back to a version that it came from. */
export class MoveQueue {
  #current: VersionMove | undefined;
  readonly #waiting: VersionMove[] = [];
  #back: VersionMove | undefined;

  /** The move under way. */
  get current(): VersionMove | undefined {
    return this.#current;
  }

  /** Whether the snapshot of the next move is suspected of using up the memory of a sandbox. */
  get needsOwnSandbox(): boolean {
    return this.#waiting[0]?.snapshot.suspicion?.ownSandbox === true;
  }

  add(move: VersionMove): void {
    this.#waiting.push(move);
  }

  /** Returns the next move, which is under way now; undefined if none waits. */
  next(): VersionMove | undefined {
    this.#current = this.#waiting.length > 0 ? this.#waiting.shift() : undefined;
    return this.#current;
  }

  /** Ends the move under way, which has succeeded or failed. */
  finish(): void {
    this.#current = undefined;
  }

  /**
   * Ends the move under way, whose snapshot was lost with the sandbox. Returns the verdict on that snapshot; if there is none
   * the move is tried again.
   */
  interrupt(): string | undefined {
    const move = this.#current;
    if (!move) return undefined;
    this.#current = undefined;
    const verdict = move.snapshot.suspicion?.verdict;
    if (verdict === undefined) this.#waiting.unshift(move);
    else move.failToLeave(verdict);
    return verdict;
  }

  /** Has the move under way begin again, since the script goes back to another version first. */
  restart(): void {
    const move = this.#current;
    if (!move) return;
    move.reset();
    this.#waiting.unshift(move);
    this.#current = undefined;
  }

  /** Begins a move back, which is done when the script is up again. */
  startBack(move: VersionMove): void {
    this.#back?.fail("it goes elsewhere.");
    this.#back = move;
  }

  /** Ends the move back, if there is one: the script is up, which took `cost` ms of CPU time. */
  finishBack(cost: number): void {
    const move = this.#back;
    if (!move) return;
    this.#back = undefined;
    move.cost += cost;
    move.succeed();
  }

  /** Ends the move back, if there is one: the script stays where it was. */
  failBack(reason: string): void {
    this.#back?.fail(reason);
    this.#back = undefined;
  }

  /** Fails the moves that wait: the script is to close. */
  refuse(reason: string): void {
    for (const move of this.#waiting.splice(0)) move.fail(reason);
  }

  /** Fails all moves: the script has closed. */
  end(reason: string): void {
    this.#current?.fail(reason);
    this.#back?.fail(reason);
    this.#current = this.#back = undefined;
    this.refuse(reason);
  }
}
