/**
 * Rooms post to one another while edits break the handler of what they post and hosts are killed: every emit of an answered
 * message is run once, in order, by a version whose handler works. `HOTROOM_EMITS=<seed>:<posts>` plays one seed for as long
 * as one likes.
 */
import { expect, test } from "bun:test";
import type { TestClient } from "../e2e/client.ts";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { breakages, posts } from "./posts.ts";
import { Random } from "./random.ts";

const seeds: readonly { seed: number; why: string }[] = [
  { seed: 19, why: "a message is first after most kills, and an emit fails behind it" },
];
/** Posts in all, a tenth of them from each room. */
const POSTS = 3000;
const ROOMS = 10;
/** Posts between two things that happen to the server. */
const BETWEEN = 40;

/** How long a play that was asked for may take, ms. */
const LONG = 3_600_000;

const [asked, many] = (process.env.HOTROOM_EMITS ?? "").split(":").map(Number);
const plays = asked ? [{ seed: asked, why: "asked for" }] : seeds;

/** A room's one member, who posts from it to the next room. */
class Poster {
  answered = 0;

  constructor(
    readonly client: TestClient,
    readonly room: string,
    private readonly to: string,
    private readonly random: Random,
  ) {}

  /** Posts until `most` are answered, some at a time. */
  async post(most: number, tell: () => void): Promise<void> {
    const { client, room, to, random } = this;
    while (this.answered < most) {
      const some = Math.min(1 + random.below(8), most - this.answered);
      const from = this.answered + 1;
      const all = Array.from({ length: some }, (_, n) => client.ask(room, "post", { to, n: from + n }));
      await Promise.all(all);
      this.answered += some;
      tell();
      if (random.next() < 0.3) await client.ask(room, "note");
      // Others' turn.
      await new Promise((resolve) => setTimeout(resolve, random.below(20)));
    }
  }
}

function killHost(server: TestServer): void {
  const [pid] = server.hostPids();
  if (pid === undefined) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It had gone by itself.
  }
}

/** Edits and kills while the rooms post; returns the number of the last version, a good one. */
async function operate(
  server: TestServer,
  random: Random,
  isOver: () => boolean,
  progress: () => Promise<unknown>,
): Promise<number> {
  let version = 1;
  while (!isOver()) {
    await progress();
    const what = random.weighted({ good: 3, emits: 4, ticks: 1, kill: 3 });
    if (what === "good") server.write("posts.ts", posts(++version));
    if (what === "emits") server.write("posts.ts", posts(++version, random.pick(Object.values(breakages))));
    if (what === "ticks") server.write("posts.ts", posts(++version, "", `throw new Error("no tick");`));
    if (what === "kill") killHost(server);
  }
  server.write("posts.ts", posts(++version));
  return version;
}

onEachRuntime(
  "emits",
  (runtime) => {
    for (const { seed, why } of plays) {
      test(
        `seed ${seed}: ${why}`,
        async () => {
          const random = new Random(seed);
          const server = await startServer({
            runtime,
            files: { "posts.ts": posts(1) },
            args: ["--hosts", "1", "--inbound-rate", "0"],
          });
          const nameOf = (n: number) => `room ${n % ROOMS}`;
          const posters = await Promise.all(
            Array.from({ length: ROOMS }, async (_, n) => {
              const client = await server.user("posts", `user ${n}`, nameOf(n));
              return new Poster(client, nameOf(n), nameOf(n + 1), new Random(random.below(2 ** 32)));
            }),
          );
          const each = Math.ceil((many || POSTS) / ROOMS);
          let done = 0;
          let over = false;
          const posting = Promise.all(posters.map((poster) => poster.post(each, () => done++))).finally(
            () => {
              over = true;
            },
          );
          const progress = () => {
            const goal = done + BETWEEN / 4;
            return until("the rooms to get on", () => over || done >= goal);
          };
          const [version] = await Promise.all([operate(server, random, () => over, progress), posting]);

          const books = () => Promise.all(posters.map(({ client, room }) => client.ask(room, "book")));
          await until("the last version to be everywhere", async () =>
            (await books()).every((book) => book.version === version),
          );
          const numbers = Array.from({ length: each }, (_, n) => n + 1);
          const got = await books();
          for (const [n, { client, room }] of posters.entries()) {
            const expected = numbers.map((number) => [nameOf(n + ROOMS - 1), number]);
            expect({ room, kept: got[n].posts }).toEqual({ room, kept: expected });
            await client.settle();
            expect({ room, told: client.messages("posted") }).toEqual({ room, told: expected });
          }
          expect(server.output()).not.toMatch(/internal error|Unhandled|panic/i);
          await server.stop();
        },
        asked ? LONG : undefined,
      );
    }
  },
  ["bun", "deno"],
);
