import { Random } from "../../torture/random.ts";
import { inParallel } from "../rooms.ts";
import { Faults } from "./faults.ts";
import type { End } from "./link.ts";
import { StrictClient } from "./strict_client.ts";

const actions = { ask: 40, say: 20, others: 15, tell: 15, ping: 2, visit: 4 };
const ends: Readonly<Record<End, number>> = { fin: 2, rst: 2, silence: 1 };
/** How long what must come may take at the end, ms. */
const PATIENCE_MS = 20_000;
/** How long it may take until all are told who is there, ms. */
const JUDGE_MS = 10_000;

/** How a crowd behaves. */
export interface CrowdPlan {
  readonly port: number;
  readonly application: string;
  readonly clients: number;
  readonly rooms: number;
  readonly seed: number;
  /** Between two things that a client does, ms; half of that at least, and once and a half at most. */
  readonly pace: number;
  /** Between two drops of a client, ms, in the same way. */
  readonly stay: number;
  /** Longest absence, ms; most are much shorter. */
  readonly away: number;
}

/** Clients in rooms who talk, are lost, and come back; and what went wrong. */
export class DropsCrowd {
  readonly faults = new Faults();
  readonly clients: StrictClient[];
  /** Times from the begin of a connection to what was missed, ms. */
  resumed: (ms: number) => void = () => {};
  /** Drops so far, and what the clients have done. */
  drops = 0;
  acts = 0;
  readonly #random: Random;
  #isTalking = false;
  #talks: Promise<void>[] = [];

  constructor(private readonly plan: CrowdPlan) {
    const { port, application, clients, seed } = plan;
    const { faults } = this;
    this.#random = new Random(seed);
    const random = this.#random;
    const resumed = (ms: number) => this.resumed(ms);
    this.clients = Array.from(
      { length: clients },
      (_, n) => new StrictClient(`client ${n}`, { port, application, faults, random, resumed }),
    );
  }

  /** Logs all in, each in its room. */
  async enter(): Promise<void> {
    await inParallel(this.clients.length, 16, async (n) => {
      const client = this.clients[n] as StrictClient;
      await client.login();
      await client.join(this.#home(n));
    });
  }

  /** From now on they talk, and are lost now and then. */
  talk(): void {
    this.#isTalking = true;
    this.#talks = this.clients.map((client, n) => this.#play(client, n));
  }

  /** They stop; resolves when all are back and have what they wait for, with the rooms' books checked. */
  async hush(): Promise<void> {
    this.#isTalking = false;
    await Promise.all(this.#talks);
    await Promise.all(this.clients.map((client) => client.isBack()));
    const end = performance.now() + PATIENCE_MS;
    while (performance.now() < end && this.clients.some(({ waiting }) => waiting > 0)) await Bun.sleep(20);
    for (const { name, waiting } of this.clients) {
      this.faults.note("lost", `${waiting} answers for ${name}`, waiting);
    }
    for (let room = 0; room < this.plan.rooms; room++) await this.#audit(room);
  }

  /** They leave for good, some in order, some by being cut off. */
  leave(): void {
    for (const [n, client] of this.clients.entries()) client.end(n % 3 === 0 ? undefined : 1000);
  }

  async #audit(number: number): Promise<void> {
    const room = this.#home(number);
    const members = this.clients.filter((_, n) => this.#home(n) === room);
    // The second time everybody has heard what the room has said to the last frame of anybody.
    await Promise.all(members.map((client) => client.book(room)));
    const [book] = await Promise.all(members.map((client) => client.book(room)));
    if (!book) return;
    for (const wrong of book.wrong) this.faults.note("broken", `${room}: ${JSON.stringify(wrong)}`);
    for (const client of members) {
      const hearing = client.rooms.get(room);
      const mine = book.users.find(({ name }) => name === client.name);
      if (!hearing || !mine) {
        this.faults.note("lost", `${client.name} in ${room}`);
        continue;
      }
      this.faults.note("lost", `${hearing.sent - mine.last} of ${client.name}`, hearing.sent - mine.last);
      hearing.close(book.said, mine.told);
    }
    await this.#judge(room, members);
  }

  /** Waits until all know who is in a room, and that all of them are here; what is told of the last ones may be on its way. */
  async #judge(room: string, members: readonly StrictClient[]): Promise<void> {
    const names = members.map(({ name }) => name).sort();
    const all = JSON.stringify(names.map((name) => [name, true]));
    const end = performance.now() + JUDGE_MS;
    for (;;) {
      const seen = members.map(({ name, rooms }) => [
        name,
        JSON.stringify([...(rooms.get(room)?.users ?? [])].sort()),
      ]);
      const { users } = await (members[0] as StrictClient).book(room);
      const is = users.map(({ name, connected, here }) => [name, connected && here]).sort();
      const wrong = [...seen, [room, JSON.stringify(is)]].filter(([, list]) => list !== all);
      if (wrong.length === 0) return;
      if (performance.now() > end) {
        for (const [who, list] of wrong) this.faults.note("misjudged", `${who} takes for ${all}: ${list}`);
        return;
      }
      await Bun.sleep(50);
    }
  }

  async #play(client: StrictClient, n: number): Promise<void> {
    const { pace, stay } = this.plan;
    // Not all at once, and some for the first time soon.
    let dropAt = performance.now() + this.#random.next() * stay;
    await Bun.sleep(this.#random.next() * pace);
    while (this.#isTalking) {
      if (performance.now() > dropAt && !client.isAway) {
        this.drops++;
        void client.drop(this.#random.weighted(ends), this.plan.away * this.#random.next() ** 4);
        dropAt = performance.now() + this.#about(stay);
      }
      this.#act(client, n);
      await Bun.sleep(this.#about(pace));
    }
  }

  /** Who is away goes on: that is sent when it is back. */
  #act(client: StrictClient, n: number): void {
    const [home, side] = [this.#home(n), this.#side(n)];
    const room = client.rooms.has(side) && this.#random.below(2) === 0 ? side : home;
    this.acts++;
    switch (this.#random.weighted(actions)) {
      case "ask":
        return client.say(room, "say");
      case "say":
        return client.say(room, "say", {}, false);
      case "others":
        return client.say(room, "others");
      case "tell":
        return client.say(room, "tell", { to: this.#neighbour(n) });
      case "ping":
        return client.ping();
      case "visit":
        if (client.waiting > 0) return;
        void (client.rooms.has(side) ? client.leave(side) : client.join(side));
    }
  }

  #home(n: number): string {
    return `home ${n % this.plan.rooms}`;
  }

  /** A room that is made and closes again. */
  #side(n: number): string {
    return `side ${n % Math.ceil(this.plan.rooms / 2)}`;
  }

  /** The name of somebody at home in the same room. */
  #neighbour(n: number): string {
    const { clients, rooms } = this.plan;
    const first = n % rooms;
    return `client ${first + rooms * this.#random.below(Math.ceil((clients - first) / rooms))}`;
  }

  #about(ms: number): number {
    return ms * (0.5 + this.#random.next());
  }
}
