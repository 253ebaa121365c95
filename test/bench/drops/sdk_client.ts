import type { Client } from "../../../src/client/client.ts";
import type { connect as Connect } from "../../../src/client/client.ts";
import type { Room } from "../../../src/client/room/room.ts";
import type { Book } from "./hall.ts";
import { Hearing } from "./hearing.ts";
import type { End, Stage, Talker } from "./talker.ts";

/** What a page gives the clients in it. */
export interface SdkClientDeps {
  readonly connect: typeof Connect;
  /** Returns the address of the application for a client, by way of a proxy that loses its links. */
  url(name: string): string;
  /** Loses the link of a client, and lets it have no other for so long; ms. */
  lose(name: string, end: End, ms: number): void;
}

/** A client by the SDK: it comes back by itself, and this checks what it hears. */
export class SdkClient implements Talker {
  readonly rooms = new Map<string, Hearing>();
  waiting = 0;
  readonly #joined = new Map<string, Room>();
  #client: Client | undefined;
  #asked = 0;
  #isVisiting = false;
  #isOver = false;
  /** When the newest connection was open, and what is still to come of what was missed. */
  #since = 0;
  #missed = 0;

  constructor(
    readonly name: string,
    private readonly deps: SdkClientDeps,
    private readonly stage: Stage,
  ) {}

  get isAway(): boolean {
    return this.#client?.state !== "online";
  }

  async login(): Promise<void> {
    const begins = () => {
      this.#since = performance.now();
    };
    // Browsers keep those waiting that try again and again, all of a page together: no client is to blame for that.
    class TimedSocket extends WebSocket {
      constructor(...args: [string, string[]]) {
        super(...args);
        this.addEventListener("open", begins);
      }
    }
    const client = await this.deps.connect(this.deps.url(this.name), {
      WebSocket: TimedSocket,
      timeout: 0,
      relogin: false,
    });
    this.#client = client;
    client.on("reset", ({ lost }) => this.#note("resets", JSON.stringify(lost)));
    client.on("expired", ({ error }) => this.#note("expired", String(error)));
    client.on("error", (error) => this.#note("failed", String(error)));
    client.on("close", ({ code }) => !this.#isOver && this.#note("broken", `closed with ${code}`));
    client.on("back", ({ missed }) => {
      this.#missed = missed;
      if (missed === 0) this.#resumed();
    });
    client.on("frame", (direction, frame) => {
      const text = String(frame);
      if (this.#missed === 0 || direction === "out" || !text.includes('"seq":')) return;
      if (--this.#missed === 0) this.#resumed();
    });
    await client.login({ name: this.name });
  }

  say(name: string, type: string, data: object = {}, asks = true): void {
    const hearing = this.rooms.get(name);
    const room = this.#joined.get(name);
    if (!hearing || !room || hearing.isLeaving) return;
    const numbered = { ...data, seq: ++hearing.sent, isHeld: this.#isVisiting };
    if (!asks) return room.send(type, numbered);
    const number = ++this.#asked;
    void this.#await(room.request(type, numbered), `"${type}" in ${name}`, (reply) => {
      if ((reply as { seq: number }).seq !== numbered.seq)
        this.#note("broken", `${numbered.seq} is answered by ${JSON.stringify(reply)}`);
      hearing.answered(number);
    });
  }

  async join(name: string): Promise<void> {
    const client = this.#client as Client;
    this.#isVisiting = true;
    await this.#await(client.join(name), `join ${name}`, (room) => {
      const hearing = new Hearing(this.name, name, this.stage.faults);
      this.rooms.set(name, hearing);
      this.#joined.set(name, room);
      room.messages.on("begins", (data) => hearing.begins((data as { said: number }).said));
      room.messages.on("said", (data) => hearing.said((data as { n: number }).n));
      room.messages.on("told", (data) => hearing.told((data as { n: number }).n));
      room.on("end", ({ cause }) => {
        // The last to leave may hear of the room's end before the answer.
        const isExpected = cause === "left" || hearing.isLeaving || this.#isOver;
        if (!isExpected) this.#note("broken", `${name}: ${cause}`);
      });
    });
    this.#isVisiting = false;
  }

  async leave(name: string): Promise<void> {
    const hearing = this.rooms.get(name);
    if (!hearing) return;
    hearing.isLeaving = true;
    this.#isVisiting = true;
    await this.#await((this.#client as Client).leave(name), `leave ${name}`, () => {
      this.rooms.delete(name);
      this.#joined.delete(name);
    });
    this.#isVisiting = false;
  }

  ping(): void {
    // One that its connection takes with it is no loss.
    this.#client?.ping().catch(() => {});
  }

  async book(name: string): Promise<Book> {
    return (await this.#joined.get(name)?.request("book")) as Book;
  }

  *users(name: string): Iterable<readonly [string, boolean]> {
    for (const { name: who, connected } of this.#joined.get(name)?.users ?? []) yield [who, connected];
  }

  drop(end: End, ms: number): void {
    this.deps.lose(this.name, end, ms);
  }

  end(code: 1000 | undefined): void {
    this.#isOver = true;
    if (code === undefined) this.deps.lose(this.name, "rst", Number.MAX_SAFE_INTEGER);
    else void this.#client?.close();
  }

  #resumed(): void {
    this.stage.resumed(performance.now() - this.#since);
  }

  async #await<R>(asked: Promise<R>, what: string, take: (reply: R) => void): Promise<void> {
    this.waiting++;
    await asked.then(take, (error) => !this.#isOver && this.#note("failed", `${what}: ${error}`));
    this.waiting--;
  }

  #note(kind: Parameters<Stage["faults"]["note"]>[0], text: string): void {
    this.stage.faults.note(kind, `${this.name}: ${text}`);
  }
}
