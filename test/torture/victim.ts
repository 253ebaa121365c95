/** Users of innocent applications, who count: every message answered once, in order, whatever others' scripts do. */
import type { TestClient } from "../e2e/client.ts";
import { until, type TestServer } from "../e2e/harness.ts";

/** The innocent application. */
export const victimFiles = {
  "victim.ts": `import { defineRoom } from "hotroom";
export default defineRoom({
  state: () => ({ count: 0 }),
  messages: {
    count(room, user, sent) {
      const count = ++room.state.count;
      room.broadcast("counted", { count, sent });
      return count;
    },
  },
});
`,
  // Clients of this one use its sockets only: no script has anything to say to a ping.
  "sockets.ts": `import { defineRoom } from "hotroom";\nexport default defineRoom({});\n`,
};

/** Between two messages, ms. */
const PACE = 5;
/** Messages without an answer at which the sender waits. */
const WINDOW = 200;

/** The longest that somebody waited, ms, and what ran meanwhile. */
export interface Wait {
  ms: number;
  during: string;
}

/** Sends numbered requests and checks that each is answered once, in order, with its own number. */
class Counter {
  sent = 0;
  answered = 0;
  worst: Wait = { ms: 0, during: "nothing" };
  readonly waits: number[] = [];
  readonly #times: number[] = [];

  constructor(
    readonly client: TestClient,
    readonly frameOf: (n: number) => object,
    readonly what: string,
  ) {}

  send(): void {
    if (this.sent - this.answered >= WINDOW) return;
    this.sent += 1;
    this.#times[this.sent] = performance.now();
    this.client.send({ ...this.frameOf(this.sent), id: this.sent });
  }

  /** Returns what is wrong with a frame, if anything. */
  receive(frame: { id: number; ok: boolean; data?: unknown }, during: string): string | undefined {
    this.answered += 1;
    const { id, ok, data } = frame;
    if (id !== this.answered || !ok)
      return `${this.what} ${this.answered} was answered with ${JSON.stringify(frame)}`;
    if (data !== undefined && data !== id) return `${this.what} ${id} was counted as ${data}`;
    const ms = performance.now() - (this.#times[id] ?? 0);
    this.waits.push(ms);
    if (ms > this.worst.ms) this.worst = { ms, during };
    return undefined;
  }
}

export class Victim {
  /** What is going on, for the record of the worst wait. */
  during = "the start";
  readonly wrongs: string[] = [];
  readonly #messages: Counter;
  readonly #pings: Counter;
  readonly #clients: TestClient[];
  #broadcasts = 0;
  #timer: ReturnType<typeof setInterval>;

  private constructor(
    readonly sender: TestClient,
    readonly witness: TestClient,
    readonly pinger: TestClient,
  ) {
    this.#clients = [sender, witness, pinger];
    this.#messages = new Counter(
      sender,
      (n) => ({ event: "message", room: "hall", type: "count", data: n }),
      "message",
    );
    this.#pings = new Counter(pinger, () => ({ event: "ping" }), "ping");
    const hear = (client: TestClient, receive: (frame: never) => string | undefined) =>
      client.socket.addEventListener("message", ({ data }) =>
        this.#note(receive(JSON.parse(String(data)) as never)),
      );
    hear(sender, (frame: { id?: number }) =>
      frame.id === undefined ? undefined : this.#messages.receive(frame as never, this.during),
    );
    hear(pinger, (frame: { id?: number }) =>
      frame.id === undefined ? undefined : this.#pings.receive(frame as never, this.during),
    );
    hear(witness, (frame: { event?: string; type?: string; data: { count: number; sent: number } }) => {
      if (frame.event !== "message") return undefined;
      this.#broadcasts += 1;
      const { count, sent } = frame.data;
      return count === this.#broadcasts && sent === count
        ? undefined
        : `broadcast ${this.#broadcasts} was ${JSON.stringify(frame)}`;
    });
    this.#timer = setInterval(() => {
      this.#messages.send();
      this.#pings.send();
    }, PACE);
  }

  static async start(server: TestServer): Promise<Victim> {
    return new Victim(
      await server.user("victim", "victim", "hall"),
      await server.user("victim", "witness", "hall"),
      await server.user("sockets", "pinger"),
    );
  }

  #note(wrong: string | undefined): void {
    if (wrong !== undefined) this.wrongs.push(wrong);
    for (const client of this.#clients) if (!client.isOpen) this.wrongs.push("a connection is closed");
  }

  /** What went wrong so far; waits until `count` more messages have been answered. */
  async goesOn(count = 1): Promise<string[]> {
    const goal = this.#messages.answered + count;
    await until(
      `${count} more answers for the victim`,
      () => this.#messages.answered >= goal || this.wrongs.length > 0,
    );
    return this.wrongs.slice(0, 5);
  }

  /** Stops counting and waits for what is out; tells how many were sent, answered and seen by the witness. */
  async stop() {
    clearInterval(this.#timer);
    await until(
      "the last answers for the victim",
      () => this.#messages.answered >= this.#messages.sent && this.#pings.answered >= this.#pings.sent,
    );
    await this.witness.settle();
    const { sent, answered } = this.#messages;
    return { sent, answered, seen: this.#broadcasts, wrongs: this.wrongs.slice(0, 5) };
  }

  /** Of those that wait for a script's answer. */
  get worst(): Wait {
    return this.#messages.worst;
  }

  get worstOfSockets(): Wait {
    return this.#pings.worst;
  }

  /** Two lines for people. */
  report(): string {
    const line = (what: string, { worst, waits }: Counter) => {
      const sorted = waits.toSorted((a, b) => a - b);
      const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
      return `${what}: ${sorted.length} answered, wait p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${worst.ms.toFixed(0)} ms during "${worst.during}"`;
    };
    return `${line("victim by script", this.#messages)}\n${line("victim by sockets", this.#pings)}`;
  }
}
