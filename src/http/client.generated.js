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
function closedError(what, closed) {
  const how = closed ? ` (${closed.code}${closed.reason ? ` ${closed.reason}` : ""})` : "";
  return new HotroomClientError("closed", `Cannot ${what}: the connection is closed${how}.`);
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
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => events.message(socket, data instanceof ArrayBuffer ? new Uint8Array(data) : data);
    socket.onclose = (event) => {
      const why = event.reason || `the server did not take the connection (${event.code})`;
      giveUp(new HotroomClientError("connect_failed", `Cannot connect to ${url}: ${why}.`));
    };
    socket.onopen = () => {
      settle();
      socket.onclose = (event) => events.close(socket, event.code, event.reason);
      events.open(socket);
      resolve();
    };
  });
}

// src/client/connect_options.ts
var DEFAULTS = {
  timeout: 1e4,
  reconnect: true,
  background: false,
  liveness: 20000,
  queue: 1000,
  relogin: true,
  store: false
};
function withDefaults(options) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...Object.fromEntries(given) };
}

// src/protocol/codes.ts
var standardReconnect = new Set([1001, 1005, 1006, 1011, 1012, 1013, 1014]);
function mayReconnect(code) {
  return standardReconnect.has(code) || code >= 4000 && code <= 4499;
}

// src/client/connection/backoff.ts
var DEFAULT_BACKOFF = { minDelay: 500, maxDelay: 1e4, spread: 1e4 };
var MOST_DOUBLINGS = 20;
var sharedCodes = new Set([1001, 1012, 1013, 4000]);
function isForAll(code) {
  return sharedCodes.has(code);
}

class Backoff {
  #options;
  #failures = 0;
  constructor(options = {}) {
    this.#options = { ...DEFAULT_BACKOFF, ...options };
  }
  next() {
    const { minDelay, maxDelay } = this.#options;
    const most = Math.min(maxDelay, minDelay * 2 ** Math.min(this.#failures++, MOST_DOUBLINGS));
    return Math.random() * most;
  }
  after(code, grace) {
    if (!isForAll(code))
      return this.next();
    this.#failures++;
    return Math.random() * (grace > 0 ? Math.min(this.#options.spread, grace / 2) : this.#options.spread);
  }
  soon() {
    return Math.random() * this.#options.minDelay;
  }
  reset() {
    this.#failures = 0;
  }
}

// src/client/connection/liveness.ts
class Liveness {
  #idle;
  #soon;
  #patience;
  #limit;
  #events;
  #heardAt = 0;
  #askedAt;
  #wasExcused = false;
  #timer;
  #due = 0;
  constructor(limit, events) {
    this.#limit = limit;
    this.#idle = limit * 0.75;
    this.#soon = limit / 8;
    this.#patience = limit / 4;
    this.#events = events;
  }
  start() {
    this.heard();
    if (this.#limit > 0)
      this.#arm(this.#idle);
  }
  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#askedAt = undefined;
  }
  heard() {
    this.#heardAt = performance.now();
    this.#askedAt = undefined;
    this.#wasExcused = false;
  }
  expect() {
    if (this.#timer !== undefined && this.#due > performance.now() + this.#soon)
      this.#arm(this.#soon);
  }
  probe() {
    if (this.#timer === undefined || this.#askedAt !== undefined)
      return;
    this.#ask();
  }
  #ask() {
    this.#askedAt = performance.now();
    this.#events.ping();
    this.#arm(this.#patience);
  }
  #arm(delay) {
    clearTimeout(this.#timer);
    this.#due = performance.now() + delay;
    this.#timer = setTimeout(() => this.#look(), delay);
  }
  #look() {
    const now = performance.now();
    if (this.#askedAt !== undefined) {
      const hasSlept = !this.#wasExcused && now - this.#due > this.#patience;
      const allowed = this.#events.isSlow() ? this.#limit : this.#patience;
      if (hasSlept) {
        this.#wasExcused = true;
        this.#ask();
      } else if (now - this.#askedAt < allowed)
        this.#arm(allowed - (now - this.#askedAt));
      else
        this.#events.dead();
      return;
    }
    const silence = now - this.#heardAt;
    const most = this.#events.isWaiting() ? this.#soon : this.#idle;
    if (silence >= most - 1)
      this.#ask();
    else
      this.#arm(most - silence);
  }
}

// src/client/connection/page_life.ts
class PageLife {
  #globals = globalThis;
  #listeners;
  #isAside = false;
  constructor(events) {
    const wake = () => events.wake();
    const hide = (event) => {
      this.#isAside = event?.persisted === true;
      events.hide(this.#isAside);
    };
    const show = () => {
      this.#isAside = false;
      events.wake();
    };
    const { document } = this.#globals;
    this.#listeners = [
      [this.#globals, "online", wake],
      [this.#globals, "offline", wake],
      [this.#globals, "pagehide", hide],
      [this.#globals, "pageshow", show],
      [document, "visibilitychange", wake],
      [document, "resume", wake]
    ];
    for (const [target, type, listener] of this.#listeners)
      target?.addEventListener?.(type, listener);
  }
  get isHidden() {
    return this.#globals.document?.visibilityState === "hidden";
  }
  get isAside() {
    return this.#isAside;
  }
  get isOffline() {
    return this.#globals.navigator?.onLine === false;
  }
  close() {
    for (const [target, type, listener] of this.#listeners)
      target?.removeEventListener?.(type, listener);
  }
}

// src/client/connection/simulation.ts
class Simulation {
  #cut;
  #delay = 0;
  #frozenUntil = 0;
  #held = [];
  #timer;
  constructor(cut) {
    this.#cut = cut;
  }
  drop() {
    this.#cut();
  }
  freeze(ms) {
    this.#frozenUntil = Math.max(this.#frozenUntil, performance.now() + ms);
  }
  delay(ms) {
    this.#delay = ms;
  }
  through(run) {
    if (this.#delay === 0 && this.#frozenUntil === 0 && this.#held.length === 0)
      return run();
    const now = performance.now();
    if (this.#frozenUntil <= now)
      this.#frozenUntil = 0;
    const last = this.#held.at(-1)?.due ?? 0;
    this.#held.push({ due: Math.max(now + this.#delay, this.#frozenUntil, last), run });
    this.#arm();
  }
  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = [];
  }
  #arm() {
    const next = this.#held[0];
    if (!next || this.#timer !== undefined)
      return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      while (this.#held[0] && Math.max(this.#held[0].due, this.#frozenUntil) <= performance.now() + 1)
        this.#held.shift()?.run();
      this.#arm();
    }, Math.max(0, next.due - performance.now(), this.#frozenUntil - performance.now()));
  }
}

// src/client/connection/link.ts
var CLOSE_PATIENCE_MS = 2000;
var OPEN_PATIENCE_MS = 1e4;
var STEADY_MS = 1e4;
var OFFLINE_PAUSE_MS = 30000;
var AWAY_CODE = 4400;

class Link {
  simulation = new Simulation(() => this.drop("simulated"));
  #url;
  #options;
  #events;
  #backoff;
  #liveness;
  #page;
  #socket;
  #opening;
  #timer;
  #notBefore = 0;
  #isOneOfMany = false;
  #openedAt = 0;
  #isClosing = false;
  #hasEnded = false;
  constructor(url, options, events) {
    this.#url = url;
    this.#options = options;
    this.#events = events;
    const { reconnect } = options;
    if (reconnect !== false)
      this.#backoff = new Backoff(reconnect === true ? {} : reconnect);
    this.#liveness = new Liveness(options.liveness, {
      ping: () => events.ping(),
      dead: () => this.drop(`nothing was heard for ${options.liveness} ms`),
      isWaiting: () => events.isWaiting(),
      isSlow: () => events.isSlow()
    });
  }
  get isOpen() {
    return this.#socket !== undefined && !this.#isClosing;
  }
  get buffered() {
    return this.#socket?.bufferedAmount ?? 0;
  }
  async connect(signal) {
    await this.#open({ ...this.#options, signal });
    if (this.#hasEnded)
      return;
    this.#page = new PageLife({
      wake: () => this.#wake(),
      hide: (isKept) => {
        const mayReturn = this.#events.hide(isKept);
        if (isKept && this.#backoff)
          this.drop("the page is kept aside");
        else if (!mayReturn)
          this.#socket?.close(1000);
      }
    });
  }
  send(frame) {
    const socket = this.#socket;
    if (!socket)
      return;
    this.simulation.through(() => {
      if (this.#socket === socket && !this.#isClosing)
        socket.send(frame);
    });
  }
  expect() {
    this.#liveness.expect();
  }
  demand() {
    if (this.#timer === undefined)
      this.#plan();
  }
  drop(reason) {
    const socket = this.#socket;
    if (!socket || this.#isClosing)
      return;
    abandon(socket);
    this.#lost({ code: 1006, reason });
  }
  close(code, reason) {
    if (this.#isClosing || this.#hasEnded)
      return;
    this.#isClosing = true;
    this.#rest();
    const socket = this.#socket;
    if (!socket)
      return this.#end({ code, reason });
    socket.close(code, reason);
    this.#timer = setTimeout(() => this.#end({ code: 1006, reason: "no answer to the close" }), CLOSE_PATIENCE_MS);
  }
  async#open(options) {
    await openSocket(this.#url, options, {
      open: (socket) => {
        this.#socket = socket;
        this.#openedAt = performance.now();
        this.#liveness.start();
        this.#events.open();
      },
      message: (socket, data) => this.simulation.through(() => {
        if (this.#socket !== socket || this.#isClosing)
          return;
        this.#liveness.heard();
        this.#events.message(data);
      }),
      close: (socket, code, reason) => {
        if (this.#socket === socket)
          this.#lost({ code, reason });
      }
    });
  }
  #lost(closed) {
    if (this.#isClosing || !this.#backoff || !mayReconnect(closed.code))
      return this.#end(closed);
    this.#socket = undefined;
    this.#liveness.stop();
    this.simulation.stop();
    if (performance.now() - this.#openedAt >= STEADY_MS)
      this.#backoff.reset();
    this.#isOneOfMany = isForAll(closed.code);
    this.#notBefore = performance.now() + this.#backoff.after(closed.code, this.#events.grace());
    this.#events.lost(closed);
    this.#plan();
  }
  #plan() {
    if (this.#socket || this.#opening || this.#isClosing || this.#hasEnded)
      return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#events.isNeeded() || this.#page?.isAside)
      return;
    if (this.#page?.isHidden && !this.#options.background)
      return;
    const pause = this.#page?.isOffline ? OFFLINE_PAUSE_MS : 0;
    this.#timer = setTimeout(() => this.#retry(), Math.max(pause, this.#notBefore - performance.now(), 0));
  }
  #wake() {
    if (this.isOpen)
      return this.#liveness.probe();
    const soon = performance.now() + (this.#backoff?.soon() ?? 0);
    if (!this.#isOneOfMany)
      this.#notBefore = Math.min(this.#notBefore, soon);
    this.#plan();
  }
  async#retry() {
    this.#timer = undefined;
    this.#isOneOfMany = false;
    const opening = new AbortController;
    this.#opening = opening;
    const timeout = Math.min(this.#options.timeout || OPEN_PATIENCE_MS, OPEN_PATIENCE_MS);
    try {
      await this.#events.prepare();
      await this.#open({ ...this.#options, timeout, signal: opening.signal });
    } catch {
      this.#notBefore = performance.now() + (this.#backoff?.next() ?? 0);
    }
    this.#opening = undefined;
    this.#plan();
  }
  #rest() {
    clearTimeout(this.#timer);
    this.#opening?.abort();
    this.#liveness.stop();
    this.simulation.stop();
    this.#page?.close();
  }
  #end(closed) {
    if (this.#hasEnded)
      return;
    this.#hasEnded = true;
    this.#rest();
    this.#socket = undefined;
    this.#events.end(closed);
  }
}
function abandon(socket) {
  socket.onmessage = socket.onclose = null;
  socket.onerror = () => {};
  socket.close(AWAY_CODE);
  socket.terminate?.();
}

// src/protocol/json_object.ts
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// src/client/connection/frames.ts
function parseFrame(data) {
  if (typeof data === "string")
    return parseText(data);
  if (!(data instanceof Uint8Array))
    return;
  const end = data.indexOf(0);
  const frame = end < 0 ? undefined : parseText(decoder.decode(data.subarray(0, end)));
  const bytes = data.slice(end + 1);
  const { from } = frame ?? {};
  return frame && { ...frame, data: from === undefined ? bytes : { from, data: bytes } };
}
var encoder = new TextEncoder;
var decoder = new TextDecoder;
function writeFrame(frame) {
  const bytes = bytesOf(frame.data);
  if (bytes !== undefined)
    return withBytes({ ...frame, data: undefined }, bytes);
  if (ArrayBuffer.isView(frame.data))
    throw new TypeError(`data is a ${frame.data.constructor.name}; its bytes are new Uint8Array(data.buffer)`);
  const text = JSON.stringify(frame);
  const path = text.includes('{"0":') ? pathOfBytes(frame.data) : undefined;
  if (path === undefined)
    return text;
  throw new TypeError(`data${path} is bytes, which are sent as the whole data of a message`);
}
function pathOfBytes(data) {
  if (bytesOf(data))
    return "";
  if (typeof data !== "object" || data === null)
    return;
  for (const [key, value] of Object.entries(data)) {
    const path = pathOfBytes(value);
    if (path !== undefined)
      return Array.isArray(data) ? `[${key}]${path}` : `.${key}${path}`;
  }
  return;
}
function withSeen(frame, seen) {
  const told = `,"seen":${seen}}`;
  if (typeof frame === "string")
    return frame.slice(0, -1) + told;
  const end = frame.indexOf(0);
  const head = encoder.encode(told);
  const longer = new Uint8Array(frame.length - 1 + head.length);
  longer.set(frame.subarray(0, end - 1));
  longer.set(head, end - 1);
  longer.set(frame.subarray(end), end - 1 + head.length);
  return longer;
}
function bytesOf(data) {
  if (data instanceof ArrayBuffer)
    return new Uint8Array(data);
  return data instanceof Uint8Array ? data : undefined;
}
function withBytes(header, bytes) {
  const head = encoder.encode(JSON.stringify(header));
  const frame = new Uint8Array(head.length + 1 + bytes.length);
  frame.set(head);
  frame.set(bytes, head.length + 1);
  return frame;
}
function parseText(text) {
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

// src/client/connection/outbox.ts
function outgoing(said, what) {
  const { event, id, room } = said;
  try {
    return { event, id, room, what, frame: writeFrame(said), wasSent: false, isGivenUp: false };
  } catch (cause) {
    const why = cause instanceof TypeError && cause.message.startsWith("data") ? cause.message : undefined;
    const message = `Cannot ${what}: ${why ?? "its data can't be written as JSON"}.`;
    throw new HotroomClientError("unsendable", message, { cause });
  }
}
var MOST_UNITS = 4 * 1024 * 1024;

class Outbox {
  #most;
  #items = [];
  #sent = 0;
  #taken = 0;
  #units = 0;
  #isKept = false;
  constructor(most) {
    this.#most = most;
  }
  get unconfirmed() {
    return this.#sent;
  }
  get isEmpty() {
    return this.#items.length === 0;
  }
  get newest() {
    return this.#items[this.#sent - 1];
  }
  list() {
    return this.#items;
  }
  add(item) {
    const { length } = this.#items;
    if (length >= this.#most || length > 0 && this.#units + item.frame.length > MOST_UNITS) {
      const message = `Cannot ${item.what}: ${length} frames wait for the server to take them, and no more may.`;
      throw new HotroomClientError("queue_full", message);
    }
    this.#items.push(item);
    this.#units += item.frame.length;
  }
  next() {
    const item = this.#items[this.#sent];
    if (!item)
      return;
    this.#sent++;
    item.wasSent = true;
    return item;
  }
  giveUp(item) {
    item.isGivenUp = true;
    if (!item.wasSent)
      this.#keep((each) => each !== item);
    return !item.wasSent;
  }
  keep(upTo) {
    this.#isKept = true;
    for (let first = this.#items[0];first; first = this.#items[0]) {
      if (this.#sent === 0 || counts(first) && this.#taken >= upTo)
        return;
      this.#drop(first);
    }
  }
  confirm(item, isAnswered = false) {
    if (!this.#isKept)
      return this.#drop(item);
    if (isAnswered)
      item.isGivenUp = true;
  }
  #drop(item) {
    const index = this.#items.indexOf(item);
    if (index < 0)
      return;
    for (const each of this.#items.splice(0, index + 1)) {
      if (counts(each))
        this.#taken++;
      this.#units -= each.frame.length;
    }
    this.#sent = Math.max(0, this.#sent - index - 1);
  }
  begin(login) {
    if (login)
      this.#drop(login);
    this.#taken = 0;
    this.#isKept = false;
  }
  rewind(received = this.#taken, beyond = []) {
    const had = new Set(beyond);
    let number = this.#taken;
    this.#taken = received;
    this.#sent = 0;
    this.#keep((item) => {
      if (counts(item) && (++number <= received || had.has(number)))
        return false;
      return !item.isGivenUp;
    });
  }
  empty(which) {
    const out = this.#items.filter((item) => which === "all" || item.wasSent);
    this.#sent = 0;
    this.#taken = 0;
    this.#keep((item) => !out.includes(item));
    return out;
  }
  #keep(stays) {
    this.#items = this.#items.filter(stays);
    this.#units = this.#items.reduce((sum, { frame }) => sum + frame.length, 0);
  }
}
function counts({ event }) {
  return event !== "login" && event !== "reconnect" && event !== "ping" && event !== "edits";
}

// src/client/connection/pending.ts
class Pending {
  item;
  what;
  isDirect = false;
  isDoubtful = false;
  onGivenUp = () => {};
  #timeout;
  #isPatient;
  #signal;
  #take;
  #resolve;
  #reject;
  #timer;
  constructor(item, what, options, timeout, take, resolve, reject) {
    this.item = item;
    this.what = what;
    this.#timeout = options.timeout ?? timeout;
    this.#isPatient = options.timeout === undefined;
    this.#signal = options.signal;
    this.#take = take;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal?.addEventListener("abort", this.#abort);
    if (!this.#isPatient)
      this.#start();
  }
  get event() {
    return this.item.event;
  }
  arm() {
    if (this.#isPatient && this.#timer === undefined)
      this.#start();
  }
  disarm() {
    if (!this.#isPatient)
      return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
  lateFor(hear) {
    const nothing = () => {};
    return new Pending(this.item, this.what, { timeout: 0 }, 0, hear, nothing, nothing);
  }
  resolve(data) {
    this.#settle();
    try {
      this.#resolve(this.#take(data));
    } catch (cause) {
      const message = `Cannot ${this.what}: the server's reply is not one of hotroom.v1.`;
      this.#reject(new HotroomClientError("bad_frame", message, { cause }));
    }
  }
  reject(error) {
    this.#settle();
    this.#reject(error);
  }
  #abort = () => this.#giveUp(this.#signal?.reason);
  #start() {
    if (!(this.#timeout > 0 && Number.isFinite(this.#timeout)))
      return;
    const message = `Cannot ${this.what}: no reply in ${this.#timeout} ms.`;
    const { room } = this.item;
    const late = () => new HotroomClientError("timeout", message, { room });
    this.#timer = setTimeout(() => this.#giveUp(late()), this.#timeout);
  }
  #giveUp(error) {
    this.#settle();
    this.onGivenUp();
    this.#reject(error);
  }
  #settle() {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}

// src/client/connection/wire.ts
var MOST_UNCONFIRMED = 64;
var UNTOLD_FRAMES = 50;
var TELL_PAUSE_MS = 1000;
var BURST_FRAMES = 50;
var PACE_FRAMES = 4;
var PACE_MS = 100;

class Wire {
  #link;
  #heard;
  #outbox;
  #timeout;
  #pending = new Map;
  #ids = 0;
  #isReady = false;
  #pace;
  #ping;
  #seen = 0;
  #told = 0;
  #toldAt = 0;
  #untold = 0;
  #missed = 0;
  #held;
  #end;
  constructor(link, options, heard) {
    this.#link = link;
    this.#timeout = options.timeout;
    this.#outbox = new Outbox(options.queue);
    this.#heard = heard;
  }
  get newest() {
    return this.#ids;
  }
  get seen() {
    return this.#seen;
  }
  get isWaiting() {
    return this.#pending.size > 0 || this.#outbox.unconfirmed > 0;
  }
  get hasWork() {
    return this.#pending.size > 0 || !this.#outbox.isEmpty;
  }
  get isSlow() {
    for (const { event } of this.#pending.values())
      if (event !== "message" && event !== "ping" && event !== "edits")
        return true;
    return false;
  }
  send(frame, what) {
    this.#queue(frame, what);
    this.#flow();
  }
  request(frame, what, options, take, late) {
    return new Promise((resolve, reject) => {
      options?.signal?.throwIfAborted();
      const id = ++this.#ids;
      const { event, ...rest } = frame;
      const item = this.#queue({ event, id, ...rest }, what);
      const pending = new Pending(item, what, options ?? {}, this.#timeout, take, resolve, reject);
      pending.onGivenUp = () => {
        this.#pending.delete(id);
        if (this.#outbox.giveUp(item))
          return;
        if (late)
          this.#pending.set(id, pending.lateFor(late));
      };
      this.#pending.set(id, pending);
      if (this.#isReady)
        pending.arm();
      this.#link.expect();
      this.#flow();
    });
  }
  direct(frame, what, take) {
    return new Promise((resolve, reject) => {
      if (!this.#link.isOpen)
        throw closedError(what, this.#end);
      const id = ++this.#ids;
      const { event, ...rest } = frame;
      const item = outgoing({ event, id, ...rest }, what);
      const pending = new Pending(item, what, {}, this.#timeout, take, resolve, reject);
      pending.isDirect = true;
      pending.onGivenUp = () => this.#pending.delete(id);
      this.#pending.set(id, pending);
      pending.arm();
      this.#link.expect();
      this.#write(item.frame);
    });
  }
  receive(data) {
    if (this.#held) {
      this.#held.push(data);
      return;
    }
    if (typeof data === "string" || data instanceof Uint8Array)
      this.#heard.frame("in", data);
    const frame = parseFrame(data);
    if (!frame) {
      const message = "The server sent a frame that is not one of hotroom.v1.";
      return this.#heard.failed(new HotroomClientError("bad_frame", message));
    }
    const { seq } = frame;
    if (typeof seq === "number") {
      if (seq <= this.#seen)
        return;
      this.#seen = seq;
      this.#untold++;
    }
    if ("id" in frame && "ok" in frame)
      this.#reply(frame);
    else
      this.#heard.event(frame);
    if (typeof seq !== "number")
      return;
    if (this.#missed > 0 && --this.#missed === 0)
      this.#heard.caughtUp();
    if (this.#untold >= UNTOLD_FRAMES)
      this.#tell();
  }
  hold() {
    this.#held = [];
    setTimeout(() => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const data of held)
        if (!this.#end)
          this.receive(data);
    }, 0);
  }
  flow() {
    this.#isReady = true;
    for (const pending of this.#pending.values())
      pending.arm();
    this.#flow();
    this.#link.expect();
  }
  lost(closed) {
    this.#isReady = false;
    clearTimeout(this.#pace);
    this.#pace = this.#ping = undefined;
    this.#missed = 0;
    this.#told = this.#seen;
    for (const [id, pending] of [...this.#pending]) {
      pending.disarm();
      if (!pending.isDirect)
        continue;
      this.#pending.delete(id);
      pending.reject(closedError(pending.what, closed));
    }
  }
  begin(login) {
    this.#outbox.begin(login);
    this.#seen = this.#told = this.#untold = 0;
  }
  rewind(received, beyond) {
    this.#outbox.rewind(received, beyond);
  }
  keep(upTo) {
    this.#outbox.keep(upTo);
  }
  catchUp(missed) {
    this.#missed = missed;
    if (missed === 0)
      this.#heard.caughtUp();
  }
  adopt(seen, firstId) {
    this.#seen = this.#told = seen;
    this.#ids = firstId;
  }
  doubt() {
    const waiting = new Set(this.#outbox.list());
    for (const pending of this.#pending.values())
      pending.isDoubtful ||= !pending.isDirect && !waiting.has(pending.item);
  }
  failDoubtful(error) {
    this.#fail(({ isDoubtful }) => isDoubtful, error);
  }
  expire(which, error) {
    const gone = this.#outbox.empty(which);
    const kept = new Set(this.#outbox.list());
    this.#fail(({ item, isDirect }) => !isDirect && !kept.has(item), error);
    for (const { id, what } of gone)
      if (id === undefined)
        this.#heard.failed(error(what));
    this.begin();
  }
  ping() {
    if (this.#ping || !this.#link.isOpen || this.#isGreeting)
      return;
    const id = ++this.#ids;
    this.#ping = { id, last: this.#outbox.newest };
    this.#write(JSON.stringify({ event: "ping", id }));
  }
  end(closed) {
    this.#end ??= closed;
    this.lost(closed);
    this.#outbox.empty("all");
    const error = (what) => closedError(what, closed);
    this.#fail(() => true, error);
  }
  get #isGreeting() {
    for (const { event } of this.#pending.values())
      if (event === "reconnect")
        return true;
    return false;
  }
  #fail(which, error) {
    for (const [id, pending] of [...this.#pending]) {
      if (!which(pending))
        continue;
      this.#pending.delete(id);
      pending.reject(error(pending.what));
    }
  }
  #queue(frame, what) {
    if (this.#end)
      throw closedError(what, this.#end);
    const item = outgoing(frame, what);
    this.#outbox.add(item);
    if (!this.#link.isOpen)
      this.#link.demand();
    return item;
  }
  #flow() {
    if (!this.#isReady || this.#pace !== undefined)
      return;
    this.#sendNext(BURST_FRAMES);
  }
  #sendNext(most) {
    let item;
    for (let left = most;left > 0; left--) {
      item = this.#outbox.next();
      if (!item)
        break;
      this.#write(item.frame);
    }
    if (this.#outbox.unconfirmed >= MOST_UNCONFIRMED)
      this.ping();
    if (!item)
      return;
    this.#pace = setTimeout(() => {
      this.#pace = undefined;
      this.#sendNext(PACE_FRAMES);
    }, PACE_MS);
  }
  #write(frame) {
    const told = this.#seen > this.#told ? withSeen(frame, this.#seen) : frame;
    if (told !== frame) {
      this.#told = this.#seen;
      this.#untold = 0;
      this.#toldAt = performance.now();
    }
    this.#link.send(told);
    this.#heard.frame("out", told);
  }
  #tell() {
    if (this.#isReady && performance.now() - this.#toldAt >= TELL_PAUSE_MS)
      this.#write('{"event":"ping"}');
  }
  #reply(frame) {
    if (frame.id === this.#ping?.id) {
      const { last } = this.#ping;
      this.#ping = undefined;
      const { kept } = frame.ok && frame.data || {};
      if (kept !== undefined)
        this.#outbox.keep(kept);
      else if (last)
        this.#outbox.confirm(last);
      return;
    }
    const pending = this.#pending.get(frame.id);
    if (!pending)
      return;
    this.#pending.delete(frame.id);
    if (frame.ok && pending.event === "login")
      this.begin(pending.item);
    else
      this.#outbox.confirm(pending.item, true);
    this.#heard.answered(frame.id);
    if (frame.ok)
      pending.resolve(frame.data);
    else {
      const { code, message, data } = frame.error;
      pending.reject(new HotroomClientError(code, message, { room: pending.item.room, data }));
    }
  }
}

// src/client/edit_wish.ts
class EditWish {
  ask;
  #isWanted = false;
  #isReady = false;
  constructor(ask) {
    this.ask = ask;
  }
  want() {
    if (this.#isWanted)
      return;
    this.#isWanted = true;
    if (this.#isReady)
      this.ask();
  }
  ready() {
    this.#isReady = true;
    if (this.#isWanted)
      this.ask();
  }
  lost() {
    this.#isReady = false;
  }
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
  enteredWith;
  events = new Listeners;
  messages = messageListeners();
  users = new Map;
  type = "";
  data;
  ended;
  #held = [];
  #openedAt = Number.POSITIVE_INFINITY;
  isStale = false;
  constructor(name, self, enteredWith) {
    this.name = name;
    this.self = self;
    this.enteredWith = enteredWith;
  }
  open(type, users, data, id) {
    this.type = type;
    this.data = data;
    this.#openedAt = id;
    for (const user of users)
      this.users.set(user.id, memberOf(user));
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
      const member = memberOf(user);
      this.users.set(user.id, member);
      this.events.emit("join", member);
    });
  }
  connection(id, connected) {
    this.#when(() => {
      const known = this.users.get(id);
      if (!known || known.connected === connected)
        return;
      known.connected = connected;
      this.events.emit(connected ? "reconnect" : "disconnect", known);
    });
  }
  refresh(users, self) {
    const before = this.self;
    this.self = self;
    const there = new Set(users.map(({ id }) => id));
    this.#when(() => {
      const own = this.users.get(before);
      if (before !== self && own && this.users.delete(before))
        this.users.set(self, { ...own, id: self });
      for (const user of [...this.users.values()])
        if (!there.has(user.id))
          this.leave(user, undefined);
      for (const user of users) {
        this.join(user);
        this.connection(user.id, user.connected !== false);
      }
      this.events.emit("reset");
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
function memberOf({ id, name, connected }) {
  return { id, name, connected: connected !== false };
}

// src/client/room/relation.ts
var relations = ["member", "watcher"];
var verbs = {
  member: { enter: "join", exit: "leave", doing: "join" },
  watcher: { enter: "subscribe", exit: "unsubscribe", doing: "watch" }
};

// src/client/room/reentry.ts
var PAUSES_MS = [200, 400, 800, 1600, 3200];

class Reentry {
  #sender;
  #wake = () => {};
  constructor(sender) {
    this.#sender = sender;
  }
  async enter(relation, membership, self) {
    const { name, enteredWith } = membership;
    const frame = { event: verbs[relation].enter, room: name, data: enteredWith };
    for (const pause of [...PAUSES_MS, undefined]) {
      try {
        return await this.#sender.direct(frame, `${verbs[relation].doing} room "${name}" again`, (reply) => {
          membership.isStale = false;
          membership.refresh(reply.users, self);
        });
      } catch (error) {
        const { code } = error;
        if (pause === undefined || code !== "rate_limited" && code !== "busy")
          throw error;
        await this.#pause(pause);
      }
    }
  }
  stop() {
    this.#wake();
  }
  #pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
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
    return this.#listeners.all.on("message", (message) => listener(message));
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
class Rooms {
  joined = new Map;
  #open = { member: new Map, watcher: new Map };
  #asked = new Set;
  #fresh = [];
  #leaving = new Map;
  #given = new Map;
  #doubtful = [];
  #unknown = [];
  #stale = new Set;
  #sender;
  #reentry;
  constructor(sender) {
    this.#sender = sender;
    this.#reentry = new Reentry(sender);
  }
  async enter(relation, name, self, data, options) {
    const { enter, exit, doing } = verbs[relation];
    const there = this.#open[relation].get(name);
    const given = there && this.#given.get(there);
    if (given) {
      this.#given.delete(there);
      return given;
    }
    const what = `${doing} room "${name}"`;
    const asked = { relation, membership: new Membership(name, self, data) };
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
    const there = this.#open.member.get(name);
    const given = there && this.#given.get(there);
    const membership = new Membership(name, self);
    return given ?? this.#opened({ relation: "member", membership }, room);
  }
  async leave(name, options) {
    const there = this.#open.member.get(name);
    const asked = [...this.#asked].findLast(({ relation, membership }) => relation === "member" && membership.name === name);
    if (asked)
      await this.#leave("member", [asked.membership, ...there ? [there] : []], options);
    else if (there)
      await this.#leave("member", [there], options);
  }
  #opened({ relation, membership }, { type, users, data }) {
    const { name } = membership;
    membership.open(type, users, data, this.#sender.newest());
    this.#fresh.push(membership);
    const kind = relation === "member" ? Room : WatchedRoom;
    const room = new kind(membership, {
      send: (type, data) => this.#sender.send(...message(name, type, data)),
      request: (type, data, options) => this.#sender.request(...message(name, type, data), options, (reply) => reply),
      leave: async (options) => {
        if (this.#has(relation, membership))
          await this.#leave(relation, [membership], options);
      }
    });
    this.#open[relation].set(name, membership);
    if (room instanceof Room) {
      this.joined.set(name, room);
      const own = users.find(({ id }) => id === membership.self);
      if (own)
        this.#open.watcher.get(name)?.join(own);
    }
    return room;
  }
  async#leave(relation, memberships, options) {
    const [newest] = memberships;
    const leaving = this.#leaving.get(newest);
    if (leaving)
      return leaving.catch(() => this.#leave(relation, memberships, options));
    const left = () => {
      for (const each of memberships)
        if (this.#has(relation, each))
          this.#end(relation, each, { cause: "left" });
    };
    const frame = { event: verbs[relation].exit, room: newest.name };
    const asking = this.#sender.request(frame, `leave room "${newest.name}"`, options, left, left);
    for (const each of memberships)
      this.#leaving.set(each, asking);
    try {
      await asking;
    } catch (error) {
      if (!memberships.some((each) => this.#has(relation, each)))
        return;
      if (error.code !== "session_expired")
        throw error;
      left();
    } finally {
      for (const each of memberships)
        this.#leaving.delete(each);
    }
  }
  #has(relation, membership) {
    return this.#open[relation].get(membership.name) === membership;
  }
  #end(relation, membership, end) {
    if (this.#has(relation, membership)) {
      this.#open[relation].delete(membership.name);
      if (relation === "member") {
        this.joined.delete(membership.name);
        const own = end.cause === "removed" ? undefined : membership.users.get(membership.self);
        if (own)
          this.#open.watcher.get(membership.name)?.leave(own, end.reason);
      }
    }
    this.#given.delete(membership);
    membership.end(end);
  }
  #all() {
    return relations.flatMap((relation) => [...this.#open[relation].values()].map((membership) => ({ relation, membership })));
  }
  endAll(end) {
    this.#reentry.stop();
    for (const { relation, membership } of this.#all())
      this.#end(relation, membership, end);
  }
  restore(states, lost, self, isFresh) {
    const confirmed = new Set;
    this.#unknown = [];
    for (const state of states) {
      for (const relation of relations) {
        const isThere = relation === "member" ? state.users.some(({ id }) => id === self) : state.watching;
        if (!isThere)
          continue;
        const membership = this.#open[relation].get(state.room);
        if (membership) {
          confirmed.add(membership);
          if (lost.has(state.room) || membership.isStale)
            membership.refresh(state.users, self);
          membership.isStale = false;
        } else if (isFresh)
          confirmed.add(this.#give(relation, state, self));
        else
          this.#unknown.push({ relation, state, self });
      }
    }
    this.#doubtful = this.#all().filter(({ membership }) => !confirmed.has(membership) && !membership.isStale);
  }
  caughtUp() {
    for (const { relation, membership } of this.#doubtful)
      if (this.#has(relation, membership))
        this.#end(relation, membership, { cause: "lost" });
    for (const { relation, state, self } of this.#unknown)
      if (!this.#open[relation].has(state.room))
        this.#give(relation, state, self);
    this.#doubtful = [];
    this.#unknown = [];
  }
  #give(relation, state, self) {
    const membership = new Membership(state.room, self);
    this.#given.set(membership, this.#opened({ relation, membership }, state));
    return membership;
  }
  expire() {
    for (const { membership } of this.#all()) {
      membership.isStale = true;
      this.#stale.add(membership.name);
    }
  }
  async rejoin(self) {
    for (const { relation, membership } of this.#all()) {
      if (!membership.isStale)
        continue;
      try {
        await this.#reentry.enter(relation, membership, self);
      } catch (error) {
        const { code, message } = error;
        if (code === "closed" || code === "timeout")
          throw error;
        this.#end(relation, membership, { cause: "lost", reason: message });
      }
    }
    const names = [...this.#stale];
    this.#stale.clear();
    return names;
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
        case "disconnect":
        case "reconnect":
          membership.connection(frame.user.id, frame.event === "reconnect");
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
    for (const relation of relations) {
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

// src/client/session/session.ts
var temporary = new Set("busy rate_limited not_saved too_many_users application_unavailable internal timeout closed".split(" "));
var GHOST_MS = 60000;

class Session {
  #wire;
  #rooms;
  #relogin;
  #events;
  #store;
  #login;
  #given;
  #gone;
  #awaySince;
  #keepsNone = false;
  constructor(wire, rooms, relogin, events) {
    this.#wire = wire;
    this.#rooms = rooms;
    this.#relogin = relogin;
    this.#events = events;
  }
  get login() {
    return this.#login;
  }
  get isWanted() {
    return this.#login !== undefined || this.#gone !== undefined;
  }
  get isAway() {
    return this.#awaySince !== undefined;
  }
  keepIn(store) {
    this.#store = store;
    const { session, seen = 0 } = store.data;
    this.#wire.adopt(seen, store.firstId);
    if (session !== undefined)
      this.#login = { user: { id: "", name: "" }, session };
  }
  async logIn(data, options) {
    return this.#wire.request({ event: "login", data }, "log in", options, (reply) => {
      this.#given = { data };
      return this.#begin(reply);
    });
  }
  async logOut(options) {
    const done = () => {
      this.#login = this.#given = undefined;
      this.#save();
      this.#rooms.endAll({ cause: "left" });
    };
    try {
      await this.#wire.request({ event: "logout" }, "log out", options, done);
    } catch (error) {
      if (codeOf(error) !== "session_expired")
        throw error;
    }
  }
  hide(isKept) {
    this.#save();
    if (isKept)
      this.#store?.release();
    return isKept || this.#store !== undefined;
  }
  async prepare() {
    if (!this.#store || !await this.#store.retake())
      return;
    const { session } = this.#store.data;
    const { seen } = this.#wire;
    const message = "another page has used the session";
    this.#wire.expire("sent", (what) => new HotroomClientError("reset", `Cannot ${what}: ${message}.`));
    this.#wire.adopt(seen, this.#store.firstId);
    if (session !== undefined && this.#login)
      this.#login = { ...this.#login, session };
    else
      this.#given = undefined;
  }
  lost(closed) {
    this.#wire.lost(closed);
    if (this.isAway)
      return;
    this.#awaySince = performance.now();
    this.#events.away(closed);
  }
  async greet(isFirst) {
    if (this.#login) {
      const { session } = this.#login;
      const frame = { event: "reconnect", data: { session, seen: this.#wire.seen } };
      try {
        await this.#wire.direct(frame, "come back", (reply) => this.#resume(reply, isFirst));
      } catch (error) {
        if (isTemporary(error))
          throw error;
        this.#expire(error, isFirst);
      }
    } else if (!this.#gone) {
      this.#wire.rewind();
      this.#return("new", 0);
    }
    if (this.#gone)
      await this.#startAgain(this.#gone);
  }
  caughtUp() {
    const why = "its answer was lost while the client was away";
    this.#wire.failDoubtful((what) => new HotroomClientError("reset", `Cannot ${what}: ${why}.`));
    this.#rooms.caughtUp();
  }
  end(isOver) {
    this.#login = this.#gone = undefined;
    if (isOver)
      this.#save();
    this.#store?.release();
  }
  #begin({ user, session, grace, kept, outcome, rooms, lost, missed = 0 }) {
    if (kept !== undefined)
      this.#wire.keep(kept);
    this.#login = { user: { id: user.id, name: user.name }, session };
    if (grace !== undefined)
      this.#login.grace = grace;
    this.#save();
    if (!outcome)
      return this.#login;
    this.#login.outcome = outcome;
    this.#takeUp(rooms ?? [], lost ?? [], missed, true);
    this.#wire.hold();
    return this.#login;
  }
  #takeUp(rooms, lost, missed, isFresh) {
    this.#rooms.restore(rooms, new Set(lost), this.#login?.user.id ?? "", isFresh);
    if (lost.includes(null))
      this.#wire.doubt();
    this.#wire.catchUp(missed);
  }
  #resume(reply, isFirst) {
    const { user, session, grace, received = 0, beyond, outcome = "resumed", missed = 0 } = reply;
    const { rooms = [], lost = [] } = reply;
    this.#login = { user: { id: user.id, name: user.name }, session };
    if (grace !== undefined)
      this.#login.grace = grace;
    this.#save();
    this.#wire.rewind(received, beyond);
    if (reply.kept !== undefined)
      this.#wire.keep(reply.kept);
    if (isFirst)
      this.#wire.hold();
    this.#takeUp(rooms, lost, missed, isFirst);
    this.#wire.ping();
    if (this.#gone)
      return;
    if (outcome === "reset" && !isFirst)
      this.#events.reset({ lost });
    this.#return(outcome, missed);
  }
  #return(outcome, missed) {
    const since = this.#awaySince;
    this.#awaySince = undefined;
    this.#wire.flow();
    if (since !== undefined)
      this.#events.back({ outcome, missed, away: performance.now() - since });
  }
  #expire(error, isFirst) {
    const mayLogIn = this.#relogin !== false && this.#given !== undefined;
    this.#keepsNone = !this.#login?.grace;
    this.#login = undefined;
    this.#save();
    this.#wire.expire(mayLogIn ? "sent" : "all", (what) => about(what, error));
    if (mayLogIn) {
      this.#rooms.expire();
      this.#gone = error;
    } else if (isFirst)
      this.#return("new", 0);
    else
      this.#settle(error);
  }
  async#startAgain(expired) {
    try {
      if (!this.#login) {
        const relogin = this.#relogin;
        const data = typeof relogin === "function" ? await relogin() : this.#given?.data;
        await this.#wire.direct({ event: "login", data }, "log in again", (reply) => this.#begin(reply));
      }
      const lost = await this.#rooms.rejoin(this.#login?.user.id ?? "");
      this.#gone = undefined;
      this.#events.expired({ user: this.#login?.user, error: expired });
      this.#events.reset({ lost: [...lost, null] });
      this.#return("reset", 0);
    } catch (error) {
      if (isTemporary(error) || this.#mayBeOwn(error))
        throw error;
      this.#settle(error instanceof HotroomClientError ? error : noLogin(error));
    }
  }
  #mayBeOwn(error) {
    const away = performance.now() - (this.#awaySince ?? Number.NEGATIVE_INFINITY);
    return codeOf(error) === "name_taken" && this.#keepsNone && away < GHOST_MS;
  }
  #settle(error) {
    this.#gone = undefined;
    this.#login = undefined;
    this.#wire.expire("all", (what) => about(what, error));
    this.#rooms.endAll({ cause: "lost", reason: error.message });
    this.#events.expired({ user: undefined, error });
    this.#return("new", 0);
  }
  #save() {
    this.#store?.save(this.#login?.session, this.#wire.seen);
  }
}
function codeOf(error) {
  return error instanceof HotroomClientError ? error.code : undefined;
}
function isTemporary(error) {
  return temporary.has(codeOf(error) ?? "");
}
function about(what, error) {
  const why = error.message.replace(/^.*?: /, "");
  const of = error.code === "session_expired" ? why.replace(/^it is /, "the session is ") : why;
  return new HotroomClientError(error.code, `Cannot ${what}: ${of}`);
}
function noLogin(cause) {
  const message = `Cannot log in again: ${cause?.message ?? cause}`;
  return new HotroomClientError("session_expired", message, { cause });
}

// src/client/session/tab_lock.ts
var PATIENCE_MS = 5000;
var ANSWER_MS = 200;

class TabLock {
  #release;
  constructor(release) {
    this.#release = release;
  }
  static take(name) {
    const locks = globalThis.navigator?.locks;
    if (locks)
      return lock(locks, name).then((release) => release && new TabLock(release));
    return ask(name).then((release) => release && new TabLock(release));
  }
  release() {
    this.#release();
  }
}
function lock(locks, name) {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(name);
    const end = new AbortController;
    const timer = setTimeout(() => end.abort(), PATIENCE_MS);
    channel.onmessage = ({ data }) => {
      if (data === "mine")
        end.abort();
    };
    const hold = () => {
      clearTimeout(timer);
      answer(channel);
      return new Promise((release) => resolve(() => {
        channel.close();
        release();
      }));
    };
    locks.request(name, { signal: end.signal }, hold).catch(() => {
      clearTimeout(timer);
      channel.close();
      resolve(undefined);
    });
    channel.postMessage("whose");
  });
}
async function ask(name) {
  const channel = new BroadcastChannel(name);
  const isTaken = await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ANSWER_MS);
    channel.onmessage = ({ data }) => {
      if (data !== "mine")
        return;
      clearTimeout(timer);
      resolve(true);
    };
    channel.postMessage("whose");
  });
  if (isTaken) {
    channel.close();
    return;
  }
  answer(channel);
  return () => channel.close();
}
function answer(channel) {
  channel.onmessage = ({ data }) => {
    if (data === "whose")
      channel.postMessage("mine");
  };
}

// src/client/session/stored_session.ts
var IDS_PER_PAGE = 2 ** 32;

class StoredSession {
  #key;
  #data;
  #lock;
  constructor(key, data, lock) {
    this.#key = key;
    this.#data = data;
    this.#lock = lock;
    this.#write();
  }
  static async open(key) {
    if (!hasStorage())
      return;
    const kept = read(key);
    const lock = kept && await TabLock.take(kept.lock);
    if (kept && lock)
      return new StoredSession(key, { ...kept, pages: kept.pages + 1 }, lock);
    const own = `${key} ${randomName()}`;
    return new StoredSession(key, { lock: own, pages: 0 }, await TabLock.take(own));
  }
  get data() {
    return this.#data;
  }
  get firstId() {
    return this.#data.pages * IDS_PER_PAGE;
  }
  save(session, seen) {
    const { lock, pages } = this.#data;
    this.#data = session === undefined ? { lock, pages } : { lock, pages, session, seen };
    this.#write();
  }
  release() {
    this.#lock?.release();
    this.#lock = undefined;
  }
  async retake() {
    if (this.#lock)
      return false;
    this.#lock = await TabLock.take(this.#data.lock);
    const kept = read(this.#key);
    if (kept?.lock === this.#data.lock && kept.pages === this.#data.pages)
      return false;
    const pages = Math.max(kept?.pages ?? 0, this.#data.pages) + 1;
    this.#data = { lock: this.#data.lock, ...kept, pages };
    this.#write();
    return true;
  }
  #write() {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#data));
    } catch {}
  }
}
function hasStorage() {
  try {
    return typeof sessionStorage === "object" && sessionStorage !== null;
  } catch {
    return false;
  }
}
function read(key) {
  try {
    const data = JSON.parse(sessionStorage.getItem(key) ?? "null");
    return typeof data?.lock === "string" && Number.isSafeInteger(data.pages) ? data : undefined;
  } catch {
    return;
  }
}
function randomName() {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

// src/client/conversation.ts
var SESSION_REPLACED = 4503;

class Conversation {
  link;
  wire;
  session;
  rooms = new Rooms({
    newest: () => this.wire.newest,
    send: (frame, what) => this.wire.send(frame, what),
    request: (frame, what, options, take, late) => this.wire.request(frame, what, options, take, late),
    direct: (frame, what, take) => this.wire.direct(frame, what, take)
  });
  edits = new EditWish(() => {
    const frame = { event: "edits", data: { live: true } };
    this.wire.direct(frame, "ask for edits", () => {}).catch(() => {});
  });
  #url;
  #options;
  #heard;
  #greeting;
  #hasBegun = false;
  #hasEnded = false;
  constructor(url, options, listeners, heard) {
    this.#url = url;
    this.#options = options;
    this.#heard = heard;
    const { timeout, reconnect, background, liveness, queue, relogin } = withDefaults(options);
    this.link = new Link(url, { WebSocket: options.WebSocket, timeout, reconnect, background, liveness }, {
      open: () => this.#greet(),
      message: (data) => this.wire.receive(data),
      lost: (closed) => {
        this.edits.lost();
        this.session.lost(closed);
      },
      end: (closed) => this.#end(closed),
      ping: () => this.wire.ping(),
      isWaiting: () => this.wire.isWaiting,
      isSlow: () => this.wire.isSlow,
      isNeeded: () => this.session.isWanted || this.wire.hasWork,
      grace: () => this.session.login?.grace ?? 0,
      hide: (isKept) => this.session.hide(isKept),
      prepare: () => this.session.prepare()
    });
    this.wire = new Wire(this.link, { timeout, queue }, {
      event: heard.event,
      failed: heard.failed,
      frame: (direction, text) => listeners.emit("frame", direction, text),
      answered: (id) => this.rooms.answered(id),
      caughtUp: () => this.session.caughtUp()
    });
    this.session = new Session(this.wire, this.rooms, relogin, {
      away: (closed) => listeners.emit("away", closed),
      back: (back) => listeners.emit("back", back),
      reset: (reset) => listeners.emit("reset", reset),
      expired: (expired) => listeners.emit("expired", expired)
    });
  }
  get hasEnded() {
    return this.#hasEnded;
  }
  async open() {
    const { store = false, signal } = this.#options;
    if (store !== false) {
      const name = store === true ? "" : ` ${store}`;
      const stored = await StoredSession.open(`hotroom ${this.#url}${name}`);
      if (stored)
        this.session.keepIn(stored);
    }
    try {
      await this.link.connect(signal);
      await this.#greeting;
      this.#hasBegun = true;
    } catch (error) {
      this.link.close(1000, "");
      throw error;
    }
  }
  close() {
    if (this.#hasEnded)
      return;
    this.wire.end({ code: 1000, reason: "" });
    this.link.close(1000, "");
  }
  #greet() {
    const greeting = this.session.greet(this.#greeting === undefined);
    this.#greeting ??= greeting;
    greeting.then(() => this.edits.ready(), (error) => this.link.drop(error.message));
  }
  #end(closed) {
    this.#hasEnded = true;
    this.wire.end(closed);
    this.session.end(this.#hasBegun && closed.code !== SESSION_REPLACED);
    this.rooms.endAll({ cause: "closed", reason: closed.reason || undefined });
    this.#heard.ended(closed);
  }
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

// src/client/client.ts
class Client {
  url;
  closed;
  messages;
  #events = new Listeners;
  #messages = messageListeners();
  #conversation;
  #followed;
  constructor(url, options) {
    this.url = url;
    let end;
    this.closed = new Promise((resolve) => {
      end = resolve;
    });
    this.#conversation = new Conversation(url, options, this.#events, {
      event: (frame) => this.#receive(frame),
      failed: (error) => this.#report(error),
      ended: (closed) => {
        this.#messages.all.emit("end");
        this.#events.emit("close", closed);
        end(closed);
      }
    });
    this.#events.on("reset", ({ lost }) => {
      if (!this.#followed || !lost.includes(null))
        return;
      this.listRooms(this.#followed).catch((error) => this.#report(error));
    });
    this.messages = new Messages(this.#messages, "for the user", () => this.#conversation.hasEnded);
  }
  static async open(address, options) {
    const client = new Client(socketUrl(address), options);
    await client.#conversation.open();
    return client;
  }
  get user() {
    return this.#conversation.session.login?.user;
  }
  get session() {
    return this.#conversation.session.login?.session;
  }
  get state() {
    if (this.#conversation.hasEnded)
      return "closed";
    return this.#conversation.session.isAway ? "away" : "online";
  }
  get simulate() {
    return this.#conversation.link.simulation;
  }
  get rooms() {
    return this.#conversation.rooms.joined;
  }
  get buffered() {
    return this.#conversation.link.buffered;
  }
  on(event, listener) {
    if (event === "edit")
      this.#conversation.edits.want();
    return this.#events.on(event, listener);
  }
  once(event, listener) {
    if (event === "edit")
      this.#conversation.edits.want();
    return this.#events.once(event, listener);
  }
  off(event, listener) {
    this.#events.off(event, listener);
  }
  login(data, options) {
    return this.#conversation.session.logIn(data, options);
  }
  logout(options) {
    this.#followed = undefined;
    return this.#conversation.session.logOut(options);
  }
  create(name, ...[room = {}, options]) {
    return this.#conversation.wire.request({ event: "create", room: name, data: room }, `create room "${name}"`, options, () => {});
  }
  listRooms(list = {}, options) {
    const frame = { event: "rooms", data: list };
    return this.#conversation.wire.request(frame, "list the rooms", options, (reply) => {
      if (list.live !== undefined)
        this.#followed = list.live ? list : undefined;
      return roomPage(reply);
    });
  }
  async join(name, ...[data, options]) {
    const user = this.user?.id ?? "";
    const room = await this.#conversation.rooms.enter("member", name, user, data, options);
    return room;
  }
  async subscribe(name, ...[data, options]) {
    const user = this.user?.id ?? "";
    const room = await this.#conversation.rooms.enter("watcher", name, user, data, options);
    return room;
  }
  leave(name, options) {
    return this.#conversation.rooms.leave(name, options);
  }
  send(type, ...[data]) {
    this.#conversation.wire.send({ event: "message", type, data }, `send "${type}"`);
  }
  request(type, ...[data, options]) {
    const frame = { event: "message", type, data };
    return this.#conversation.wire.request(frame, `send "${type}"`, options, (reply) => reply);
  }
  async ping(options) {
    const start = performance.now();
    await this.#conversation.wire.request({ event: "ping" }, "ping", options, () => {});
    return performance.now() - start;
  }
  close() {
    this.#conversation.close();
    return this.closed;
  }
  async[Symbol.asyncDispose]() {
    await this.close();
  }
  #receive(frame) {
    this.#conversation.rooms.route(frame);
    if (frame.event === "message" && frame.room === undefined)
      deliver(this.#messages, { type: frame.type, data: frame.data });
    else if (frame.event === "room_add")
      this.#events.emit("room_add", { name: frame.room, type: frame.type });
    else if (frame.event === "room_remove")
      this.#events.emit("room_remove", { name: frame.room, reason: frame.reason });
    else if (frame.event === "joined")
      this.#events.emit("joined", this.#conversation.rooms.put(frame.room, this.user?.id ?? "", frame));
    else if (frame.event === "room_change")
      this.#events.emit("room_change", changedRoom(frame));
    else if (frame.event === "edit")
      this.#events.emit("edit", { version: frame.version });
    else if (frame.event === "error") {
      const { code, message, data } = frame.error;
      this.#report(new HotroomClientError(code, message, { room: frame.room, data }));
    }
  }
  #report(error) {
    if (!this.#events.emit("error", error))
      console.error("hotroom:", error);
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
