import { errorOf, HotroomError } from "../errors.ts";
import type { Extension } from "../extension/extension.ts";
import type { Definition } from "../ports/build.ts";
import type { JsonText } from "../ports/event.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { User } from "../user/user.ts";

/** What watchers know of their room. */
export interface Watched {
  readonly name: string;
  readonly type: string;
  readonly extension: Extension;
  /** Whether it is closing or closed. */
  readonly isGone: boolean;
  /** What the version declares that handles the next event. */
  readonly definition: Definition;
}

/** Who follows one room without being in it. Its script decides who may, and hears how many do. */
export class Watchers {
  readonly #users = new Set<User>();
  /** Those that the script has not answered; they count against the limit so that it holds in a race. */
  #asking = 0;

  constructor(private readonly room: Watched) {}

  get size(): number {
    return this.#users.size;
  }

  has(user: User): boolean {
    return this.#users.has(user);
  }

  [Symbol.iterator](): Iterator<User> {
    return this.#users.values();
  }

  /**
   * Throws HotroomError `not_allowed` where nobody may watch the room: `setting` is what the application's settings say, and
   * without a word from them who can't be asked whether it may join can't watch either.
   */
  check(setting: boolean | undefined): void {
    const { name, type, definition } = this.room;
    if (setting === true) return;
    if (setting === false) {
      const message = `Cannot watch room "${name}": the application does not let clients watch.`;
      throw new HotroomError("not_allowed", message);
    }
    const { handlers } = definition;
    if (!handlers.includes("events.join") || handlers.includes("events.watch")) return;
    const message = `Cannot watch room "${name}": the type "${type}" says who may join, and not who may watch.`;
    throw new HotroomError("not_allowed", message);
  }

  /**
   * Asks the script whether a user may watch; then `entered` runs with what the handler returned, before anything else is sent
   * from the room. Rejects with HotroomError: `room_full`, `watch_refused`, `room_closed`, or what the handler failed with.
   */
  async add(
    user: User,
    data: JsonText | undefined,
    entered: (data?: JsonText) => void,
    /** What is kept with the event. */
    kept: { readonly origin?: JsonText } = {},
  ): Promise<void> {
    const { name, definition, extension } = this.room;
    const taken = this.size + this.#asking;
    const most = definition.maxWatchers ?? Number.POSITIVE_INFINITY;
    if (taken >= most) {
      const message = `Cannot watch room "${name}": it has all the watchers that it may have (${taken} of ${most}).`;
      throw new HotroomError("room_full", message);
    }
    this.#asking++;
    const { failure } = await new Promise<Outcome>((resolve) => {
      const before = (outcome: Outcome) => {
        this.#asking--;
        const isIn = !outcome.failure && !this.room.isGone;
        if (isIn) {
          this.#users.add(user);
          entered(outcome.value);
        }
        resolve(outcome);
        return isIn;
      };
      extension.dispatch({ kind: "watch", user: user.view, data }, { before, ...kept });
    });
    if (failure) throw errorOf(failure, "watch_refused");
    if (this.room.isGone)
      throw new HotroomError("room_closed", `Cannot watch room "${name}": it was closed.`);
  }

  /** Adds a user whom the script has let watch. */
  restore(user: User): void {
    this.#users.add(user);
  }

  /** Takes a user out; resolves with true when the `unwatch` handler has run, with false where the user did not watch. */
  async remove(user: User): Promise<boolean> {
    if (!this.#users.delete(user)) return false;
    await this.room.extension.ask({ kind: "unwatch", user: user.view });
    return true;
  }

  /** Forgets all: the room has closed. */
  clear(): void {
    this.#users.clear();
  }
}
