/** A client that keeps the rules of docs/PROTOCOL.md, and notes what it was sent: its link may fail at any moment. */
import type { Link, Stage } from "./stage.ts";

// biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came.
type Frame = any;

/** Something that was not kept for a player: what was sent before `step` of these rooms may be missing. */
export interface Loss {
  readonly step: number;
  /** Whether it had said how much it had seen, and no less than that. */
  readonly isHonest: boolean;
  readonly rooms: readonly (string | null)[];
}

export class Player {
  link: Link | undefined;
  /** Whether it may send. */
  isIn = false;
  /** What it was sent, in order, each once. */
  readonly got: Frame[] = [];
  readonly losses: Loss[] = [];
  /** Closed links whose end the server has not noticed. */
  readonly zombies: Link[] = [];
  id = "";
  seen = 0;
  resumes = 0;
  /** Frames that the server may not have, in order. */
  #unsure: string[] = [];
  /** Frames of the session that it surely has. */
  #sure = 0;
  #secret = "";
  #asked = { step: 0, isHonest: true };
  readonly #numbers = new Map<number, string>();

  constructor(
    readonly name: string,
    private readonly stage: Stage,
  ) {}

  login(): void {
    this.link = this.stage.open();
    this.link.toServer.push(JSON.stringify({ event: "login", id: "login", data: { name: this.name } }));
  }

  send(frame: object): void {
    const text = JSON.stringify(frame);
    this.#unsure.push(text);
    this.link?.toServer.push(text);
  }

  /** Says what it has seen. */
  acknowledge(): void {
    this.link?.toServer.push(JSON.stringify({ event: "ping", seen: this.seen }));
  }

  /** The link fails, and the server notices that, or not. */
  drop(isNoticed: boolean): void {
    const { link } = this;
    if (!link) return;
    this.link = undefined;
    this.isIn = false;
    link.cut();
    if (isNoticed) link.ended();
    else this.zombies.push(link);
  }

  /** Comes back by a new link, whatever has become of the old one; `seen` is what it says that it has. */
  comeBack(seen = this.seen): void {
    if (this.link) this.zombies.push(this.link);
    this.link = this.stage.open();
    this.isIn = false;
    const data = { session: this.#secret, seen };
    this.link.toServer.push(JSON.stringify({ event: "reconnect", id: "back", data }));
  }

  /** The server reads one frame of it. */
  serve(step: number): void {
    const frame = this.link?.read();
    if (!frame?.startsWith('{"event":"reconnect"')) return;
    this.#asked = { step, isHonest: JSON.parse(frame).data.seen === this.seen };
  }

  /** Reads one frame. */
  read(): void {
    const { link } = this;
    if (!link) return;
    const text = link.toClient.shift();
    if (text === undefined) {
      if (link.closeCode === undefined) return;
      // The server has closed it: too slow, or too much was missed meanwhile.
      link.ended(link.closeCode);
      this.link = undefined;
      this.isIn = false;
      return;
    }
    const frame = JSON.parse(text);
    if (frame.id === "login") return this.#loggedIn(frame);
    if (frame.id === "back") return this.#back(frame);
    if (frame.seq === undefined) return;
    const before = this.#numbers.get(frame.seq);
    if (before !== undefined && before !== text) throw new Error(`${text} has the number of ${before}`);
    if (before !== undefined) return;
    if (frame.seq <= this.seen) throw new Error(`${this.name} got ${text} after ${this.seen}`);
    this.#numbers.set(frame.seq, text);
    this.seen = frame.seq;
    this.got.push(frame);
  }

  #loggedIn({ data }: Frame): void {
    this.#secret = data.session;
    this.id = data.user.id;
    this.isIn = true;
  }

  #back({ ok, data, error }: Frame): void {
    if (!ok && error.code === "rate_limited") return this.drop(true);
    if (!ok) throw new Error(`${this.name} can't come back: ${error.code}`);
    this.resumes++;
    this.#secret = data.session;
    this.isIn = true;
    const sure = data.received - this.#sure;
    if (sure < 0 || sure > this.#unsure.length)
      throw new Error(`${this.name}: ${data.received} were received`);
    this.#unsure = this.#unsure.slice(sure);
    this.#sure += sure;
    for (const frame of this.#unsure) this.link?.toServer.push(frame);
    if (data.outcome === "resumed") return;
    this.losses.push({ ...this.#asked, rooms: data.lost });
  }
}
