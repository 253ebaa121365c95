import type { Faults } from "./faults.ts";
import type { Book } from "./hall.ts";
import { Hearing } from "./hearing.ts";
import { Link } from "./link.ts";
import type { End, Stage, Talker } from "./talker.ts";
import { Unconfirmed } from "./unconfirmed.ts";

/** Frames after which a client says what it has seen. */
const SEEN_EVERY = 20;
const ends: readonly End[] = ["fin", "rst", "silence"];
/** How soon a client tries again that could not come back, ms. */
const AGAIN_MS = 250;

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came; it is checked by what it must be.
type Frame = any;

/** Where a client connects. */
export interface Address {
  readonly port: number;
  readonly application: string;
}

/** What a client waits for. */
interface Due {
  readonly room: string | undefined;
  done(reply: Frame): void;
}

/** A client that comes back, and checks each frame: all come once and in order, and all that it sends is answered once. */
export class StrictClient implements Talker {
  /** By name, for as long as it is in the room. */
  readonly rooms = new Map<string, Hearing>();
  #link: Link | undefined;
  #secret = "";
  #seen = 0;
  #sinceSeen = 0;
  #ids = 0;
  #entries = 0;
  #isClosing = false;
  /** Whether a join or a leave is not answered: frames behind it wait. */
  #isVisiting = false;
  readonly #unconfirmed = new Unconfirmed();
  readonly #due = new Map<number, Due>();
  #entered: ((reply: Frame) => void) | undefined;
  /** Whether the server has its session on this connection. */
  #isHere = false;
  /** What is still to come of what was missed, and when the connection began. */
  #missed = 0;
  #since = 0;
  /** Set while it is away, or on its way back. */
  #absence: Promise<void> | undefined;

  constructor(
    readonly name: string,
    readonly address: Address,
    readonly stage: Stage,
  ) {}

  get isAway(): boolean {
    return this.#absence !== undefined || this.#isClosing;
  }

  /** Requests without an answer. */
  get waiting(): number {
    return this.#due.size;
  }

  async login(): Promise<void> {
    await this.#connect();
    const reply = await this.#enter("login", { name: this.name });
    this.#secret = reply.data.session;
    this.#isHere = true;
  }

  /** Sends a frame to a room, numbered; with a reply or without. */
  say(room: string, type: string, data: object = {}, asks = true): void {
    const hearing = this.rooms.get(room);
    if (!hearing || hearing.isLeaving) return;
    const frame = {
      event: "message",
      room,
      type,
      data: { ...data, seq: ++hearing.sent, isHeld: this.#isVisiting },
    };
    if (asks) void this.request(frame);
    else this.#send(frame);
  }

  async join(room: string): Promise<void> {
    const hearing = new Hearing(this.name, room, this.stage.faults);
    this.#isVisiting = true;
    await this.request({ event: "join", room }, (reply) => {
      hearing.list(reply.data.users);
      this.rooms.set(room, hearing);
    });
    this.#isVisiting = false;
  }

  async leave(room: string): Promise<void> {
    const hearing = this.rooms.get(room);
    if (!hearing) return;
    hearing.isLeaving = true;
    this.#isVisiting = true;
    await this.request({ event: "leave", room }, () => this.rooms.delete(room));
    this.#isVisiting = false;
  }

  async book(room: string): Promise<Book> {
    return (await this.request({ event: "message", room, type: "book" })).data;
  }

  /** Sends what has a reply; `take` runs where it succeeds, before anything else is heard. */
  request(frame: object, take: (reply: Frame) => void = () => {}): Promise<Frame> {
    const id = ++this.#ids;
    return new Promise((resolve) => {
      const done = (reply: Frame) => {
        if (reply.ok) take(reply);
        else this.#note("failed", JSON.stringify({ ...frame, reply: reply.error }));
        resolve(reply);
      };
      this.#due.set(id, { room: (frame as Frame).type && (frame as Frame).room, done });
      this.#send({ ...frame, id }, id);
    });
  }

  /** Says what it has seen, and asks for nothing. */
  ping(): void {
    if (this.#isHere) this.#link?.send(JSON.stringify({ event: "ping", seen: this.#seen }));
  }

  users(room: string): Iterable<readonly [string, boolean]> {
    return this.rooms.get(room)?.users ?? [];
  }

  /** Loses its connection, is away for so long, and comes back. One that is away stays so. */
  drop(end: End, ms: number): void {
    this.#absence ??= this.#comeBack(end, ms);
  }

  /** Leaves for good; or just goes, so that the server finds out. */
  end(code: 1000 | undefined): void {
    this.#isClosing = true;
    if (code === undefined) this.#link?.lose("rst");
    else this.#link?.close(code);
  }

  async #comeBack(end: End, ms: number): Promise<void> {
    this.#lose(end);
    await Bun.sleep(ms);
    while (!this.#isHere && !this.#isClosing) {
      const isBack = await this.#tryToResume().catch(() => false);
      if (!isBack) await Bun.sleep(AGAIN_MS);
    }
    this.#absence = undefined;
  }

  /** Returns true if it is back, or has no way back. */
  async #tryToResume(): Promise<boolean> {
    const { random } = this.stage;
    this.#since = performance.now();
    await this.#connect();
    const entering = this.#enter("reconnect", { session: this.#secret, seen: this.#seen });
    // The reply may be lost on its way: the next attempt has the same secret.
    if (random.below(8) === 0) {
      await Bun.sleep(random.below(20));
      this.#lose(random.pick(ends));
      return true;
    }
    const reply = await entering;
    if (!reply.ok && reply.error.code !== "rate_limited") {
      this.#note("expired", JSON.stringify(reply.error));
      this.#isClosing = true;
    }
    return this.#isHere;
  }

  #lose(end: End): void {
    this.#isHere = false;
    this.#link?.lose(end);
  }

  async #connect(): Promise<void> {
    const { port, application } = this.address;
    let mine: Link | undefined;
    const isMine = () => mine === this.#link;
    mine = await Link.open(port, `/ws/${application}`, {
      text: (text) => isMine() && this.#take(JSON.parse(text)),
      closed: (code) => isMine() && this.#closed(code),
    });
    this.#link = mine;
  }

  /** Sends what begins a session, or goes on with one. */
  #enter(event: "login" | "reconnect", data: object): Promise<Frame> {
    const id = `entry ${++this.#entries}`;
    return new Promise((resolve) => {
      this.#entered = (reply) => {
        if (reply.id !== undefined && reply.id !== id)
          return this.#note("broken", `${JSON.stringify(reply)} answers no ${event}`);
        this.#entered = undefined;
        if (event === "reconnect" && reply.ok) this.#goOn(reply.data);
        resolve(reply);
      };
      this.#link?.send(JSON.stringify({ event, id, data }));
    });
  }

  /** In the moment of the reply: what has not arrived goes again, behind it what is new. */
  #goOn(data: Frame): void {
    this.#secret = data.session;
    if (data.outcome !== "resumed") this.#note("resets", JSON.stringify(data.lost));
    for (const { room, users } of data.rooms) this.rooms.get(room)?.list(users);
    const again = this.#unconfirmed.after(data.received);
    if (!again) this.#note("broken", `${data.received} frames received, of ${this.#unconfirmed.total}`);
    this.#isHere = true;
    this.#missed = data.missed;
    if (this.#missed === 0) this.stage.resumed(performance.now() - this.#since);
    for (const frame of again ?? []) this.#link?.send(frame);
    this.#link?.send(JSON.stringify({ event: "ping", seen: this.#seen }));
  }

  #send(frame: object, id?: number): void {
    const text = JSON.stringify(frame);
    this.#unconfirmed.add(text, id);
    if (!this.#isHere) return;
    if (++this.#sinceSeen < SEEN_EVERY) return this.#link?.send(text);
    this.#sinceSeen = 0;
    this.#link?.send(`${text.slice(0, -1)},"seen":${this.#seen}}`);
  }

  #closed(code: number): void {
    if (this.#isClosing) return;
    this.#note("broken", `closed with ${code}`);
    this.#isHere = false;
    this.#entered?.({ ok: false, error: { code: "rate_limited" } });
    this.drop("fin", AGAIN_MS);
  }

  #take(frame: Frame): void {
    if (typeof frame.id === "string") return this.#entered?.(frame);
    if (frame.seq === undefined) {
      if (frame.event === "error" || frame.id !== undefined) this.#note("broken", JSON.stringify(frame));
      return;
    }
    if (frame.seq <= this.#seen) return this.#note("repeated", JSON.stringify(frame));
    this.#seen = frame.seq;
    if (this.#missed > 0 && --this.#missed === 0) this.stage.resumed(performance.now() - this.#since);
    if (frame.id !== undefined) this.#answer(frame);
    else this.#hear(frame);
  }

  #answer(reply: Frame): void {
    const due = this.#due.get(reply.id);
    if (!due) return this.#note("repeated", `the answer ${JSON.stringify(reply)}`);
    this.#due.delete(reply.id);
    this.#unconfirmed.answered(reply.id);
    if (due.room !== undefined) this.rooms.get(due.room)?.answered(reply.id);
    due.done(reply);
  }

  #hear({ event, room, type, data, user, error }: Frame): void {
    if (event === "room_add" || event === "room_remove") return;
    if (event === "error") return this.#note("failed", JSON.stringify({ room, error }));
    const hearing = this.rooms.get(room);
    if (!hearing) return this.#note("broken", `${event} of ${room}: ${JSON.stringify(data ?? user)}`);
    if (type === "begins") hearing.begins(data.said);
    else if (type === "said") hearing.said(data.n);
    else if (type === "told") hearing.told(data.n);
    else if (event === "leave") hearing.users.delete(user.name);
    else hearing.users.set(user.name, event !== "disconnect");
  }

  #note(kind: Parameters<Faults["note"]>[0], text: string): void {
    this.stage.faults.note(kind, `${this.name}: ${text}`);
  }
}
