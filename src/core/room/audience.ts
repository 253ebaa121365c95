import type { Codec, ServerEvent } from "../../protocol/codec.ts";
import type { DeliveryCount } from "../delivery_count.ts";
import { OutboxCheck } from "../limit/outbox_check.ts";
import type { Group, MakeGroup } from "../ports/socket.ts";
import { deliver, type User } from "../user/user.ts";

/** Users who hear the same: those who are in a room or watch it, or all of an application. A frame is encoded once for each wire. */
export class Audience {
  readonly #users = new Set<User>();
  readonly #groups = new Map<Codec, Group>();
  readonly #outboxCheck = new OutboxCheck();

  constructor(
    private readonly makeGroup: MakeGroup,
    private readonly deliveries: DeliveryCount,
  ) {}

  /** How many users hear it. */
  get size(): number {
    return this.#users.size;
  }

  get users(): ReadonlySet<User> {
    return this.#users;
  }

  add(user: User): void {
    if (this.#users.has(user)) return;
    this.#users.add(user);
    const { codec } = user.connection;
    let group = this.#groups.get(codec);
    if (!group) {
      group = this.makeGroup();
      this.#groups.set(codec, group);
    }
    user.connection.joinGroup(group);
  }

  remove(user: User): void {
    if (!this.#users.delete(user)) return;
    const group = this.#groups.get(user.connection.codec);
    if (group) user.connection.leaveGroup(group);
  }

  clear(): void {
    for (const user of [...this.#users]) this.remove(user);
  }

  /** Sends one event to all, but for `except`. */
  send(event: ServerEvent, except?: ReadonlySet<User>): void {
    if (except && except.size > 0) return deliver(this.#users, event, except);
    let characters = 0;
    for (const [codec, group] of this.#groups) {
      const frame = codec.event(event);
      if (frame === undefined) continue;
      group.send(frame);
      characters += frame.length;
    }
    this.deliveries.add(characters, this.#users.size);
    if (!this.#outboxCheck.isDue(characters)) return;
    for (const user of this.#users) user.connection.checkOutbox();
  }
}
