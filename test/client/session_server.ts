import type { ServerWebSocket } from "bun";
import { until } from "../e2e/harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: frames are what the client sent; the tests say what they should be.
type Frame = any;
type Socket = ServerWebSocket<undefined>;

interface Kept {
  user: { id: string; name: string };
  secret: string;
  before: string;
  received: number;
  history: { seq: number; text: string; room: string | null }[];
  /** The newest frame that is not kept any more, by room. */
  gone: Map<string | null, number>;
  rooms: Map<string, boolean>;
  socket: Socket | undefined;
}

/** A server that keeps sessions as docs/PROTOCOL.md says, and does what a test asks for at the moment that it asks. */
export class SessionServer implements AsyncDisposable {
  readonly url: string;
  /** Every frame that came, over whatever connection. */
  readonly frames: Frame[] = [];
  /** Types and data of the messages that it handled, in order. */
  readonly handled: unknown[] = [];
  grace = 30_000;
  /** Called before a frame is handled; true takes it without an answer. */
  intercept: (frame: Frame, socket: Socket) => boolean | undefined = () => false;
  /** Keeps what it says, and does not send it. */
  isMute = false;
  /** Connections that were opened. */
  opened = 0;
  /** Close codes that clients' connections ended with. */
  readonly closes: number[] = [];
  /** Members beside the client's user, by room. */
  readonly members = new Map<string, object[]>();
  readonly #server: Bun.Server<undefined>;
  readonly #sessions = new Set<Kept>();
  readonly #of = new Map<Socket, Kept>();
  #seq = 0;
  #users = 0;

  constructor(port = 0) {
    this.#server = Bun.serve({
      port,
      hostname: "127.0.0.1",
      fetch: (request, server) => {
        if (server.upgrade(request, { data: undefined, headers: { "sec-websocket-protocol": "hotroom.v1" } }))
          return;
        return new Response("none here", { status: 404 });
      },
      websocket: {
        open: () => {
          this.opened++;
        },
        message: (socket, text) => this.#receive(socket, JSON.parse(String(text))),
        close: (socket, code) => {
          this.closes.push(code);
          const session = this.#of.get(socket);
          if (session?.socket === socket) session.socket = undefined;
          if (session && code === 1000) this.#sessions.delete(session);
          this.#of.delete(socket);
        },
      },
    });
    this.url = `ws://127.0.0.1:${this.#server.port}/ws/test`;
  }

  get port(): number {
    return this.#server.port ?? 0;
  }

  /** The sockets of those who are logged in. */
  get sockets(): Socket[] {
    return [...this.#of.keys()];
  }

  /** Sends an event to every session, also to those that are away. */
  say(event: { room?: string; [key: string]: unknown }): void {
    const seq = ++this.#seq;
    const text = `${JSON.stringify(event).slice(0, -1)},"seq":${seq}}`;
    for (const session of this.#sessions) this.#give(session, seq, text, event.room ?? null);
  }

  /** Says something in a room. */
  said(data: unknown, room = "lobby"): void {
    this.say({ event: "message", room, type: "said", data });
  }

  /** Ends all sessions, as after a restart. */
  forget(): void {
    for (const session of this.#sessions) session.socket = undefined;
    this.#sessions.clear();
    this.#of.clear();
  }

  /** Drops what is kept for a room (`null`: for no room), as where there is too much of it. */
  overflow(room: string | null): void {
    for (const session of this.#sessions) {
      const lost = session.history.filter((frame) => frame.room === room);
      session.gone.set(room, lost.at(-1)?.seq ?? 0);
      session.history = session.history.filter((frame) => frame.room !== room);
    }
  }

  /** Puts the user into a room without a word of it. */
  admit(room: string): void {
    for (const session of this.#sessions) session.rooms.set(room, false);
  }

  /** Takes the user out of a room without a word of it. */
  expel(room: string): void {
    for (const session of this.#sessions) session.rooms.delete(room);
  }

  /** Waits until it has handled so many messages. */
  async handles(count: number): Promise<void> {
    await until(`${count} messages at the server`, () => this.handled.length >= count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  #give(session: Kept, seq: number, text: string, room: string | null): void {
    session.history.push({ seq, text, room });
    if (!this.isMute) session.socket?.send(text);
  }

  #reply(session: Kept, frame: Frame, data: unknown): void {
    if (frame.id === undefined) return;
    const seq = ++this.#seq;
    this.#give(session, seq, JSON.stringify({ id: frame.id, ok: true, data, seq }), null);
  }

  #usersOf(session: Kept, room: string): object[] {
    return [session.user, ...(this.members.get(room) ?? [])];
  }

  #receive(socket: Socket, frame: Frame): void {
    this.frames.push(frame);
    if (this.intercept(frame, socket)) return;
    const session = this.#of.get(socket);
    if (session) session.before = frame.event === "reconnect" ? session.before : session.secret;
    const say = (data: object) => socket.send(JSON.stringify({ id: frame.id, ...data }));
    if (frame.event === "ping") {
      if (frame.id !== undefined) say({ ok: true });
      return;
    }
    if (frame.event === "login") return this.#login(socket, frame);
    if (frame.event === "reconnect") return this.#reconnect(socket, frame);
    if (!session) return void say({ ok: false, error: { code: "not_logged_in", message: "Cannot." } });
    session.received++;
    if (frame.event === "message") {
      this.handled.push([frame.type, frame.data]);
      this.#reply(session, frame, frame.data);
    } else if (frame.event === "logout") {
      this.#sessions.delete(session);
      this.#of.delete(socket);
      say({ ok: true });
    } else if (frame.event === "rooms") this.#reply(session, frame, { rooms: [], more: false });
    else {
      if (frame.event === "join" || frame.event === "subscribe")
        session.rooms.set(frame.room, frame.event === "subscribe");
      if (frame.event === "leave") session.rooms.delete(frame.room);
      this.#reply(session, frame, {
        room: frame.room,
        type: "chat",
        users: this.#usersOf(session, frame.room).slice(frame.event === "subscribe" ? 1 : 0),
      });
    }
  }

  #login(socket: Socket, frame: Frame): void {
    const user = { id: `u${++this.#users}`, name: frame.data.name };
    const secret = `secret-${this.#users}`;
    const session: Kept = {
      user,
      secret,
      before: secret,
      received: 0,
      history: [],
      gone: new Map(),
      rooms: new Map(),
      socket,
    };
    this.#sessions.add(session);
    this.#of.set(socket, session);
    socket.send(
      JSON.stringify({ id: frame.id, ok: true, data: { user, session: secret, grace: this.grace } }),
    );
  }

  #reconnect(socket: Socket, frame: Frame): void {
    const { session: secret, seen } = frame.data;
    const session = [...this.#sessions].find((each) => each.secret === secret || each.before === secret);
    const say = (data: object) => socket.send(JSON.stringify({ id: frame.id, ...data }));
    if (!session) {
      const message = "Cannot resume the session: it is unknown.";
      say({ ok: false, error: { code: "session_expired", message } });
      return;
    }
    const old = session.socket;
    session.before = secret;
    session.secret = `${secret}+`;
    session.socket = socket;
    this.#of.set(socket, session);
    if (old) {
      this.#of.delete(old);
      old.close(4503);
    }
    const missed = session.history.filter(({ seq }) => seq > seen);
    const lost = [...session.gone].flatMap(([room, seq]) => (seq > seen ? [room] : []));
    const rooms = [...session.rooms].map(([room, watching]) => ({
      room,
      type: "chat",
      users: this.#usersOf(session, room).slice(watching ? 1 : 0),
      ...(watching ? { watching } : {}),
    }));
    const { user, received } = session;
    const outcome = lost.length > 0 ? "reset" : "resumed";
    const common = { user, session: session.secret, grace: this.grace, outcome, received };
    say({
      ok: true,
      data: { ...common, missed: missed.length, rooms, ...(lost.length > 0 ? { lost } : {}) },
    });
    for (const { text } of missed) socket.send(text);
  }
}
