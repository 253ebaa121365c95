/** What the handlers of a room hold: `room` and `room.application`. */
import { nameText } from "./arguments.js";
import { freeze, stringify } from "./builtins.js";
import { muted } from "./event.js";
import { fetch } from "./fetch.js";
import { config, env } from "./readable.js";
import { sendable, sendableSomewhere, sendsOf } from "./sends.js";
import { checkKind } from "./state.js";
import {
  BROADCAST_APPLICATION,
  BROADCAST_ROOM,
  broadcast,
  cancel,
  closeRoom,
  createRoom,
  EMIT,
  enter,
  JOIN,
  KICK,
  KICK_APPLICATION,
  kick,
  MOVE,
  own,
  SEND,
  SEND_APPLICATION,
  schedule,
  send,
  tell,
  updateRoom,
} from "./effects.js";

/** The room of a script; what is asked for belongs to the running event, which must be one of this room. */
export class Room {
  #script;
  #application;

  constructor(script) {
    this.#script = script;
    this.#application = new RoomApplication(script);
    freeze(this);
  }

  get name() {
    return this.#script.name;
  }
  get type() {
    return this.#script.type;
  }
  get version() {
    return this.#script.version;
  }
  get maxUsers() {
    return this.#script.maxUsers;
  }
  /** How many users watch the room. */
  get watchers() {
    return this.#script.watchers.count;
  }
  get maxWatchers() {
    return this.#script.definition.maxWatchers ?? 1 / 0;
  }
  /** Whether clients can't join, whether it is neither listed nor announced, what lists tell of it. */
  get locked() {
    return this.#script.settings.locked;
  }
  get hidden() {
    return this.#script.settings.hidden;
  }
  get meta() {
    return this.#script.settings.meta;
  }
  get application() {
    return this.#application;
  }
  /** A frozen array, the same one until somebody comes or goes. */
  get users() {
    return this.#script.members.array;
  }
  get state() {
    return this.#script.state;
  }
  set state(state) {
    checkKind(state);
    this.#script.state = state;
  }
  user(idOrName) {
    return this.#script.members.find(idOrName);
  }
  broadcast(type, data, options) {
    broadcast(this.#script, "room.broadcast", type, data, options);
  }
  send(to, type, data) {
    send(this.#script, "room.send", SEND, this.#script.definition.sends, to, type, data);
  }
  /** Asks for an event of this same room, handled after what is queued already. */
  emit(type, data) {
    tell(this.#script, "room.emit", EMIT, type, data, "," + stringify(this.#script.name) + ",");
  }
  kick(user, reason) {
    kick(this.#script, "room.kick", KICK, user, reason);
  }
  /** Has a member join another room, and leave this one once it is in. */
  move(user, roomName, data) {
    enter(this.#script, "room.move", MOVE, user, roomName, data);
  }
  update(options) {
    updateRoom(this.#script, "room.update", options);
  }
  close(reason) {
    closeRoom(this.#script, "room.close", "0", reason);
  }
  schedule(name, ms, data, options) {
    schedule(this.#script, "room.schedule", name, ms, data, options);
  }
  cancel(name, options) {
    cancel(this.#script, "room.cancel", name, options);
  }
  /** Has the server ask another one; `fetches.<name>` hears what comes of it. */
  fetch(name, url, options, data) {
    fetch(this.#script, "room.fetch", name, url, options, data);
  }
  toString() {
    return this.name;
  }
  toJSON() {
    return this.name;
  }
}

/** The application as its rooms see it. */
class RoomApplication {
  #script;

  constructor(script) {
    this.#script = script;
    freeze(this);
  }

  get name() {
    return this.#script.application;
  }
  get config() {
    return config;
  }
  get env() {
    return env;
  }
  /** Asks for an event of the application's extension. */
  emit(type, data) {
    tell(this.#script, "application.emit", EMIT, type, data, ",0,");
  }
  broadcast(type, data) {
    const what = "application.broadcast";
    tell(this.#script, what, BROADCAST_APPLICATION, type, sendable(sendsOf(), what, type, data), ",");
  }
  send(to, type, data) {
    send(this.#script, "application.send", SEND_APPLICATION, sendsOf(), to, type, data);
  }
  kick(user, reason) {
    kick(this.#script, "application.kick", KICK_APPLICATION, user, reason);
  }
  createRoom(name, options) {
    createRoom(this.#script, "application.createRoom", name, options);
  }
  join(user, roomName, data) {
    enter(this.#script, "application.join", JOIN, user, roomName, data);
  }
  room(name) {
    return new RemoteRoom(this.#script, "application.room", name);
  }
  toString() {
    return this.name;
  }
  toJSON() {
    return this.name;
  }
}

/** A room of the application by its name; whether it exists shows when an effect is applied to it. */
export class RemoteRoom {
  #script;
  #name;
  #text;

  constructor(script, what, name) {
    own(script, what);
    this.#script = script;
    this.#text = nameText(what, "name", name);
    this.#name = name;
    freeze(this);
  }

  get name() {
    return this.#name;
  }
  /** Who is in it; undefined in a room's script, which is not told of other rooms. */
  get users() {
    const { rooms, members } = this.#script;
    return rooms === undefined ? undefined : rooms.usersIn(this.#name, members);
  }
  emit(type, data) {
    tell(this.#script, "room.emit", EMIT, type, data, "," + this.#text + ",");
  }
  broadcast(type, data) {
    const what = "room.broadcast";
    // A replay sends nothing, and rooms may be others in it.
    const value = muted ? data : this.#sendable(what, type, data);
    tell(this.#script, what, BROADCAST_ROOM, type, value, "," + this.#text + ",");
  }
  close(reason) {
    closeRoom(this.#script, "room.close", this.#text, reason);
  }
  /** A room's script isn't told of other rooms, nor is that of an application of one that it makes just now. */
  #sendable(what, type, data) {
    const { name, rooms, type: own } = this.#script;
    const known = name === this.#name ? own : rooms?.named(this.#name)?.type;
    return known === undefined
      ? sendableSomewhere(what, type, data)
      : sendable(sendsOf(known), what, type, data);
  }
  toString() {
    return this.#name;
  }
  toJSON() {
    return this.#name;
  }
}

freeze(Room);
freeze(Room.prototype);
freeze(RoomApplication);
freeze(RoomApplication.prototype);
freeze(RemoteRoom);
freeze(RemoteRoom.prototype);
