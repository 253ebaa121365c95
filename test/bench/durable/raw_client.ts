import { Link } from "../drops/link.ts";
import type { Evidence } from "./evidence.ts";
import type { Book, Line } from "./ledger.ts";
import { SentFrames } from "./sent_frames.ts";

/** Frames after which a client says what it has seen. */
const SEEN_EVERY = 20;
/** How soon a client tries again that could not come back, ms. */
const AGAIN_MS = 50;

/** Codes after which it tries again: the server's that say so, and that the connection was lost. */
const AGAIN: ReadonlySet<string> = new Set(["rate_limited", "busy", "not_saved", "lost"]);
/** Answers of which a client knows what they were, should they come again. */
const LATE_ANSWERS = 100;

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came; it is checked by what it must be.
type Frame = any;

/** What a client of the bench does, however it speaks. */
export interface Client {
  readonly name: string;
  readonly rooms: readonly string[];
  /** Requests without an answer. */
  readonly waiting: number;
  /** Logs in and joins its rooms. */
  enter(): Promise<void>;
  /** Sends its next event to one of its rooms. */
  add(room: string): void;
  /** Asks for the book of one of its rooms. */
  book(room: string): Promise<Book>;
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
  /** Its own events so far, and the last event that it was told of, by room. */
  readonly #sent = new Map<string, number>();
  readonly #heard = new Map<string, number>();
  /** Rooms of which it was told that something is missing behind that. */
  readonly #gaps = new Set<string>();
  #link: Link | undefined;
  #secret = "";
  #seen = 0;
  #sinceSeen = 0;
  #ids = 0;
  #entries = 0;
  #isHere = false;
  #isOver = false;
  /** Requests that were sent over this connection. */
  #fresh = new Set<number>();
  readonly #frames = new SentFrames();
  readonly #due = new Map<number, (reply: Frame) => void>();
  /** The last answers, by the ids of their requests. */
  readonly #answers = new Map<number, string>();
  #entered: ((reply: Frame) => void) | undefined;

  constructor(
    readonly name: string,
    readonly rooms: readonly string[],
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
    for (const room of this.rooms) await this.#request({ event: "join", room });
  }

  add(room: string): void {
    if (this.#isOver) return;
    const n = (this.#sent.get(room) ?? 0) + 1;
    this.#sent.set(room, n);
    void this.#request({ event: "message", room, type: "add", data: n }, ({ data }) => {
      const line = data as Line;
      if (line.by !== this.name || line.n !== n)
        this.#note("broken", `answer ${JSON.stringify(line)} to ${n} in ${room}`);
      else this.stage.evidence.told(room, line, "acknowledged");
    });
  }

  async book(room: string): Promise<Book> {
    return (await this.#request({ event: "message", room, type: "book" })).data;
  }

  end(): void {
    this.#isOver = true;
    this.#link?.close(1000);
  }

  /** Sends what has a reply; `take` runs where it succeeds, before anything else is heard. */
  #request(
    frame: { event: string; room: string; type?: string; data?: unknown },
    take: (reply: Frame) => void = () => {},
  ): Promise<Frame> {
    const id = ++this.#ids;
    return new Promise((resolve) => {
      this.#due.set(id, (reply) => {
        if (this.#fresh.delete(id)) this.stage.evidence.answered(frame.room);
        if (reply.ok) take(reply);
        else this.#note("broken", JSON.stringify({ ...frame, reply: reply.error }));
        resolve(reply);
      });
      const text = JSON.stringify({ ...frame, id });
      this.#frames.add(id, text);
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
    if (reply.ok || AGAIN.has(reply.error.code)) return reply.ok;
    this.stage.evidence.note("expired", `${this.name}: ${JSON.stringify(reply.error)}`);
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
    for (const room of data.lost ?? []) this.#gaps.add(room);
    const rooms = data.rooms.map(({ room }: Frame) => room);
    if (this.#heard.size > 0 && !this.rooms.every((room) => rooms.includes(room)))
      this.#note("broken", `came back to ${JSON.stringify(rooms)}`);
    const { received, beyond = [] } = data;
    const { again, unknown } = this.#frames.resume(received, beyond);
    if (unknown.length > 0)
      this.#note("broken", `frames ${unknown} were answered, not ${received} and ${beyond}`);
    this.#isHere = true;
    for (const { text, id } of again) this.#send(text, id);
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
    else if (frame.event === "message") this.#hear(frame.room, frame.data);
    else if (frame.event === "error") this.#note("broken", JSON.stringify(frame));
  }

  #answer(reply: Frame): void {
    const due = this.#due.get(reply.id);
    if (!due) return this.#answerAgain(reply);
    this.#due.delete(reply.id);
    this.#answers.set(reply.id, JSON.stringify(reply.data));
    this.#answers.delete(reply.id - LATE_ANSWERS);
    this.#frames.answered(reply.id);
    due(reply);
  }

  /** A server that was killed makes again what it had sent last, and so may this answer have been: the same as before. */
  #answerAgain({ seq, ...reply }: Frame): void {
    if (this.#answers.get(reply.id) === JSON.stringify(reply.data)) this.stage.evidence.answersAgain++;
    else this.#note("frames", `the answer ${JSON.stringify(reply)}, before ${this.#answers.get(reply.id)}`);
  }

  #hear(room: string, line: Line): void {
    this.stage.evidence.told(room, line, "heard");
    const last = this.#heard.get(room);
    const what = `heard ${line.at} of ${room} after ${last}`;
    if (last !== undefined && line.at <= last) this.#note("frames", what);
    if (last !== undefined && line.at > last + 1 && !this.#gaps.has(room))
      this.#note("frames", `${what}, and of no gap`);
    this.#gaps.delete(room);
    this.#heard.set(room, line.at);
  }

  #note(kind: "broken" | "frames", text: string): void {
    this.stage.evidence.note(kind, `${this.name}: ${text}`);
  }
}
