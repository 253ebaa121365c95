/** A durable application that does to its server what it can, and the client that has it do so. */
import { TestClient } from "../e2e/client.ts";
import { until } from "../e2e/harness.ts";
import type { Random } from "./random.ts";

/** What its room does when it is told to: each fails, or costs as much as an event may. */
const attacks = {
  loop: "for (;;);",
  native: "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);",
  memory: "const all = []; for (;;) all.push(new Array(1e5).fill(all.length));",
  recursion: "(function down() { return [down()]; })();",
  grow: `room.state.junk.push("x".repeat(60000)); if (room.state.junk.length > 40) room.state.junk = [];`,
  flood: `for (let n = 0; n < 190; n++) room.broadcast("flood", "x".repeat(1000));`,
  schedules: `for (let n = 0; n < 60; n++) room.schedule("later", 1, { n }); room.schedule("storm", 1);`,
  emits: `for (let n = 0; n < 100; n++) room.emit("echo", "x".repeat(2000));`,
  cycle: "room.state.self = room.state; throw new Error('no');",
} as const;

/** Files of the application `hostile`, by path. */
export const hostileFiles: Readonly<Record<string, string>> = {
  "hostile/hotroom.json": JSON.stringify({
    rooms: "join",
    emptyGrace: 600_000,
    session: { grace: 120_000 },
    limits: { cpuHard: 200 },
  }),
  "hostile/app.js": `import { defineApplication } from "hotroom";
    export default defineApplication({ durable: true });`,
  "hostile/rooms/den.js": `import { defineRoom } from "hotroom";
    export default defineRoom({
      durable: true,
      state: () => ({ count: 0, junk: [] }),
      messages: {
        count: (room) => ++room.state.count,
        ${Object.entries(attacks)
          .map(([name, code]) => `${name}(room) { ${code} },`)
          .join("\n        ")}
      },
      timers: { later() {}, storm(room) { for (let n = 0; n < 50; n++) room.emit("echo", n); } },
      emits: { echo(room, data) { room.broadcast("echo", data); } },
    });`,
};

/** Has the application attack, and counts what it is told. */
export class HostileClient {
  /** The highest count that was acknowledged. */
  counted = 0;
  #session: string | undefined;
  #client: TestClient | undefined;
  #names = 0;

  constructor(private readonly port: number) {}

  /** Asks for everything in random order, without waiting for answers, and counts in between. */
  async attack(random: Random): Promise<void> {
    const client = await this.#back();
    const names = Object.keys(attacks).sort(() => random.next() - 0.5);
    for (const type of names) {
      client.send({ event: "message", room: "den", type });
      const counting = client.ask("den", "count");
      // The room may be closed for what it did, or busy; the server may be killed.
      counting.then(
        (count) => {
          this.counted = Math.max(this.counted, count);
        },
        () => {},
      );
    }
  }

  /** Returns what the room has counted in the end; of a room that was closed what was acknowledged. */
  async count(): Promise<number> {
    const client = await this.#back();
    return until("the den to answer, or to be gone", async () => {
      const reply = await client.ask("den", "count").catch((error: Error) => error);
      if (typeof reply === "number") return reply;
      return /not_in_room|application_unavailable/.test(String(reply))
        ? Math.max(1, this.counted)
        : undefined;
    });
  }

  end(): void {
    this.#client?.close();
  }

  /** A new connection, with the session that it had where that lives. */
  async #back(): Promise<TestClient> {
    this.#client?.drop();
    const client = await until("a connection", async () => {
      const opened = new TestClient(`ws://127.0.0.1:${this.port}/ws/hostile`, []);
      await opened.opened;
      return opened;
    });
    this.#client = client;
    client.idPrefix = `${++this.#names} `;
    if (this.#session !== undefined) {
      const data = await client.ok({ event: "reconnect", data: { session: this.#session } });
      this.#session = data.session;
      return client;
    }
    const { session } = await client.ok({ event: "login", data: { name: "mallory" } });
    this.#session = session;
    await client.ok({ event: "join", room: "den" });
    return client;
  }
}
