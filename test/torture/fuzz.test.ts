/**
 * Chance connects, joins, talks, kicks, drops, edits and kills; at the end the books must balance.
 * `HOTROOM_FUZZ=<seed>:<steps>` plays one seed for as long as one likes. A seed that fails is added to `seeds`, with why.
 */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { type Book, broken, ledger } from "./ledger.ts";
import { Player, type Said } from "./player.ts";
import { Random } from "./random.ts";

const seeds: readonly { seed: number; why: string }[] = [
  { seed: 1, why: "the first" },
  { seed: 20261122, why: "any" },
  { seed: 271828, why: "another" },
];
const STEPS = 120;
const rooms = ["north", "south", "east"];
const names = Array.from({ length: 8 }, (_, i) => `player ${i + 1}`);

const [asked, steps] = (process.env.HOTROOM_FUZZ ?? "").split(":").map(Number);
const plays = asked ? [{ seed: asked, why: "asked for" }] : seeds;

/** Bytes of a process, as the system counts them. */
function memoryOf(pid: number): number {
  return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) * 1024;
}

/** Edits and kills while the players play; returns the number of the last good version. */
async function operate(
  server: TestServer,
  random: Random,
  isOver: () => boolean,
  progress: () => Promise<unknown>,
): Promise<number> {
  let version = 1;
  while (!isOver()) {
    await progress();
    const what = random.weighted({ good: 4, broken: 3, kill: 2, rest: 2 });
    if (what === "good") server.write("ledger.ts", ledger(++version));
    if (what === "broken") server.write("ledger.ts", random.pick(broken)(version + 1));
    if (what === "kill") {
      const pid = server.hostPids()[0];
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    }
  }
  server.write("ledger.ts", ledger(++version));
  return version;
}

async function api(server: TestServer, path = ""): Promise<Record<string, never>> {
  return (await fetch(`${server.url}/api/applications/ledger${path}`)).json() as Promise<
    Record<string, never>
  >;
}

/** Every stretch that somebody followed a room is a piece of the one list of what was said in it. */
function check(observers: readonly Player[], books: Map<string, Book>): string[] {
  const wrongs = observers.flatMap((player) => player.wrongs);
  const truth = new Map<string, Said>();
  for (const { name, seen } of observers) {
    for (const { room, said } of seen) {
      said.forEach((one, i) => {
        const before = said[i - 1];
        if (before && one.at !== before.at + 1)
          wrongs.push(`${name} heard ${one.at} after ${before.at} in ${room}`);
        if (before && one.version < before.version)
          wrongs.push(`${room} went back to version ${one.version}`);
        const known = truth.get(`${room} ${one.at}`);
        if (known && JSON.stringify(known) !== JSON.stringify(one))
          wrongs.push(`${room} ${one.at} is not the same for all`);
        truth.set(`${room} ${one.at}`, one);
      });
    }
  }
  for (const [room, book] of books) {
    wrongs.push(...book.wrong.map((wrong) => `${room}: ${wrong}`));
    const accounts = observers
      .flatMap((player) => player.accounts)
      .filter((account) => account.room === room);
    const sum = Object.values(book.last).reduce((a, b) => a + b, 0);
    if (sum !== book.total) wrongs.push(`${room}: ${book.total} in all, but ${sum} of its users`);
    for (const { id, acknowledged, sent, cut } of accounts) {
      const heard = book.last[id] ?? 0;
      const isRight = cut ? heard >= acknowledged && heard <= sent : heard === acknowledged;
      if (!isRight)
        wrongs.push(`${room}: heard ${heard} of ${id}, who had ${acknowledged} of ${sent} acknowledged`);
    }
    if (book.joins - book.leaves !== book.members.length)
      wrongs.push(`${room}: ${book.joins} joins, ${book.leaves} leaves`);
    const said = observers[0]?.seen.find((each) => each.room === room)?.said ?? [];
    if (said.length !== book.total || said[0]?.at !== (book.total > 0 ? 1 : undefined))
      wrongs.push(`${room}: who was there all the time heard ${said.length} of ${book.total}`);
    if (book.versions.some((version, i) => version <= (book.versions[i - 1] ?? 0)))
      wrongs.push(`${room}: versions ${book.versions}`);
  }
  return wrongs;
}

onEachRuntime(
  "fuzz",
  (runtime) => {
    for (const { seed, why } of plays) {
      test(`seed ${seed}: ${why}`, async () => {
        const random = new Random(seed);
        const server = await startServer({
          runtime,
          files: { "ledger.ts": ledger(1) },
          args: ["--hosts", "1", "--inbound-rate", "0"],
        });
        // The first one is there from beginning to end and in every room.
        const anchor = new Player(server, "anchor", rooms, names, new Random(seed));
        await anchor.enter();
        for (const room of rooms) await anchor.join(room);
        const players = names.map(
          (name) => new Player(server, name, rooms, names, new Random(random.below(2 ** 32))),
        );
        let done = 0;
        let over = false;
        const playing = Promise.all(
          players.map(async (player) => {
            await player.enter();
            for (let i = 0; i < (steps || STEPS); i++) {
              await player.act();
              done += 1;
              for (const room of rooms) if (random.next() < 0.05) anchor.say(room);
              // Others' turn.
              await new Promise((resolve) => setTimeout(resolve, random.below(10)));
            }
          }),
        ).finally(() => {
          over = true;
        });
        const progress = async () => {
          const goal = done + names.length * 4;
          await until("the players to get on", () => over || done >= goal);
        };
        const [version] = await Promise.all([operate(server, random, () => over, progress), playing]);

        const all = [anchor, ...players];
        for (const player of all) await player.settled();
        await until("the last version to be everywhere", async () => {
          const found = await Promise.all(rooms.map((room) => anchor.book(room)));
          return found.every(({ versions }) => versions.at(-1) === version);
        });
        const books = new Map<string, Book>();
        for (const room of rooms) books.set(room, await anchor.book(room));
        for (const player of all) await player.settle();
        expect(check(all, books)).toEqual([]);

        for (const room of rooms) {
          const there = all
            .filter((player) => player.joined.includes(room))
            .map(({ id }) => id)
            .sort();
          const view: { users: { id: string }[]; userCount: number } = (await api(
            server,
            `/rooms/${room}`,
          )) as never;
          const book = books.get(room) as Book;
          expect({
            server: view.users.map(({ id }) => id).sort(),
            script: [...book.users].sort(),
            book: [...book.members].sort(),
          }).toEqual({ server: there, script: there, book: there });
        }
        expect(await api(server)).toMatchObject({
          connectionCount: all.length,
          userCount: all.length,
          roomCount: rooms.length,
        });
        await until("the script hosts to be few", () => server.hostPids().length <= 2);
        expect(memoryOf(server.pid)).toBeLessThan(600 * 1024 * 1024);
        expect(server.output()).not.toMatch(/internal error|Unhandled|panic/i);
        await server.stop();
      });
    }
  },
  ["bun", "deno"],
);
