import { Random } from "../../torture/random.ts";
import { Faults } from "./faults.ts";
import type { End, Stage, Talker } from "./talker.ts";

const actions = { ask: 40, say: 20, others: 15, tell: 15, ping: 2, visit: 4 };
const ends: Readonly<Record<End, number>> = { fin: 2, rst: 2, silence: 1 };
/** How long what must come may take at the end, ms: the SDK finds a silent link after 20 s, an absence and a wait follow. */
const PATIENCE_MS = 100_000;
/** How long it may take until all are told who is there, ms. */
const JUDGE_MS = 10_000;
/** How many come in at a time. */
const WIDTH = 16;

/** How a crowd behaves. */
export interface CrowdPlan {
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

/** Clients in rooms who talk, are lost, and come back; and what went wrong. It may be a part of the plan's, from one number to the next. */
export class DropsCrowd<T extends Talker = Talker> {
  readonly faults = new Faults();
  readonly clients: T[];
  /** Times from the begin of a connection to what was missed, ms. */
  resumed: (ms: number) => void = () => {};
  /** Drops so far, and what the clients have done. */
  drops = 0;
  acts = 0;
  readonly #random: Random;
  #isTalking = false;
  #talks: Promise<void>[] = [];

  /** `make` makes the client with a number, from `first` up to, but not, `end`. */
  constructor(
    private readonly plan: CrowdPlan,
    make: (name: string, stage: Stage) => T,
    private readonly first = 0,
    end = plan.clients,
  ) {
    this.#random = new Random(plan.seed + first);
    const stage: Stage = {
      faults: this.faults,
      random: this.#random,
      resumed: (ms) => this.resumed(ms),
    };
    this.clients = Array.from({ length: end - first }, (_, at) => make(nameOf(first + at), stage));
  }

  /** Logs all in, each in its room. */
  async enter(): Promise<void> {
    let next = 0;
    const enterOneByOne = async () => {
      while (next < this.clients.length) {
        const at = next++;
        const client = this.clients[at] as T;
        await client.login();
        await client.join(this.#home(this.first + at));
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, enterOneByOne));
  }

  /** From now on they talk, and are lost now and then. */
  talk(): void {
    this.#isTalking = true;
    this.#talks = this.clients.map((client, at) => this.#play(client, this.first + at));
  }

  /** They stop; resolves when all are back and have what they wait for, or after a while. */
  async hush(): Promise<void> {
    this.#isTalking = false;
    await Promise.all(this.#talks);
    const end = performance.now() + PATIENCE_MS;
    const isBusy = ({ isAway, waiting }: T) => isAway || waiting > 0;
    while (performance.now() < end && this.clients.some(isBusy)) await sleep(20);
    for (const { name, waiting, isAway } of this.clients) {
      this.faults.note("lost", `${waiting} answers for ${name}`, waiting);
      if (isAway) this.faults.note("lost", `${name}, who does not come back`);
    }
  }

  /** Each asks its room for the book: the second time everybody has heard what the room has said to the last frame of anybody. */
  async settle(): Promise<void> {
    await Promise.all(this.#present.map(([client, n]) => client.book(this.#home(n))));
  }

  /** Compares what was heard with the rooms' books; the whole crowd has settled. */
  async audit(): Promise<void> {
    for (let room = 0; room < this.plan.rooms; room++) await this.#audit(this.#home(room));
  }

  /** They leave for good, some in order, some by being cut off. */
  leave(): void {
    for (const [n, client] of this.clients.entries()) client.end(n % 3 === 0 ? undefined : 1000);
  }

  /** Those that have come back, with their numbers. */
  get #present(): (readonly [client: T, n: number])[] {
    const all = this.clients.map((client, at) => [client, this.first + at] as const);
    return all.filter(([client]) => !client.isAway);
  }

  async #audit(room: string): Promise<void> {
    const members = this.#present.filter(([, n]) => this.#home(n) === room).map(([client]) => client);
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
  async #judge(room: string, members: readonly T[]): Promise<void> {
    const numbers = Array.from({ length: this.plan.clients }, (_, n) => n);
    const names = numbers.filter((n) => this.#home(n) === room).map(nameOf);
    const all = JSON.stringify(names.sort().map((name) => [name, true]));
    const end = performance.now() + JUDGE_MS;
    for (;;) {
      const seen = members.map((client) => [client.name, JSON.stringify([...client.users(room)].sort())]);
      const { users } = await (members[0] as T).book(room);
      const is = users.map(({ name, connected, here }) => [name, connected && here]).sort();
      const wrong = [...seen, [room, JSON.stringify(is)]].filter(([, list]) => list !== all);
      if (wrong.length === 0) return;
      if (performance.now() > end) {
        for (const [who, list] of wrong) this.faults.note("misjudged", `${who} takes for ${all}: ${list}`);
        return;
      }
      await sleep(50);
    }
  }

  async #play(client: T, n: number): Promise<void> {
    const { pace, stay } = this.plan;
    // Not all at once, and some for the first time soon.
    let dropAt = performance.now() + this.#random.next() * stay;
    await sleep(this.#random.next() * pace);
    while (this.#isTalking) {
      if (performance.now() > dropAt && !client.isAway) {
        this.drops++;
        client.drop(this.#random.weighted(ends), this.plan.away * this.#random.next() ** 4);
        dropAt = performance.now() + this.#about(stay);
      }
      this.#act(client, n);
      await sleep(this.#about(pace));
    }
  }

  /** Who is away goes on: that is sent when it is back. */
  #act(client: T, n: number): void {
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
    return nameOf(first + rooms * this.#random.below(Math.ceil((clients - first) / rooms)));
  }

  #about(ms: number): number {
    return ms * (0.5 + this.#random.next());
  }
}

function nameOf(n: number): string {
  return `client ${n}`;
}

/** Also in a browser. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
