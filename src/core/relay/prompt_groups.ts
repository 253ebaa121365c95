import type { WireFrame } from "../../protocol/bytes.ts";
import type { Codec, Relayed } from "../../protocol/codec.ts";
import type { Group, MakeGroup, Socket } from "../ports/socket.ts";
import type { User } from "../user/user.ts";

/** Those of an audience whose clients keep up, and those who are late: only the former are sent volatile frames at once. */
export class PromptGroups {
  readonly #groups = new Map<Codec, Group>();
  /** Those who are late, with what is called when one has caught up. */
  readonly #late = new Map<User, () => void>();

  constructor(private readonly makeGroup: MakeGroup) {}

  /** Those of a wire who keep up. */
  of(codec: Codec): Group {
    const found = this.#groups.get(codec);
    if (found) return found;
    const made = this.makeGroup();
    this.#groups.set(codec, made);
    return made;
  }

  add(user: User): void {
    user.connection.joinGroup(this.of(user.connection.codec));
  }

  remove(user: User): void {
    const caughtUp = this.#late.get(user);
    if (!caughtUp) return user.connection.leaveGroup(this.of(user.connection.codec));
    this.#late.delete(user);
    user.connection.late.giveUp(caughtUp);
  }

  /** A user hears by another socket of the same connection from now on. */
  reroute(user: User, from: Socket, to: Socket): void {
    if (this.#late.has(user)) return;
    const group = this.of(user.connection.codec);
    group.delete(from);
    group.add(to);
  }

  /** Notes that a user is late, until the client has caught up. */
  fallBehind(user: User): void {
    if (this.#late.has(user)) return;
    this.remove(user);
    const caughtUp = () => {
      this.#late.delete(user);
      this.add(user);
    };
    this.#late.set(user, caughtUp);
    user.connection.late.wait(caughtUp);
  }

  /** Has the frame of an event wait for those of a wire who are late, but for `except`, in the place of the one of that sender and type. */
  put(codec: Codec, { room, type, from }: Relayed, frame: WireFrame, except: User | undefined): void {
    if (this.#late.size === 0) return;
    const key = `${from} ${type} ${room}`;
    for (const user of this.#late.keys())
      if (user !== except && user.connection.codec === codec) user.connection.late.put(key, frame);
  }
}
