import type { Clock } from "../ports/clock.ts";
import type { User } from "../user/user.ts";

/** Somebody who is away. */
interface Absence {
  /** The address that the user came from; undefined where that is one of this machine. */
  readonly address: string | undefined;
  readonly cancel: () => void;
  /** When it began and when it ends, ms since the epoch. */
  readonly since: number;
  readonly until: number;
}

/** The users of an application who are away, and may come back for a while. */
export class Absences {
  /** In the order in which they went. */
  readonly #away = new Map<User, Absence>();
  readonly #byAddress = new Map<string, Set<User>>();

  /** `overdue` is called with who has been away for too long, or has to make room for others. */
  constructor(
    private readonly clock: Clock,
    private readonly overdue: (user: User) => void,
  ) {}

  get size(): number {
    return this.#away.size;
  }

  /** A user is away from now on, for `ms` at most. Of those who came from its address only so many may be: the first of them is out. */
  add(user: User, ms: number, mostOfAddress: number): void {
    const { counted: address } = user.connection.peer;
    const since = this.clock.now();
    const cancel = this.clock.after(ms, () => this.#end(user));
    this.#away.set(user, { address, cancel, since, until: since + ms });
    if (address === undefined) return;
    const neighbours = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, neighbours.add(user));
    const [first] = neighbours;
    if (neighbours.size > mostOfAddress && first) this.#end(first);
  }

  /** A user is back, or has gone for good. */
  remove(user: User): void {
    const absence = this.#away.get(user);
    if (!absence) return;
    absence.cancel();
    this.#away.delete(user);
    if (absence.address === undefined) return;
    const neighbours = this.#byAddress.get(absence.address);
    neighbours?.delete(user);
    if (neighbours?.size === 0) this.#byAddress.delete(absence.address);
  }

  /** Who has been away for the longest time; undefined where nobody is. */
  get first(): User | undefined {
    const [first] = this.#away.keys();
    return first;
  }

  /** Until when a user may come back, ms since the epoch; undefined where it is not away. */
  untilOf(user: User): number | undefined {
    return this.#away.get(user)?.until;
  }

  /** Since when a user is away, ms since the epoch; undefined where it is not. */
  sinceOf(user: User): number | undefined {
    return this.#away.get(user)?.since;
  }

  /** Ends the absence of a user: others need its place. */
  end(user: User): void {
    if (this.#away.has(user)) this.#end(user);
  }

  /** Forgets all. */
  clear(): void {
    for (const user of [...this.#away.keys()]) this.remove(user);
  }

  #end(user: User): void {
    this.remove(user);
    this.overdue(user);
  }
}
