/** What clients can do to the server by coming back, and by not coming back. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { Guest } from "../bench/attacks/guest.ts";
import { inParallel } from "../bench/rooms.ts";
import type { Frame } from "../e2e/client.ts";
import { back } from "../e2e/guests.ts";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { Victim, victimFiles } from "./victim.ts";

const SESSIONS = 2000;
const CROWD = 50;
const GUESSES = 300;
/** What the server may keep of histories, and for a connection that does not read, bytes; and what it may grow by in all when that is filled many times over. */
const HISTORY = 4 * 1024 * 1024;
const OUTBOX = 1024 * 1024;
const MOST_GROWTH = 400 * 1024 * 1024;
/** Longest wait of a victim, ms, on a machine that does other things too. */
const HANG = 10_000;

const hall = `import { defineRoom } from "hotroom";
export default defineRoom({ messages: { say: (room, user, text) => room.broadcast("said", text) } });
`;
const files = {
  ...victimFiles,
  "grace/hotroom.json": `{ "rooms": "join", "emptyGrace": 100, "session": { "grace": 4000 } }`,
  "grace/rooms/hall.js": hall,
  "talk.js": hall,
};
const args = [
  "--hosts",
  "1",
  "--inbound-rate",
  "250",
  "--inbound-burst",
  "500",
  "--history",
  String(HISTORY),
  "--outbox",
  String(OUTBOX),
];

/** Resident bytes of a process. */
function memoryOf(pid: number): number {
  return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) * 1024;
}

onEachRuntime(
  "sessions under attack",
  (runtime) => {
    let server: TestServer;
    let victim: Victim;

    beforeAll(async () => {
      server = await startServer({ runtime, files, args });
      victim = await Victim.start(server);
      await victim.goesOn(20);
    });

    const enter = (application: string, count: number) =>
      inParallel(count, 32, (n) =>
        Guest.enter(server.port, application, `user ${n}`, `room ${Math.floor(n / 20)}`),
      );

    test("two thousand sessions in grace are in nobody's way, and are gone when it is over", async () => {
      victim.during = "sessions in grace";
      for (const { link } of await enter("grace", SESSIONS)) link?.lose("rst");
      expect(await victim.goesOn(40)).toEqual([]);
      const left = async () => (await fetch(`${server.url}/api/applications/grace`)).json();
      await until("all to have left", async () => {
        const { userCount, roomCount } = await left();
        return userCount === 0 && roomCount === 0;
      });
    });

    test("slow clients and flooding ones keep nothing from others, and what is kept for them is bounded", async () => {
      victim.during = "slow and flooding clients";
      const before = memoryOf(server.pid);
      const [slow, flooding] = [
        await enter("talk", CROWD),
        await inParallel(CROWD, 16, (n) => Guest.enter(server.port, "talk", `flood ${n}`, `room ${n % 3}`)),
      ];
      for (const { link } of slow) link?.pause();
      const text = "x".repeat(4000);
      for (let round = 0; round < 20; round++) {
        for (const [n, guest] of flooding.entries()) {
          for (let i = 0; i < 10; i++)
            guest.send({ event: "message", room: `room ${n % 3}`, type: "say", data: text });
        }
        expect(await victim.goesOn(5)).toEqual([]);
      }
      // Who does not read is closed when as much waits for it as may; nothing more is kept for its connection.
      const looker = await server.user("talk", "looker");
      await until("the slow ones to be closed", async () => {
        const { users } = await looker.ok({ event: "join", room: "room 0" });
        await looker.ok({ event: "leave", room: "room 0" });
        const read = users.filter(
          ({ name, connected }: Frame) => name.startsWith("user ") && connected !== false,
        );
        return read.length === 0;
      });
      expect(memoryOf(server.pid) - before).toBeLessThan(MOST_GROWTH);
      for (const guest of [...slow, ...flooding]) guest.link?.lose("rst");
    });

    test("who comes back in a loop is refused for a while, and keeps the session", async () => {
      victim.during = "clients that come back in a loop";
      const guests = await inParallel(10, 10, (n) =>
        Guest.enter(server.port, "talk", `loop ${n}`, `loop ${n}`),
      );
      const counts = await Promise.all(
        guests.map(async (guest) => {
          let allowed = 0;
          for (let n = 0; n < 60; n++) if (await guest.back(0)) allowed++;
          return allowed;
        }),
      );
      for (const allowed of counts) {
        expect(allowed).toBeGreaterThan(3);
        expect(allowed).toBeLessThan(60);
      }
      expect(await victim.goesOn()).toEqual([]);
      const [one] = guests as [Guest];
      await until("it to be let in again", () => one.back());
      for (const { link } of guests) link?.close(1000);
    });

    test("secrets can't be guessed, and who has one gets in meanwhile", async () => {
      victim.during = "guesses of secrets";
      const one = await Guest.enter(server.port, "talk", "one", "one");
      const { session } = one;
      const guesser = await server.connect("talk");
      const codes = new Set<string>();
      for (let n = 0; n < GUESSES; n++) {
        // As near as can be: all but the last character are right.
        const guess = n % 2 ? session.slice(0, -1) + (session.endsWith("A") ? "B" : "A") : `${n}${session}`;
        const { code } = await guesser.fails({ event: "reconnect", data: { session: guess, seen: 0 } });
        codes.add(code);
      }
      expect([...codes]).toEqual(["session_expired"]);
      expect((await back(server, "talk", session)).data.outcome).toBe("resumed");
      expect(await victim.goesOn()).toEqual([]);
    });

    test("the victims counted on through all of it, and nobody waited for ever", async () => {
      victim.during = "the end";
      const { sent, answered, wrongs } = await victim.stop();
      expect(wrongs).toEqual([]);
      expect(answered).toBe(sent);
      expect(victim.worst.ms).toBeLessThan(HANG);
    });

    afterAll(() => {
      if (victim) console.log(`sessions under attack, on ${runtime}\n${victim.report()}`);
    });
  },
  ["bun", "deno"],
);
