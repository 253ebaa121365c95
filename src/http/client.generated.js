// src/client/error.ts
class HotroomClientError extends Error {
  code;
  name = "HotroomClientError";
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
    this.room = options?.room;
    this.data = options?.data;
  }
  room;
  data;
}

// src/client/listeners.ts
class Listeners {
  #listeners = new Map;
  on(event, listener) {
    return this.#add(event, listener, false);
  }
  once(event, listener) {
    return this.#add(event, listener, true);
  }
  off(event, listener) {
    const listeners = this.#listeners.get(event);
    if (listeners?.delete(listener) && listeners.size === 0)
      this.#listeners.delete(event);
  }
  emit(event, ...args) {
    const listeners = this.#listeners.get(event);
    if (!listeners)
      return false;
    for (const [listener, once] of [...listeners]) {
      if (!listeners.has(listener))
        continue;
      if (once)
        this.off(event, listener);
      try {
        listener(...args);
      } catch (error) {
        report(error);
      }
    }
    return true;
  }
  #add(event, listener, once) {
    const listeners = this.#listeners.get(event) ?? new Map;
    this.#listeners.set(event, listeners);
    if (!listeners.has(listener))
      listeners.set(listener, once);
    return () => this.off(event, listener);
  }
}
function report(error) {
  if (typeof reportError === "function")
    reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}

// src/client/room/listed_room.ts
function roomPage(reply) {
  const { rooms, more } = reply;
  return { rooms: rooms.map(listedRoom), more };
}
function listedRoom({ room, type, users, maxUsers, locked, password, meta }) {
  return { name: room, type, users, maxUsers: maxUsers ?? Number.POSITIVE_INFINITY, locked, password, meta };
}
function changedRoom(frame) {
  if ("gone" in frame)
    return { name: frame.room, type: frame.type, gone: true };
  return { ...listedRoom(frame), gone: false };
}

// src/client/room/membership.ts
function messageListeners() {
  return { byType: new Listeners, all: new Listeners };
}
function deliver(to, message) {
  to.byType.emit(message.type, message.data);
  to.all.emit("message", message);
}

class Membership {
  name;
  self;
  events = new Listeners;
  messages = messageListeners();
  users = new Map;
  type = "";
  data;
  ended;
  #held = [];
  #openedAt = Number.POSITIVE_INFINITY;
  constructor(name, self) {
    this.name = name;
    this.self = self;
  }
  open(type, users, data, id) {
    this.type = type;
    this.data = data;
    this.#openedAt = id;
    for (const user of users)
      this.users.set(user.id, user);
    setTimeout(() => this.#release(), 0);
  }
  answered(id) {
    if (id > this.#openedAt)
      this.#release();
    return this.#held === undefined;
  }
  message(message) {
    this.#when(() => deliver(this.messages, message));
  }
  join(user) {
    this.#when(() => {
      if (this.users.has(user.id))
        return;
      this.users.set(user.id, user);
      this.events.emit("join", user);
    });
  }
  leave(user, reason) {
    this.#when(() => {
      const known = this.users.get(user.id);
      if (!known)
        return;
      this.users.delete(user.id);
      this.events.emit("leave", known, reason);
    });
  }
  end(end) {
    this.#when(() => {
      this.ended = end;
      this.users.clear();
      this.events.emit("end", end);
      this.messages.all.emit("end");
    });
  }
  #when(step) {
    if (this.#held)
      this.#held.push(() => !this.ended && step());
    else if (!this.ended)
      step();
  }
  #release() {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const step of held)
      step();
  }
}

// src/client/room/messages.ts
class Messages {
  #listeners;
  #where;
  #hasEnded;
  constructor(listeners, where, hasEnded) {
    this.#listeners = listeners;
    this.#where = where;
    this.#hasEnded = hasEnded;
  }
  on(type, listener) {
    return this.#listeners.byType.on(type, listener);
  }
  once(type, listener) {
    return this.#listeners.byType.once(type, listener);
  }
  off(type, listener) {
    this.#listeners.byType.off(type, listener);
  }
  onAny(listener) {
    return this.#listeners.all.on("message", listener);
  }
  next(type, { timeout = 0, signal } = {}) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const what = `Cannot wait for "${type}" ${this.#where}`;
      const ended = () => giveUp(new HotroomClientError("closed", `${what}: no more messages come.`));
      if (this.#hasEnded())
        throw new HotroomClientError("closed", `${what}: no more messages come.`);
      let timer;
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        offType();
        offEnd();
      };
      const giveUp = (error) => {
        settle();
        reject(error);
      };
      const abort = () => giveUp(signal?.reason);
      const offType = this.on(type, (data) => {
        settle();
        resolve(data);
      });
      const offEnd = this.#listeners.all.once("end", ended);
      signal?.addEventListener("abort", abort);
      if (timeout > 0 && Number.isFinite(timeout)) {
        const late = new HotroomClientError("timeout", `${what}: none came in ${timeout} ms.`);
        timer = setTimeout(() => giveUp(late), timeout);
      }
    });
  }
  [Symbol.asyncIterator]() {
    const arrived = [];
    const readers = [];
    const done = { done: true, value: undefined };
    let over = this.#hasEnded();
    const offMessage = this.onAny((message) => {
      const reader = readers.shift();
      if (reader)
        reader({ done: false, value: message });
      else
        arrived.push(message);
    });
    const stop = () => {
      over = true;
      offMessage();
      offEnd();
      for (const reader of readers.splice(0))
        reader(done);
    };
    const offEnd = this.#listeners.all.once("end", stop);
    if (over)
      stop();
    return {
      next() {
        const message = arrived.shift();
        if (message)
          return Promise.resolve({ done: false, value: message });
        if (over)
          return Promise.resolve(done);
        return new Promise((resolve) => readers.push(resolve));
      },
      return() {
        arrived.length = 0;
        stop();
        return Promise.resolve(done);
      }
    };
  }
}

// src/client/room/room.ts
class WatchedRoom {
  name;
  type;
  messages;
  #membership;
  requests;
  constructor(membership, requests) {
    this.name = membership.name;
    this.type = membership.type;
    this.#membership = membership;
    this.requests = requests;
    this.messages = new Messages(membership.messages, `in room "${this.name}"`, () => membership.ended !== undefined);
  }
  get data() {
    return this.#membership.data;
  }
  get users() {
    return [...this.#membership.users.values()];
  }
  get ended() {
    return this.#membership.ended;
  }
  on(event, listener) {
    return this.#membership.events.on(event, listener);
  }
  once(event, listener) {
    return this.#membership.events.once(event, listener);
  }
  off(event, listener) {
    this.#membership.events.off(event, listener);
  }
  async leave(options) {
    if (!this.ended)
      await this.requests.leave(options);
  }
}

class Room extends WatchedRoom {
  send(type, ...[data]) {
    this.requests.send(type, data);
  }
  request(type, ...[data, options]) {
    return this.requests.request(type, data, options);
  }
}

// src/client/room/rooms.ts
var verbs = {
  member: { enter: "join", exit: "leave", doing: "join" },
  watcher: { enter: "subscribe", exit: "unsubscribe", doing: "watch" }
};

class Rooms {
  joined = new Map;
  #open = { member: new Map, watcher: new Map };
  #asked = new Set;
  #fresh = [];
  #leaving = new Set;
  #sender;
  constructor(sender) {
    this.#sender = sender;
  }
  async enter(relation, name, self, data, options) {
    const { enter, exit, doing } = verbs[relation];
    const what = `${doing} room "${name}"`;
    const asked = { relation, membership: new Membership(name, self) };
    const take = (reply) => {
      this.#asked.delete(asked);
      return this.#opened(asked, reply);
    };
    const late = () => this.#sender.send({ event: exit, room: name }, what);
    this.#asked.add(asked);
    try {
      return await this.#sender.request({ event: enter, room: name, data }, what, options, take, late);
    } finally {
      this.#asked.delete(asked);
    }
  }
  put(name, self, room) {
    return this.#opened({ relation: "member", membership: new Membership(name, self) }, room);
  }
  #opened({ relation, membership }, { type, users, data }) {
    const { name } = membership;
    membership.open(type, users, data, this.#sender.newest());
    this.#fresh.push(membership);
    const room = new Room(membership, {
      send: (type, data) => this.#sender.send(...message(name, type, data)),
      request: (type, data, options) => this.#sender.request(...message(name, type, data), options, (reply) => reply),
      leave: (options) => this.#leave(relation, membership, options)
    });
    this.#open[relation].set(name, membership);
    if (relation === "member")
      this.joined.set(name, room);
    return room;
  }
  async#leave(relation, membership, options) {
    if (!this.#has(relation, membership))
      return;
    const frame = { event: verbs[relation].exit, room: membership.name };
    this.#leaving.add(membership);
    try {
      await this.#sender.request(frame, `leave room "${membership.name}"`, options, () => this.#end(relation, membership, { cause: "left" }));
    } catch (error) {
      if (this.#has(relation, membership))
        throw error;
    } finally {
      this.#leaving.delete(membership);
    }
  }
  #has(relation, membership) {
    return this.#open[relation].get(membership.name) === membership;
  }
  #end(relation, membership, end) {
    if (this.#has(relation, membership)) {
      this.#open[relation].delete(membership.name);
      if (relation === "member")
        this.joined.delete(membership.name);
    }
    membership.end(end);
  }
  endAll(end) {
    for (const relation of ["member", "watcher"]) {
      for (const membership of [...this.#open[relation].values()])
        this.#end(relation, membership, end);
    }
  }
  answered(id) {
    if (this.#fresh.length > 0)
      this.#fresh = this.#fresh.filter((membership) => !membership.answered(id));
  }
  route(frame) {
    if (!("room" in frame) || frame.room === undefined)
      return;
    for (const [relation, membership] of this.#of(frame.room)) {
      switch (frame.event) {
        case "message":
          membership.message({ type: frame.type, data: frame.data });
          break;
        case "join":
          membership.join(frame.user);
          break;
        case "leave":
          if (relation === "watcher" || frame.user.id !== membership.self)
            membership.leave(frame.user, frame.reason);
          else if (this.#has(relation, membership)) {
            const { reason, to } = frame;
            const cause = this.#leaving.has(membership) ? "left" : to === undefined ? "kicked" : "moved";
            this.#end(relation, membership, { cause, reason, ...to !== undefined && { to } });
          }
          break;
        case "unsubscribed":
          if (relation === "watcher" && this.#has(relation, membership))
            this.#end(relation, membership, { cause: "kicked", reason: frame.reason });
          break;
        case "room_remove":
          if (this.#has(relation, membership))
            this.#end(relation, membership, { cause: "removed", reason: frame.reason });
          break;
      }
    }
  }
  *#of(room) {
    for (const relation of ["member", "watcher"]) {
      const open = this.#open[relation].get(room);
      if (open)
        yield [relation, open];
      else {
        for (const asked of this.#asked) {
          if (asked.relation !== relation || asked.membership.name !== room)
            continue;
          yield [relation, asked.membership];
          break;
        }
      }
    }
  }
}
function message(room, type, data) {
  return [{ event: "message", room, type, data }, `send "${type}" to room "${room}"`];
}

// src/client/connection/socket.ts
function socketUrl(address) {
  const base = typeof location === "object" && location !== null ? location.href : undefined;
  let url;
  try {
    url = new URL(address, base);
  } catch (cause) {
    throw new HotroomClientError("connect_failed", `Cannot connect to "${address}": it is not an address.`, {
      cause
    });
  }
  url.protocol = url.protocol.replace(/^http/, "ws");
  url.hash = "";
  return url.href;
}
function openSocket(url, options, events) {
  const Class = options.WebSocket ?? globalThis.WebSocket;
  if (!Class) {
    const why = "this runtime has no WebSocket; give one as the option WebSocket";
    return Promise.reject(new HotroomClientError("connect_failed", `Cannot connect to ${url}: ${why}.`));
  }
  return new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    const socket = new Class(url, ["hotroom.v1"]);
    let timer;
    const settle = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", abort);
    };
    const giveUp = (error) => {
      settle();
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.onerror = () => {};
      socket.close();
      reject(error);
    };
    const abort = () => giveUp(options.signal?.reason);
    options.signal?.addEventListener("abort", abort);
    if (options.timeout > 0 && Number.isFinite(options.timeout)) {
      const message = `Cannot connect to ${url}: no answer in ${options.timeout} ms.`;
      timer = setTimeout(() => giveUp(new HotroomClientError("timeout", message)), options.timeout);
    }
    socket.onerror = () => {};
    socket.onmessage = (event) => events.message(event.data);
    socket.onclose = (event) => {
      const why = event.reason || `the server did not take the connection (${event.code})`;
      giveUp(new HotroomClientError("connect_failed", `Cannot connect to ${url}: ${why}.`));
    };
    socket.onopen = () => {
      settle();
      socket.onclose = (event) => events.close(event.code, event.reason);
      resolve(socket);
    };
  });
}

// src/protocol/json_object.ts
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// src/client/connection/frames.ts
function parseFrame(text) {
  if (typeof text !== "string")
    return;
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    return;
  }
  if (!isObject(frame))
    return;
  if ("event" in frame)
    return typeof frame.event === "string" ? frame : undefined;
  if (!("id" in frame) || typeof frame.id !== "number" || !("ok" in frame))
    return;
  const failed = frame;
  if (failed.ok !== true && typeof failed.error?.code !== "string")
    return;
  return frame;
}

// src/client/connection/wire.ts
var CLOSE_PATIENCE_MS = 2000;

class Wire {
  closed;
  #pending = new Map;
  #events;
  #failed;
  #frame;
  #answered;
  #end;
  #socket;
  #closing;
  #ids = 0;
  constructor(heard) {
    this.#events = heard.event;
    this.#failed = heard.failed;
    this.#frame = heard.frame;
    this.#answered = heard.answered;
    const { promise, resolve } = deferred();
    this.closed = promise;
    this.#end = (closed) => {
      this.#end = () => {};
      this.#socket = undefined;
      this.#closing ??= closed;
      this.#rejectAll(closed);
      heard.closed(closed);
      resolve(closed);
    };
  }
  attach(socket) {
    this.#socket = socket;
  }
  get newest() {
    return this.#ids;
  }
  get buffered() {
    return this.#socket?.bufferedAmount ?? 0;
  }
  send(frame, what) {
    if (!this.#socket || this.#closing)
      throw closedError(what, this.#closing);
    let text;
    try {
      text = JSON.stringify(frame);
    } catch (cause) {
      const message = `Cannot ${what}: its data can't be written as JSON.`;
      throw new HotroomClientError("unsendable", message, { cause });
    }
    this.#socket.send(text);
    this.#frame("out", text);
  }
  request(frame, what, { timeout = 0, signal }, take, late) {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const id = ++this.#ids;
      const { event, ...rest } = frame;
      this.send({ event, id, ...rest }, what);
      let timer;
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#pending.delete(id);
      };
      const giveUp = (error) => {
        settle();
        if (late)
          this.#pending.set(id, { what, resolve: late, reject() {} });
        reject(error);
      };
      const abort = () => giveUp(signal?.reason);
      signal?.addEventListener("abort", abort);
      if (timeout > 0 && Number.isFinite(timeout)) {
        const message = `Cannot ${what}: no reply in ${timeout} ms.`;
        timer = setTimeout(() => giveUp(new HotroomClientError("timeout", message)), timeout);
      }
      this.#pending.set(id, {
        what,
        resolve(data) {
          settle();
          try {
            resolve(take(data));
          } catch (cause) {
            const message = `Cannot ${what}: the server's reply is not one of hotroom.v1.`;
            reject(new HotroomClientError("bad_frame", message, { cause }));
          }
        },
        reject(error) {
          settle();
          reject(error);
        }
      });
    });
  }
  receive(data) {
    if (this.#closing)
      return;
    if (typeof data === "string")
      this.#frame("in", data);
    const frame = parseFrame(data);
    if (!frame)
      this.#failed(new HotroomClientError("bad_frame", "The server sent a frame that is not one of hotroom.v1."));
    else if ("id" in frame && "ok" in frame)
      this.#reply(frame);
    else
      this.#events(frame);
  }
  lost(code, reason) {
    this.#end({ code, reason });
  }
  close(code, reason) {
    if (this.#closing || !this.#socket)
      return;
    this.#closing = { code, reason };
    this.#rejectAll(this.#closing);
    this.#socket.close(code, reason);
    const timer = setTimeout(() => this.#end({ code: 1006, reason: "no answer to the close" }), CLOSE_PATIENCE_MS);
    this.closed.then(() => clearTimeout(timer));
  }
  #reply(frame) {
    const pending = this.#pending.get(frame.id);
    if (!pending)
      return;
    this.#pending.delete(frame.id);
    this.#answered(frame.id);
    if (frame.ok)
      pending.resolve(frame.data);
    else {
      const { code, message, data } = frame.error;
      pending.reject(new HotroomClientError(code, message, { data }));
    }
  }
  #rejectAll(closed) {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { what, reject } of waiting)
      reject(closedError(what, closed));
  }
}
function closedError(what, closed) {
  const how = closed ? ` (${closed.code}${closed.reason ? ` ${closed.reason}` : ""})` : "";
  return new HotroomClientError("closed", `Cannot ${what}: the connection is closed${how}.`);
}
function deferred() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

// src/protocol/codes.ts
var standardReconnect = new Set([1001, 1005, 1006, 1011, 1012, 1013, 1014]);
function mayReconnect(code) {
  return standardReconnect.has(code) || code >= 4000 && code <= 4499;
}

// src/client/client.ts
var DEFAULT_TIMEOUT_MS = 1e4;

class Client {
  url;
  closed;
  messages;
  #timeout;
  #wire;
  #events = new Listeners;
  #messages = messageListeners();
  #rooms = new Rooms({
    newest: () => this.#wire.newest,
    send: (frame, what) => this.#wire.send(frame, what),
    request: (frame, what, options, take, late) => this.#request(frame, what, options, take, late)
  });
  #login;
  #ended = false;
  constructor(url, timeout) {
    this.url = url;
    this.#timeout = timeout;
    this.#wire = new Wire({
      event: (frame) => this.#receive(frame),
      failed: (error) => this.#report(error),
      frame: (direction, text) => this.#events.emit("frame", direction, text),
      answered: (id) => this.#rooms.answered(id),
      closed: (closed) => this.#close(closed)
    });
    this.closed = this.#wire.closed;
    this.messages = new Messages(this.#messages, "for the user", () => this.#ended);
  }
  static async open(address, options) {
    const { timeout = DEFAULT_TIMEOUT_MS, signal, WebSocket } = options;
    const client = new Client(socketUrl(address), timeout);
    const wire = client.#wire;
    const events = {
      message: (data) => wire.receive(data),
      close: (code, reason) => wire.lost(code, reason)
    };
    wire.attach(await openSocket(client.url, { timeout, signal, WebSocket }, events));
    return client;
  }
  get user() {
    return this.#login?.user;
  }
  get session() {
    return this.#login?.session;
  }
  get rooms() {
    return this.#rooms.joined;
  }
  get buffered() {
    return this.#wire.buffered;
  }
  on(event, listener) {
    return this.#events.on(event, listener);
  }
  once(event, listener) {
    return this.#events.once(event, listener);
  }
  off(event, listener) {
    this.#events.off(event, listener);
  }
  login(data, options) {
    return this.#request({ event: "login", data }, "log in", options, (reply) => {
      const { user, session } = reply;
      this.#login = { user: { id: user.id, name: user.name }, session };
      return this.#login;
    });
  }
  logout(options) {
    return this.#request({ event: "logout" }, "log out", options, () => {
      this.#login = undefined;
      this.#rooms.endAll({ cause: "left" });
    });
  }
  create(name, room = {}, options) {
    return this.#request({ event: "create", room: name, data: room }, `create room "${name}"`, options, () => {});
  }
  listRooms(list = {}, options) {
    return this.#request({ event: "rooms", data: list }, "list the rooms", options, roomPage);
  }
  async join(name, data, options) {
    const room = await this.#rooms.enter("member", name, this.user?.id ?? "", data, options);
    return room;
  }
  async subscribe(name, data, options) {
    const room = await this.#rooms.enter("watcher", name, this.user?.id ?? "", data, options);
    return room;
  }
  async leave(name, options) {
    await this.rooms.get(name)?.leave(options);
  }
  send(type, ...[data]) {
    this.#wire.send({ event: "message", type, data }, `send "${type}"`);
  }
  request(type, ...[data, options]) {
    const frame = { event: "message", type, data };
    return this.#request(frame, `send "${type}"`, options, (reply) => reply);
  }
  async ping(options) {
    const start = performance.now();
    await this.#request({ event: "ping" }, "ping", options, () => {});
    return performance.now() - start;
  }
  close() {
    this.#wire.close(1000, "");
    return this.closed;
  }
  async[Symbol.asyncDispose]() {
    await this.close();
  }
  #request(frame, what, options, take, late) {
    return this.#wire.request(frame, what, { timeout: this.#timeout, ...options }, take, late);
  }
  #receive(frame) {
    this.#rooms.route(frame);
    if (frame.event === "message" && frame.room === undefined)
      deliver(this.#messages, { type: frame.type, data: frame.data });
    else if (frame.event === "room_add")
      this.#events.emit("room_add", { name: frame.room, type: frame.type });
    else if (frame.event === "room_remove")
      this.#events.emit("room_remove", { name: frame.room, reason: frame.reason });
    else if (frame.event === "joined")
      this.#events.emit("joined", this.#rooms.put(frame.room, this.user?.id ?? "", frame));
    else if (frame.event === "room_change")
      this.#events.emit("room_change", changedRoom(frame));
    else if (frame.event === "error") {
      const { code, message, data } = frame.error;
      this.#report(new HotroomClientError(code, message, { room: frame.room, data }));
    }
  }
  #report(error) {
    if (!this.#events.emit("error", error))
      console.error("hotroom:", error);
  }
  #close(closed) {
    this.#ended = true;
    this.#login = undefined;
    this.#rooms.endAll({ cause: "closed", reason: closed.reason || undefined });
    this.#messages.all.emit("end");
    this.#events.emit("close", closed);
  }
}
function connect(address, options = {}) {
  return Client.open(address, options);
}
export {
  Client,
  HotroomClientError,
  connect,
  mayReconnect
};
