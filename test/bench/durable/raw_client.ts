import { Link } from "../drops/link.ts";
import { Unconfirmed } from "../drops/unconfirmed.ts";
import type { Evidence } from "./evidence.ts";
import type { Book, Line } from "./ledger.ts";

/** Frames after which a client says what it has seen. */
const SEEN_EVERY = 20;
/** How soon a client tries again that could not come back, ms. */
const AGAIN_MS = 50;

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came; it is checked by what it must be.
type Frame = any;

/** What a client of the bench does, however it speaks. */
export interface Client {
  readonly name: string;
  readonly room: string;
  /** Requests without an answer. */
  readonly waiting: number;
  /** Logs in and joins its room. */
  enter(): Promise<void>;
  /** Sends its next event. */
  add(): void;
  /** Asks for its room's book. */
  book(): Promise<Book>;
  /** Leaves for good. */
  end(): void;
}

/** Where a client plays. */
export interface Stage {
  readonly port: number;
  readonly application: string;
  readonly evidence: Evidence;
}

/** A client by hand, as PROTOCOL.md says: it comes back with its session and what it has seen, and sends again what had not arrived. */
export class RawClient implements Client {
  /** Its own events so far. */
  sent = 0;
  #link: Link | undefined;
  #secret = "";
  #seen = 0;
  #sinceSeen = 0;
  #ids = 0;
  #entries = 0;
  #isHere = false;
  #isOver = false;
  /** The last event of the room that it was told of; and whether it was told that something is missing behind that. */
  #last: number | undefined;
  #hasGap = false;
  /** Requests that were sent over this connection. */
  #fresh = new Set<number>();
  readonly #unconfirmed = new Unconfirmed();
  readonly #due = new Map<number, (reply: Frame) => void>();
  #entered: ((reply: Frame) => void) | undefined;

  constructor(
    readonly name: string,
    readonly room: string,
    private readonly stage: Stage,
  ) {}

  get waiting(): number {
    return this.#due.size;
  }

  async enter(): Promise<void> {
    await this.#connect();
    const reply = await this.#enter("login", { name: this.name });
    if (!reply.ok) throw new Error(`Cannot log in ${this.name}: ${reply.error.message}`);
    this.#secret = reply.data.session;
    this.#isHere = true;
    await this.#request({ event: "join", room: this.room });
  }

  add(): void {
    if (this.#isOver) return;
    const n = ++this.sent;
    void this.#request({ event: "message", room: this.room, type: "add", data: n }, ({ data }) => {
      const line = data as Line;
      if (line.by !== this.name || line.n !== n)
        this.#note("broken", `answer ${JSON.stringify(line)} to ${n}`);
      else this.stage.evidence.told(this.room, line, "acknowledged");
    });
  }

  async book(): Promise<Book> {
    return (await this.#request({ event: "message", room: this.room, type: "book" })).data;
  }

  end(): void {
    this.#isOver = true;
    this.#link?.close(1000);
  }

  /** Sends what has a reply; `take` runs where it succeeds, before anything else is heard. */
  #request(frame: object, take: (reply: Frame) => void = () => {}): Promise<Frame> {
    const id = ++this.#ids;
    return new Promise((resolve) => {
      this.#due.set(id, (reply) => {
        if (reply.ok) take(reply);
        else this.#note("broken", JSON.stringify({ ...frame, reply: reply.error }));
        resolve(reply);
      });
      const text = JSON.stringify({ ...frame, id });
      this.#unconfirmed.add(text, id);
      if (this.#isHere) this.#send(text, id);
    });
  }

  #send(text: string, id: number): void {
    this.#fresh.add(id);
    if (++this.#sinceSeen < SEEN_EVERY) return this.#link?.send(text);
    this.#sinceSeen = 0;
    this.#link?.send(`${text.slice(0, -1)},"seen":${this.#seen}}`);
  }

  async #comeBack(): Promise<void> {
    while (!this.#isHere && !this.#isOver) {
      const isBack = await this.#tryToResume().catch(() => false);
      if (!isBack) await Bun.sleep(AGAIN_MS);
    }
  }

  /** Returns true if it is back, or has no way back. */
  async #tryToResume(): Promise<boolean> {
    await this.#connect();
    const reply = await this.#enter("reconnect", { session: this.#secret, seen: this.#seen });
    if (reply.ok || reply.error.code === "rate_limited" || reply.error.code === "lost") return reply.ok;
    this.stage.evidence.note("expired", `${this.name} in ${this.room}: ${JSON.stringify(reply.error)}`);
    this.#isOver = true;
    return true;
  }

  async #connect(): Promise<void> {
    const { port, application } = this.stage;
    let mine: Link | undefined;
    const isMine = () => mine !== undefined && mine === this.#link;
    mine = await Link.open(port, `/ws/${application}`, {
      text: (text) => isMine() && this.#take(JSON.parse(text)),
      closed: (code) => isMine() && this.#closed(code),
    });
    this.#fresh = new Set();
    this.#link = mine;
  }

  /** Sends what begins a session, or goes on with one. */
  #enter(event: "login" | "reconnect", data: object): Promise<Frame> {
    const id = `entry ${++this.#entries}`;
    return new Promise((resolve) => {
      this.#entered = (reply) => {
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
    if (data.outcome !== "resumed") this.stage.evidence.resets++;
    this.#hasGap ||= data.outcome === "reset" && data.lost.includes(this.room);
    if (!data.rooms.some(({ room }: Frame) => room === this.room))
      this.#note("broken", `came back to ${JSON.stringify(data.rooms)}`);
    const again = this.#unconfirmed.after(data.received);
    if (!again) this.#note("broken", `${data.received} frames received, of ${this.#unconfirmed.total}`);
    this.#isHere = true;
    for (const frame of again ?? []) this.#send(frame, JSON.parse(frame).id);
    this.#link?.send(JSON.stringify({ event: "ping", seen: this.#seen }));
  }

  #closed(code: number): void {
    if (this.#isOver) return;
    if (code !== 1006 && code !== 4000 && code !== 4001) this.#note("broken", `closed with ${code}`);
    this.#isHere = false;
    const entered = this.#entered;
    if (entered) return entered({ ok: false, error: { code: "lost" } });
    void this.#comeBack();
  }

  #take(frame: Frame): void {
    if (typeof frame.id === "string") return this.#entered?.(frame);
    if (frame.seq === undefined) {
      if (frame.event === "error" || frame.id !== undefined) this.#note("broken", JSON.stringify(frame));
      return;
    }
    if (frame.seq <= this.#seen) return this.#note("frames", `${this.#seen}, then ${JSON.stringify(frame)}`);
    this.#seen = frame.seq;
    if (frame.id !== undefined) this.#answer(frame);
    else if (frame.event === "message") this.#hear(frame.data);
    else if (frame.event === "error") this.#note("broken", JSON.stringify(frame));
  }

  #answer(reply: Frame): void {
    const due = this.#due.get(reply.id);
    if (!due) return this.#note("frames", `the answer ${JSON.stringify(reply)} again`);
    this.#due.delete(reply.id);
    this.#unconfirmed.answered(reply.id);
    due(reply);
    if (this.#fresh.delete(reply.id)) this.stage.evidence.answered(this.room);
  }

  #hear(line: Line): void {
    const { evidence } = this.stage;
    evidence.told(this.room, line, "heard");
    if (this.#last !== undefined && line.at <= this.#last)
      this.#note("frames", `heard ${line.at} after ${this.#last}`);
    if (this.#last !== undefined && line.at > this.#last + 1 && !this.#hasGap)
      this.#note("frames", `heard ${line.at} after ${this.#last}, and of no gap`);
    this.#hasGap = false;
    this.#last = line.at;
  }

  #note(kind: "broken" | "frames", text: string): void {
    this.stage.evidence.note(kind, `${this.name} in ${this.room}: ${text}`);
  }
}
