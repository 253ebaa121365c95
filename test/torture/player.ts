/** One user of the fuzz: does what chance says, and keeps book of what it sent, got and saw. */
import type { ClientFrame, Frame, TestClient } from "../e2e/client.ts";
import { type TestServer, until } from "../e2e/harness.ts";
import type { Book } from "./ledger.ts";
import type { Random } from "./random.ts";

/** One `said` as a room broadcast it. */
export interface Said {
  at: number;
  by: string;
  n: number;
  version: number;
}

/** What one user, by id, said in one room. */
export interface Account {
  room: string;
  id: string;
  sent: number;
  acknowledged: number;
  /** Something was under way when the connection was dropped: the room may have heard it. */
  cut: boolean;
}

const actions = {
  say: 50,
  burst: 8,
  join: 14,
  leave: 6,
  subscribe: 4,
  unsubscribe: 3,
  kick: 3,
  logout: 2,
  drop: 3,
  ping: 5,
  bad: 2,
};

export class Player {
  readonly wrongs: string[] = [];
  readonly accounts: Account[] = [];
  /** Everything seen of a room without a break, a list each time. */
  readonly seen: { room: string; said: Said[] }[] = [];
  id = "";
  client!: TestClient;
  readonly #joined = new Set<string>();
  readonly #watched = new Set<string>();
  readonly #following = new Map<string, Said[]>();
  readonly #open = new Map<string, Account>();
  /** Replies that are due, by id. */
  readonly #due = new Map<number, (reply: Frame) => void>();
  #requests = 0;

  constructor(
    readonly server: TestServer,
    readonly name: string,
    readonly rooms: readonly string[],
    readonly others: readonly string[],
    readonly random: Random,
  ) {}

  get joined(): readonly string[] {
    return [...this.#joined];
  }

  /** Connects and logs in; a name may be taken as long as the server has not noticed that its connection is gone. */
  async enter(): Promise<void> {
    this.client = await this.server.connect("ledger");
    const { client } = this;
    client.socket.addEventListener("message", ({ data }) => {
      if (client === this.client) this.#receive(JSON.parse(String(data)));
    });
    client.socket.addEventListener("close", () => {
      if (client === this.client) this.wrongs.push(`${this.name}'s connection was closed`);
    });
    await this.#login();
  }

  async #login(): Promise<void> {
    await until(`${this.name} to be logged in`, async () => {
      const reply = await this.#request({ event: "login", data: { name: this.name } });
      if (reply.ok) this.id = reply.data.user.id;
      else if (reply.error.code !== "name_taken") this.#wrong("login", reply);
      return reply.ok;
    });
  }

  async act(): Promise<void> {
    const action = this.random.weighted(actions);
    const room = this.random.pick(this.rooms);
    const [mine] = this.#joined;
    switch (action) {
      case "say":
        return this.say(mine);
      case "burst":
        for (let i = 0; i < 20; i++) this.say(mine);
        return;
      case "join":
        return this.join(room);
      case "leave":
        return this.#leave(mine ?? room);
      case "subscribe":
        return this.subscribe(room);
      case "unsubscribe":
        return this.#unsubscribe(room);
      case "kick":
        if (mine)
          await this.#expect(
            { event: "message", room: mine, type: "kick", data: this.random.pick(this.others) },
            "not_in_room",
          );
        return;
      case "logout":
        return this.#logout();
      case "drop":
        return this.#drop();
      case "ping":
        return this.#expect({ event: "ping" });
      case "bad":
        // Not waited for, as nothing of it has an id.
        return this.client.send(
          this.random.pick([
            "{",
            "[]",
            '{"event":"nothing"}',
            '{"event":"message","type":"x","data":{"__proto__":1}}',
          ]),
        );
    }
  }

  /** Sends a numbered message without waiting for its reply. */
  say(room: string | undefined): void {
    const account = room === undefined ? undefined : this.#open.get(room);
    if (!account || room === undefined) return;
    account.sent += 1;
    this.#send({ event: "message", room, type: "say", data: account.sent }, (reply) => {
      if (reply.ok) account.acknowledged += 1;
      else if (reply.error.code !== "not_in_room") this.#wrong("say", reply);
    });
  }

  async join(room: string): Promise<void> {
    // Who was kicked counts on from what was heard, once that is known.
    await this.settled();
    // It works all the same where a kick is on its way.
    const isIn = this.#joined.has(room);
    await this.#request({ event: "join", room }, (reply) => {
      if (!reply.ok)
        return isIn && reply.error.code === "already_in_room" ? undefined : this.#wrong("join", reply);
      this.#joined.add(room);
      this.#follow(room);
      const known = this.accounts.find((account) => account.room === room && account.id === this.id);
      if (known) known.sent = known.acknowledged;
      const account = known ?? { room, id: this.id, sent: 0, acknowledged: 0, cut: false };
      if (!known) this.accounts.push(account);
      this.#open.set(room, account);
    });
  }

  async #leave(room: string): Promise<void> {
    this.#open.delete(room);
    await this.#request({ event: "leave", room }, (reply) => {
      if (!reply.ok && reply.error.code !== "not_in_room") this.#wrong("leave", reply);
      this.#out(room);
    });
  }

  async subscribe(room: string): Promise<void> {
    await this.#request({ event: "subscribe", room }, (reply) => {
      if (!reply.ok) {
        if (reply.error.code !== "already_subscribed") this.#wrong("subscribe", reply);
        return;
      }
      this.#watched.add(room);
      this.#follow(room);
    });
  }

  async #unsubscribe(room: string): Promise<void> {
    await this.#request({ event: "unsubscribe", room }, (reply) => {
      if (!reply.ok && reply.error.code !== "not_subscribed") this.#wrong("unsubscribe", reply);
      this.#watched.delete(room);
      this.#unfollow(room);
    });
  }

  async #logout(): Promise<void> {
    this.#open.clear();
    await this.#request({ event: "logout" }, (reply) => {
      if (!reply.ok) this.#wrong("logout", reply);
      this.#forget();
    });
    await this.#login();
  }

  /** Closes the connection without a logout, whatever is under way, and comes back by the same name. */
  async #drop(): Promise<void> {
    const { client } = this;
    for (const account of this.#open.values()) account.cut = true;
    for (const account of this.accounts) account.cut ||= this.#due.size > 0 && account.id === this.id;
    this.#open.clear();
    this.#due.clear();
    this.#forget();
    this.client = undefined as never;
    client.close();
    await this.enter();
  }

  /** Waits until every reply that is due has come. */
  async settled(): Promise<void> {
    await until(`the ${this.#due.size} replies for ${this.name}`, () => this.#due.size === 0);
  }

  /** After this, everything that the server had queued for this user has arrived. */
  async settle(): Promise<void> {
    await this.#expect({ event: "ping" });
  }

  /** What a room has written down; the user must be in it. */
  async book(room: string): Promise<Book> {
    return (await this.#request({ event: "message", room, type: "book" })).data;
  }

  #receive(frame: Frame): void {
    if (frame.id !== undefined) {
      const answer = this.#due.get(frame.id);
      if (!answer) this.wrongs.push(`${this.name} got a reply that is not due: ${JSON.stringify(frame)}`);
      this.#due.delete(frame.id);
      answer?.(frame);
    } else if (frame.event === "message" && frame.type === "said") {
      const said = this.#following.get(frame.room);
      if (said) said.push(frame.data);
      else this.wrongs.push(`${this.name} heard of a room that it does not follow: ${JSON.stringify(frame)}`);
    } else if (frame.event === "leave" && frame.user.id === this.id) {
      this.#open.delete(frame.room);
      this.#out(frame.room);
    } else if (frame.event === "unsubscribed") {
      this.#watched.delete(frame.room);
      this.#unfollow(frame.room);
    } else if (frame.event === "room_remove") {
      this.wrongs.push(`${frame.room} was closed: ${frame.reason}`);
    } else if (frame.event === "error" && frame.error.code !== "bad_frame") {
      this.wrongs.push(`${this.name} got ${JSON.stringify(frame)}`);
    }
  }

  #out(room: string): void {
    this.#joined.delete(room);
    this.#unfollow(room);
  }

  #follow(room: string): void {
    if (this.#following.has(room)) return;
    const said: Said[] = [];
    this.#following.set(room, said);
    this.seen.push({ room, said });
  }

  #unfollow(room: string): void {
    if (!this.#joined.has(room) && !this.#watched.has(room)) this.#following.delete(room);
  }

  #forget(): void {
    this.#joined.clear();
    this.#watched.clear();
    this.#following.clear();
  }

  #send(frame: object, answer: (reply: Frame) => void): void {
    this.#requests += 1;
    this.#due.set(this.#requests, answer);
    this.client.send({ ...frame, id: this.#requests });
  }

  /** Takes the reply in where it comes, so that what follows it finds things as the reply left them. */
  #request(frame: object, take: (reply: Frame) => void = () => {}): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.name} got no reply to ${JSON.stringify(frame)}`)),
        20_000,
      );
      this.#send(frame, (reply) => {
        clearTimeout(timer);
        take(reply);
        resolve(reply);
      });
    });
  }

  async #expect(frame: ClientFrame, ...codes: string[]): Promise<void> {
    await this.#request(frame, (reply) => {
      if (!reply.ok && !codes.includes(reply.error.code)) this.#wrong(frame.event, reply);
    });
  }

  #wrong(what: string, reply: Frame): void {
    this.wrongs.push(`${this.name}'s ${what} was answered with ${JSON.stringify(reply)}`);
  }
}
