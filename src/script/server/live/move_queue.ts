import type { VersionMove } from "./version_move.ts";

/** The moves of one script: the one under way, those that wait for it, and the return that is. */
export class MoveQueue {
  #current: VersionMove | undefined;
  readonly #waiting: VersionMove[] = [];
  #return: VersionMove | undefined;

  /** The one under way. */
  get current(): VersionMove | undefined {
    return this.#current;
  }

  /** Whether the snapshot of the next one is suspected of using up a sandbox's memory. */
  get isSuspect(): boolean {
    return this.#waiting[0]?.snapshot.suspicion.solo === true;
  }

  add(move: VersionMove): void {
    this.#waiting.push(move);
  }

  /** Starts the next one, where there is one. */
  next(): VersionMove | undefined {
    this.#current = this.#waiting.length > 0 ? this.#waiting.shift() : undefined;
    return this.#current;
  }

  /** What brings the script elsewhere has taken `cost` ms of CPU time. */
  charge(cost: number): void {
    const move = this.#return ?? this.#current;
    if (move) move.cost += cost;
  }

  /** The one under way has succeeded or failed. */
  over(): void {
    this.#current = undefined;
  }

  /** Its sandbox is gone with the snapshot not taken: tells what is held against that, else it is tried again. */
  interrupted(): string | undefined {
    const move = this.#current;
    if (!move) return undefined;
    this.#current = undefined;
    const { verdict } = move.snapshot.suspicion;
    if (verdict === undefined) this.#waiting.unshift(move);
    else move.fail(`its snapshot failed: ${verdict}`);
    return verdict;
  }

  /** The script goes back: the one under way starts anew from there. */
  goBack(): void {
    const move = this.#current;
    if (!move) return;
    move.target?.leave();
    this.#waiting.unshift(move.again());
    this.#current = undefined;
  }

  /** `move` is done when the script is up again. */
  returnBy(move: VersionMove): void {
    this.#return?.fail("it goes elsewhere.");
    this.#return = move;
  }

  /** The script is up. */
  returned(): void {
    this.#return?.succeed();
    this.#return = undefined;
  }

  /** The script is closing: none starts any more. */
  refuse(reason: string): void {
    for (const move of this.#waiting.splice(0)) move.fail(reason);
  }

  /** The script has closed. */
  end(reason: string): void {
    this.#current?.target?.leave();
    this.#current?.fail(reason);
    this.#return?.fail(reason);
    this.#current = this.#return = undefined;
    this.refuse(reason);
  }
}
