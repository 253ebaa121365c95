/** What the handlers of an application's extension hold: `app`. */
import { freeze } from "./builtins.js";
import {
  broadcast,
  cancel,
  createRoom,
  EMIT,
  enter,
  JOIN,
  KICK,
  kick,
  SEND,
  schedule,
  send,
  tell,
} from "./effects.js";
import { fetch } from "./fetch.js";
import { config, env } from "./readable.js";
import { RemoteRoom } from "./room.js";
import { checkKind } from "./state.js";

/** The application as its extension sees it; `users` and `rooms` are what `directory` events have said. */
export class Application {
  #script;

  constructor(script) {
    this.#script = script;
    freeze(this);
  }

  get name() {
    return this.#script.application;
  }
  get version() {
    return this.#script.version;
  }
  get config() {
    return config;
  }
  get env() {
    return env;
  }
  get users() {
    return this.#script.members.array;
  }
  /** A frozen array of frozen `{ name, type, users, maxUsers, keep }`, where `users` is a number. */
  get rooms() {
    return this.#script.rooms.array;
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
  room(name) {
    return new RemoteRoom(this.#script, "app.room", name);
  }
  createRoom(name, options) {
    createRoom(this.#script, "app.createRoom", name, options);
  }
  /** Has a user join a room. */
  join(user, roomName, data) {
    enter(this.#script, "app.join", JOIN, user, roomName, data);
  }
  broadcast(type, data, options) {
    broadcast(this.#script, "app.broadcast", type, data, options);
  }
  send(to, type, data) {
    send(this.#script, "app.send", SEND, this.#script.definition.sends, to, type, data);
  }
  kick(user, reason) {
    kick(this.#script, "app.kick", KICK, user, reason);
  }
  /** Asks for an event of this same extension, handled after what is queued already. */
  emit(type, data) {
    tell(this.#script, "app.emit", EMIT, type, data, ",0,");
  }
  schedule(name, ms, data, options) {
    schedule(this.#script, "app.schedule", name, ms, data, options);
  }
  cancel(name, options) {
    cancel(this.#script, "app.cancel", name, options);
  }
  /** Has the server ask another one; `fetches.<name>` hears what comes of it. */
  fetch(name, url, options, data) {
    fetch(this.#script, "app.fetch", name, url, options, data);
  }
  toString() {
    return this.name;
  }
  toJSON() {
    return this.name;
  }
}

freeze(Application);
freeze(Application.prototype);
