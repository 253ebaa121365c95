import type { WireFrame } from "../../protocol/bytes.ts";
import type { Codec, Relayed, ServerEvent } from "../../protocol/codec.ts";
import type { DeliveryCount } from "../delivery_count.ts";
import { OutboxCheck } from "../limit/outbox_check.ts";
import type { Group, MakeGroup, Socket } from "../ports/socket.ts";
import { isLate } from "../relay/late_frames.ts";
import { PromptGroups } from "../relay/prompt_groups.ts";
import type { Sessions } from "../session/sessions.ts";
import type { User } from "../user/user.ts";

/** What audiences are made with. */
export interface AudienceDeps {
  readonly makeGroup: MakeGroup;
  readonly deliveries: DeliveryCount;
}

/**
 * Users who hear the same: those who are in a room or watch it, or all of an application. A frame is encoded once for each wire, and
 * kept once for those who may have to be sent it again.
 */
export class Audience {
  readonly #users = new Set<User>();
  /** One for each wire; there are two wires. */
  readonly #groups: { readonly codec: Codec; readonly group: Group }[] = [];
  readonly #outboxCheck = new OutboxCheck();
  readonly #history;
  #live = 0;
  /** Absent while all keep up, or nothing was volatile. */
  #prompt: PromptGroups | undefined;
  /** Whether it is to be looked for those who do not keep up, at the next volatile frame. */
  #isLookDue = false;

  /** `room` is the name of the room that it hears; null where that is none, or all. */
  constructor(
    private readonly deps: AudienceDeps,
    private readonly sessions: Sessions,
    private readonly room: string | null,
  ) {
    this.#history = sessions.history();
  }

  /** What they hear outlives the server from now on. */
  keep(): void {
    this.sessions.durable?.keep(this.#history, this.room);
  }

  get users(): ReadonlySet<User> {
    return this.#users;
  }

  /** How many users there are, those who are away among them. */
  get size(): number {
    return this.#users.size;
  }

  /** How many hear it at the moment. */
  get live(): number {
    return this.#live;
  }

  add(user: User): void {
    if (this.#users.has(user)) return;
    this.#users.add(user);
    user.backlog?.hear(this.#history, this.room);
    // Also for one who hears nothing for now: frames are made for each wire that has a group, and kept.
    this.#groupOf(user);
    if (user.isLive) this.#enter(user);
  }

  remove(user: User): void {
    if (!this.#users.delete(user)) return;
    user.backlog?.unhear(this.#history);
    if (user.isLive) this.#exit(user);
  }

  clear(): void {
    for (const user of [...this.#users]) this.remove(user);
    this.sessions.durable?.log.forget(this.#history);
  }

  /** A user who is among them hears it again, over another connection. */
  attach(user: User): void {
    if (this.#users.has(user)) this.#enter(user);
  }

  /** A user who is among them does not hear it for now. */
  detach(user: User): void {
    if (this.#users.has(user)) this.#exit(user);
  }

  /** A user who is among them and hears it does so by another socket of the same connection from now on. */
  reroute(user: User, from: Socket, to: Socket): void {
    if (!this.#users.has(user)) return;
    const group = this.#groupOf(user);
    group.delete(from);
    group.add(to);
    this.#prompt?.reroute(user, from, to);
  }

  /** Sends one event to all, but for `except`. */
  send(event: ServerEvent, except?: ReadonlySet<User>): void {
    const split = except !== undefined && this.#hasLive(except) ? except : undefined;
    const only = split?.size === 1 ? first(split) : undefined;
    let characters = 0;
    let due: User[] | undefined;
    for (const { codec, group } of this.#groups) {
      const number = codec.hasSessions ? this.sessions.numbers.next() : undefined;
      const frame = codec.event(event, number);
      if (frame === undefined) continue;
      if (number !== undefined) this.#history.push(number, frame, except);
      if (only) only.connection.sendToOthers(group, frame);
      else if (split) due = this.#sendEach(codec, frame, split, due);
      else group.send(frame);
      characters += frame.length;
    }
    if (only || !split) this.#sent(characters, only ? this.#live - 1 : this.#live);
    if (due) for (const user of due) user.connection.checkOutbox();
  }

  /**
   * Sends an event of which only the newest of its sender and type matters to all, but for `except`: it has no number and is kept for nobody,
   * and for those who do not keep up it waits in the place of the one before.
   */
  sendNewest(event: Relayed, except?: User): void {
    const only = except?.isLive ? except : undefined;
    let characters = 0;
    for (const { codec, group: all } of this.#groups) {
      const frame = codec.event(event);
      if (frame === undefined) continue;
      const group = this.#prompt?.of(codec) ?? all;
      if (only) only.connection.sendToOthers(group, frame);
      else group.send(frame);
      this.#prompt?.put(codec, event, frame, except);
      characters += frame.length;
    }
    this.#sent(characters, only ? this.#live - 1 : this.#live);
    if (this.#isLookDue) this.#findLate();
  }

  /** Counts what was sent, and looks now and then whether too much waits for somebody. */
  #sent(characters: number, users: number): void {
    this.deps.deliveries.add(characters, users);
    if (!this.#outboxCheck.isDue(characters)) return;
    this.#isLookDue = true;
    for (const user of this.#users) user.connection.checkOutbox();
  }

  /** Looks for those who do not keep up. */
  #findLate(): void {
    this.#isLookDue = false;
    for (const user of this.#users) {
      if (!user.isLive || !isLate(user.connection)) continue;
      this.#prompt ??= this.#promptGroups();
      this.#prompt.fallBehind(user);
    }
  }

  #promptGroups(): PromptGroups {
    const groups = new PromptGroups(this.deps.makeGroup);
    for (const user of this.#users) if (user.isLive) groups.add(user);
    return groups;
  }

  #hasLive(users: ReadonlySet<User>): boolean {
    for (const user of users) if (user.isLive && this.#users.has(user)) return true;
    return false;
  }

  /** Returns `due` with those of whom it is to be looked whether they keep up, once all have been sent it. */
  #sendEach(codec: Codec, frame: WireFrame, except: ReadonlySet<User>, due?: User[]): User[] | undefined {
    let slow = due;
    for (const user of this.#users) {
      if (user.connection.codec !== codec || !user.isLive || except.has(user)) continue;
      if (!user.connection.give(frame)) continue;
      slow ??= [];
      slow.push(user);
    }
    return slow;
  }

  #enter(user: User): void {
    user.connection.joinGroup(this.#groupOf(user));
    this.#prompt?.add(user);
    this.#live++;
  }

  #exit(user: User): void {
    user.connection.leaveGroup(this.#groupOf(user));
    this.#prompt?.remove(user);
    this.#live--;
  }

  /** Returns the group of those on a user's wire, and makes it where there is none. */
  #groupOf({ connection: { codec } }: User): Group {
    for (const each of this.#groups) if (each.codec === codec) return each.group;
    const made = this.deps.makeGroup();
    this.#groups.push({ codec, group: made });
    return made;
  }
}

function first(users: ReadonlySet<User>): User | undefined {
  for (const user of users) return user;
  return undefined;
}
