import type { Random } from "../../torture/random.ts";
import { inParallel } from "../rooms.ts";
import type { Evidence } from "./evidence.ts";
import { type Client, RawClient } from "./raw_client.ts";
import { SdkClient } from "./sdk_client.ts";

/** Requests that a client sends without waiting for the answer to the first. */
const WINDOW = 3;
/** Every so many clients one uses the SDK. */
const SDK_EVERY = 5;
/** How long what must come may take at the end, ms. */
const PATIENCE_MS = 30_000;

/** How a crowd behaves. */
export interface CrowdPlan {
  readonly port: number;
  readonly application: string;
  readonly clients: number;
  readonly rooms: number;
  /** Between two events of a client, ms; half of that at least, and once and a half at most. */
  readonly pace: number;
  readonly random: Random;
}

/** Clients in rooms who count, on and on, whatever becomes of the server. */
export class DurableCrowd {
  readonly clients: readonly Client[];
  readonly rooms: readonly string[];
  #isTalking = false;
  #talks: Promise<void>[] = [];

  constructor(
    private readonly plan: CrowdPlan,
    readonly evidence: Evidence,
  ) {
    this.rooms = Array.from({ length: plan.rooms }, (_, n) => `room ${n}`);
    this.clients = Array.from({ length: plan.clients }, (_, n) => this.#client(n));
  }

  /** Logs all in, each in its rooms. */
  async enter(): Promise<void> {
    await inParallel(this.clients.length, 16, (n) => (this.clients[n] as Client).enter());
  }

  /** From now on all of them count. */
  talk(): void {
    this.#isTalking = true;
    this.#talks = this.clients.map((client) => this.#play(client));
  }

  /** They stop; resolves when all is answered, or is not any more. */
  async hush(): Promise<void> {
    this.#isTalking = false;
    await Promise.all(this.#talks);
    const end = performance.now() + PATIENCE_MS;
    while (performance.now() < end && this.clients.some(({ waiting }) => waiting > 0)) await Bun.sleep(20);
    for (const { name, waiting } of this.clients)
      this.evidence.note("unanswered", `${waiting} requests of ${name}`, waiting);
  }

  /** Compares each room's book with the control. */
  async compare(): Promise<void> {
    await inParallel(this.rooms.length, 8, async (n) => {
      const room = this.rooms[n] as string;
      const client = this.clients.find(({ rooms, waiting }) => rooms.includes(room) && waiting === 0);
      const book = await Promise.race([client?.book(room), Bun.sleep(PATIENCE_MS)]);
      if (book) this.evidence.compare(room, book);
      else this.evidence.note("unequal", `${room} does not tell what is in its book`);
    });
  }

  /** Resolves with the ms until each room has answered something that came over a connection that lives; NaN after `patience` ms. */
  allAnswer(patience: number): Promise<number> {
    const waiting = new Set(this.rooms);
    const begin = performance.now();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.evidence.note("unanswered", `rooms that do not answer: ${[...waiting].join(", ")}`);
        resolve(Number.NaN);
      }, patience);
      this.evidence.answered = (room) => {
        if (!waiting.delete(room) || waiting.size > 0) return;
        clearTimeout(timer);
        resolve(performance.now() - begin);
      };
    });
  }

  leave(): void {
    for (const client of this.clients) client.end();
  }

  #client(n: number): Client {
    const { evidence, plan } = this;
    const room = (n: number) => this.rooms[n % plan.rooms] as string;
    // One in three is in two rooms: what it sends to one may be handled when what it sent to the other before is not.
    const rooms = n % 3 === 0 && plan.rooms > 1 ? [room(n), room(n + 1)] : [room(n)];
    const stage = { port: plan.port, application: plan.application, evidence };
    const Kind = Math.floor(n / plan.rooms) % SDK_EVERY === SDK_EVERY - 1 ? SdkClient : RawClient;
    return new Kind(`client ${n}`, rooms, stage);
  }

  async #play(client: Client): Promise<void> {
    const { pace, random } = this.plan;
    await Bun.sleep(random.next() * pace);
    while (this.#isTalking) {
      if (client.waiting < WINDOW) client.add(random.pick(client.rooms));
      await Bun.sleep(pace * (0.5 + random.next()));
    }
  }
}
