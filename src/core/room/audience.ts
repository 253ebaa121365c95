import type { Codec, ServerEvent } from "../../protocol/codec.ts";
import type { Group, MakeGroup } from "../ports/socket.ts";
import { deliver, type User } from "../user/user.ts";

/** Characters sent after which the members' outboxes are looked at again. */
const lookEvery = 16 * 1024;

/** Users who hear the same: those in a room or watching it, or all of an application. A frame is made once for each wire. */
export class Audience {
  readonly #users = new Set<User>();
  readonly #groups = new Map<Codec, Group>();
  #unlooked = 0;

  constructor(private readonly makeGroup: MakeGroup) {}

  add(user: User): void {
    if (this.#users.has(user)) return;
    this.#users.add(user);
    const { codec } = user.connection;
    let group = this.#groups.get(codec);
    if (!group) {
      group = this.makeGroup();
      this.#groups.set(codec, group);
    }
    user.connection.enter(group);
  }

  remove(user: User): void {
    if (!this.#users.delete(user)) return;
    const group = this.#groups.get(user.connection.codec);
    if (group) user.connection.exit(group);
  }

  clear(): void {
    for (const user of [...this.#users]) this.remove(user);
  }

  /** Sends one event to all, but for `except`. */
  send(event: ServerEvent, except?: ReadonlySet<User>): void {
    if (except && except.size > 0) return deliver(this.#users, event, except);
    for (const [codec, group] of this.#groups) {
      const frame = codec.event(event);
      if (frame === undefined) continue;
      group.send(frame);
      this.#unlooked += frame.length;
    }
    if (this.#unlooked < lookEvery) return;
    this.#unlooked = 0;
    for (const user of this.#users) user.connection.look();
  }
}
