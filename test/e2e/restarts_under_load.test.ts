/** Users who talk all the time while the server is killed, with the SDK and nothing else: each thing is done once, and answered once. */
import { expect, test } from "bun:test";
import { type Client, connect, type Room } from "../../src/client/client.ts";
import { until } from "./harness.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

const room = `
import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ said: [] as string[], noted: [] as string[] }),
  messages: {
    say(room, user, text: string) {
      room.state.said.push(text);
      room.broadcast("said", text);
      return text;
    },
    note: (room, user, text: string) => void room.state.noted.push(text),
    all: (room) => room.state,
  },
});`;
const files = {
  "game/rooms/hall.ts": room,
  "game/rooms/den.ts": room,
  "game/hotroom.json": JSON.stringify({
    rooms: "join",
    session: { grace: 60_000, history: 10_000, historyBytes: 10_000_000 },
  }),
};

const KILLS = 2;
const reconnect = { minDelay: 20, maxDelay: 200, spread: 200 };

/** One user who talks in both rooms. */
class Talker {
  readonly answered: string[] = [];
  readonly heard: string[] = [];
  readonly sent: string[] = [];
  readonly noted: string[] = [];
  readonly failures: unknown[] = [];
  readonly resets: unknown[] = [];
  #rooms: Room[] = [];

  constructor(
    readonly name: string,
    readonly client: Client,
  ) {
    client.on("reset", (reset) => this.resets.push(reset));
    client.on("expired", ({ error }) => this.failures.push(error));
    client.on("error", (error) => this.failures.push(error));
  }

  async enter(): Promise<void> {
    await this.client.login({ name: this.name });
    for (const name of ["hall", "den"]) {
      const room = await this.client.join(name, { type: name });
      room.messages.on("said", (text) => this.heard.push(text as string));
      room.on("end", (end) => this.failures.push(end));
      this.#rooms.push(room);
    }
  }

  /** Says the next thing in one of the rooms, and sends one that asks for no answer. */
  talk(): void {
    const n = this.sent.length;
    const room = this.#rooms[n % 2] as Room;
    const text = `${this.name} ${n}`;
    this.sent.push(text);
    room.request("say", text, { timeout: 0 }).then(
      (answer) => this.answered.push(answer as string),
      (error) => this.failures.push(error),
    );
    if (n % 5 !== 0) return;
    this.noted.push(text);
    this.#rooms[1 - (n % 2)]?.send("note", text);
  }

  async all(): Promise<{ said: string[]; noted: string[] }> {
    const states = await Promise.all(this.#rooms.map((room) => room.request("all")));
    const [hall, den] = states as { said: string[]; noted: string[] }[];
    return {
      said: [...(hall?.said ?? []), ...(den?.said ?? [])],
      noted: [...(hall?.noted ?? []), ...(den?.noted ?? [])],
    };
  }
}

function mine(texts: readonly string[], { name }: Talker): string[] {
  return texts.filter((text) => text.startsWith(`${name} `));
}

function sorted(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

onEachRuntime("a server that is killed while users talk", (runtime) => {
  test("[P149] each thing is done once and answered once, and who hears less than all is told so", async () => {
    const game = await new Restartable(runtime, files, ["--inbound-rate", "0"]).start();
    const talkers: Talker[] = [];
    for (const name of ["ann", "bob", "cat"]) {
      const client = await connect(`${game.url}/ws/game`, { reconnect, queue: 10_000 });
      talkers.push(new Talker(name, client));
    }
    for (const talker of talkers) await talker.enter();
    const talking = setInterval(() => {
      for (const talker of talkers) talker.talk();
    }, 40);
    const answered = () => Math.min(...talkers.map((talker) => talker.answered.length));
    for (let kill = 0; kill < KILLS; kill++) {
      const before = answered();
      await until("answers of everybody", () => answered() > before + 10);
      await game.restart();
    }
    clearInterval(talking);
    await until("an answer to all", () =>
      talkers.every(({ answered, sent }) => answered.length >= sent.length),
    );
    for (const talker of talkers) {
      const { said, noted } = await talker.all();
      for (const each of talkers) {
        expect(sorted(mine(said, each))).toEqual(each.sent);
        expect(sorted(mine(noted, each))).toEqual(each.noted);
      }
      expect(sorted(talker.answered)).toEqual(talker.sent);
      expect(talker.failures).toEqual([]);
      expect(new Set(talker.heard).size).toBe(talker.heard.length);
      const all = talkers.reduce((sum, { sent }) => sum + sent.length, 0);
      if (talker.resets.length === 0) expect(talker.heard.length).toBe(all);
    }
    for (const { client } of talkers) await client.close();
  });
});
