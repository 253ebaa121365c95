/** `hotroom/test`, and the script that its tests run in: the runner, in another process, is asked for all that a stage does. */
import { defineApplication } from "./definition.js";
import { describe } from "./failure.js";
import { expect, expectationsEnd } from "./test_expect.js";

/** Tests of the file, in order. */
const tests = [];
/** What the runner is asked for by the event that runs; it is read when the event's jobs are done. */
let asked = [];
/** What is to settle when the runner has answered, by the number of the request. */
const waiting = new Map();
/** Users by number, for the frames that they are sent. */
const users = new Map();
/** Messages that are waited for, in the order in which that began. */
let nexts = [];
let lastNumber = 0;

/** Defines a test. */
export function test(name, run) {
  if (typeof name !== "string" || typeof run !== "function")
    throw new TypeError('Cannot define a test: write test("what happens", async () => { … }).');
  tests.push({ name, run });
}

/** Resolves with a stage: an application by itself, with time and users of its own. */
export async function open(application, options = {}) {
  const stage = ++lastNumber;
  await ask("open", { stage, application, options });
  return new Stage(stage);
}

/** Returns data of a message as the runner is told of it: bytes as the characters of their numbers. */
function written(data) {
  if (!(data instanceof Uint8Array)) return { data };
  let bytes = "";
  for (const byte of data) bytes += String.fromCharCode(byte);
  return { bytes };
}

/** Returns bytes that the runner tells of. */
const bytesOf = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Asks the runner for something; the promise rejects with an error of the place where it was asked. */
function ask(kind, request) {
  const error = new Error();
  return new Promise((resolve, reject) => {
    const id = ++lastNumber;
    waiting.set(id, { resolve, reject, error });
    asked.push({ id, kind, ...request });
  });
}

class Stage {
  #number;

  constructor(number) {
    this.#number = number;
  }

  async user(name, data) {
    const user = new User(++lastNumber, name);
    users.set(user.number, user);
    const { id, name: given } = await ask("user", { stage: this.#number, user: user.number, name, data });
    user.id = id;
    user.name = given;
    return user;
  }

  async advance(ms) {
    await ask("advance", { stage: this.#number, ms });
  }

  async edit(files) {
    await ask("edit", { stage: this.#number, files });
  }

  request(path, options = {}) {
    return ask("http", { stage: this.#number, path, options });
  }

  state(room = null) {
    return ask("state", { stage: this.#number, room });
  }
}

/** What somebody has received of a room, or of all. */
class Inbox {
  received = [];
  /** Messages that `next` has not told of. */
  #unread = [];

  /** Takes a frame. */
  take(frame) {
    this.received.push(frame);
    if (frame.event !== "message") return;
    const at = nexts.findIndex(({ inbox, type }) => inbox === this && type === frame.type);
    if (at < 0) this.#unread.push(frame);
    else nexts.splice(at, 1)[0].resolve(frame.data);
  }

  /** Resolves with the data of the next message of a type. */
  next(type, whose) {
    const at = this.#unread.findIndex((frame) => frame.type === type);
    if (at >= 0) return Promise.resolve(this.#unread.splice(at, 1)[0].data);
    const error = new Error();
    return new Promise((resolve, reject) => {
      nexts.push({ inbox: this, type, whose, resolve, reject, error });
    });
  }

  /** The types of the messages that were not read, in words. */
  get rest() {
    const types = this.#unread.map(({ type }) => JSON.stringify(type));
    return types.length === 0 ? "it has got no other" : `it has got ${types.slice(0, 10).join(", ")}`;
  }
}

class User {
  id;
  #all = new Inbox();
  /** What is about no room. */
  #own = new Inbox();
  #rooms = new Map();

  constructor(number, name) {
    Object.defineProperty(this, "number", { value: number });
    this.name = name;
  }

  get received() {
    return this.#all.received;
  }

  take({ bytes, ...rest }) {
    const frame = bytes === undefined ? rest : { ...rest, data: bytesOf(bytes) };
    this.#all.received.push(frame);
    if (frame.room === undefined) this.#own.take(frame);
    else this.#of(frame.room).take(frame);
  }

  async join(room, data) {
    await ask("request", { user: this.number, frame: { event: "join", room, data } });
    return new Member(this, room, this.#of(room));
  }

  async create(room, data) {
    await ask("request", { user: this.number, frame: { event: "create", room, data } });
  }

  async send(type, data) {
    await ask("request", { user: this.number, frame: { event: "message", type, ...written(data) } });
  }

  request(type, data) {
    return ask("request", { user: this.number, frame: { event: "message", type, ...written(data) } });
  }

  next(type) {
    return this.#own.next(type, `${this.name} got no message ${JSON.stringify(type)} of the application`);
  }

  async drop() {
    await ask("drop", { user: this.number });
  }

  resume() {
    return ask("resume", { user: this.number });
  }

  async logout() {
    await ask("request", { user: this.number, frame: { event: "logout" } });
  }

  #of(room) {
    const known = this.#rooms.get(room);
    if (known) return known;
    const inbox = new Inbox();
    this.#rooms.set(room, inbox);
    return inbox;
  }
}

/** A user in a room. */
class Member {
  #user;
  #inbox;

  constructor(user, room, inbox) {
    this.#user = user;
    this.#inbox = inbox;
    this.room = room;
  }

  get received() {
    return this.#inbox.received;
  }

  async send(type, data) {
    await ask("request", { user: this.#user.number, frame: this.#message(type, data) });
  }

  request(type, data) {
    return ask("request", { user: this.#user.number, frame: this.#message(type, data) });
  }

  next(type) {
    const what = `${this.#user.name} got no message ${JSON.stringify(type)} in room ${JSON.stringify(this.room)}`;
    return this.#inbox.next(type, what);
  }

  async leave() {
    await ask("request", { user: this.#user.number, frame: { event: "leave", room: this.room } });
  }

  #message(type, data) {
    return { event: "message", room: this.room, type, ...written(data) };
  }
}

/** Runs one test, and tells the runner how it ended. */
async function run({ run: body }) {
  let failure;
  try {
    await body();
    await expectationsEnd();
  } catch (error) {
    failure = told(error);
  }
  asked.push({ kind: "done", ...(failure && { failure }) });
}

/** Returns what is told of an error, as JSON has it. */
function told(error) {
  const { message, position } = describe(error);
  return { message, ...(position !== undefined && { position: JSON.parse(position) }) };
}

/** Settles what was asked with an answer of the runner. */
function settle({ id, frames = [], value, isBinary, failure }) {
  for (const [number, frame] of frames) users.get(number)?.take(frame);
  const request = waiting.get(id);
  waiting.delete(id);
  if (failure) request?.reject(Object.assign(request.error, failure));
  else request?.resolve(isBinary ? bytesOf(value.bytes) : value);
}

/** Nothing happens any more unless the test does something, and it waits. */
function stuck() {
  const lost = nexts;
  nexts = [];
  for (const { reject, error, whose, inbox } of lost) {
    error.message = `${whose}; ${inbox.rest}.`;
    reject(error);
  }
  if (lost.length > 0) return;
  asked.push({ kind: "done", failure: { message: "The test waits for a promise that nothing settles." } });
}

/** Does something with a new list of requests, and returns that: whoever reads it does so when the jobs are done. */
function asking(doing) {
  asked = [];
  doing();
  return asked;
}

/** The script of the runner, which runs each test as messages to it: first `run`, then an `answer` for each request. */
export default defineApplication({
  messages: {
    names: () => tests.map(({ name }) => name),
    run: (_, __, index) =>
      asking(() => {
        waiting.clear();
        users.clear();
        nexts = [];
        run(tests[index]);
      }),
    answer: (_, __, answer) => asking(() => settle(answer)),
    stuck: () => asking(stuck),
  },
});

export { expect };
