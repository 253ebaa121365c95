/** Who takes more than a share, of a script host or of the server's own loop: it is noticed, and it costs nobody else. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Frame, TestClient } from "../e2e/client.ts";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { Victim, victimFiles } from "./victim.ts";

/** Longest wait of a victim, ms, on a machine that does other things too. */
const HANG = 10_000;
/** CPU time that the talkative application may use in a second, and at once, ms. */
const RATE = 50;
const BURST = 100;

const room = (body: string) => `import { defineRoom } from "hotroom";
export default defineRoom({ ${body} });
`;

const settings = (limits: object) => JSON.stringify({ rooms: "join", limits });

const files = {
  // Hundreds of ms at a time, and no more than its limit, so that no host is killed.
  "native/hotroom.json": settings({ cpuHard: 2000 }),
  "native/rooms/native.js": room(`
    state: () => ({ n: 0 }),
    messages: {
      count: (room) => ++room.state.n,
      slow(room) {
        room.state.n++;
        room.broadcast("lost");
        Array.prototype.indexOf.call({ length: 4e6 }, 1);
      },
    },`),
  "hanging.js": room(`
    state: () => ({ n: 0 }),
    messages: {
      count: (room) => ++room.state.n,
      hang: () => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1),
    },`),
  "shared/hotroom.json": settings({ wait: 60_000, cpuPerEvent: 1000 }),
  "shared/rooms/shared.js": room(`
    state: () => ({ n: 0 }),
    messages: {
      count: (room) => ++room.state.n,
      work() { let x = 0; for (let i = 0; i < 40_000; i++) x += i % 7; return x; },
    },`),
  "talkative/hotroom.json": settings({ cpuRate: RATE, cpuBurst: BURST }),
  "talkative/rooms/talkative.js": room(`
    state: () => ({ n: 0 }),
    messages: { start(room) { room.schedule("again", 0); return room.users.length; } },
    timers: {
      again(room) {
        for (let i = 0; i < 190; i++) room.broadcast("n", room.state.n++);
        room.schedule("again", 0);
      },
    },`),
};

onEachRuntime(
  "hostile shares",
  (runtime) => {
    let server: TestServer;
    let victim: Victim;

    beforeAll(async () => {
      const args = ["--hosts", "1", "--inbound-rate", "0"];
      server = await startServer({ runtime, files: { ...victimFiles, ...files }, args });
      victim = await Victim.start(server);
      await victim.goesOn(20);
    });

    const api = async (path: string) => (await fetch(`${server.url}/api/applications${path}`)).json();
    const hostOf = async (path: string) => (await api(path)).script.host;

    test("native code below the hard limit fails its events, and then goes on in a host apart", async () => {
      victim.during = "native code below the hard limit";
      const client = await server.user("native", "mallory", "r");
      let failed = 0;
      await until("the application to be confined", async () => {
        const { code } = await client.fails({ event: "message", room: "r", type: "slow" });
        expect(code).toBe("handler_failed");
        failed++;
        return (await api("/native")).confined;
      });
      // The events have left no trace, also where the room is now.
      expect(failed).toBeGreaterThan(0);
      expect(await client.ask("r", "count")).toBe(1);
      expect(client.messages("lost")).toEqual([]);
      const { usage } = await api("/native");
      expect(usage.failures).toEqual({ cpu: failed });
      await server.logged(/The handler of message "slow" failed: .* took longer than its 20 ms of CPU time/);
      expect(server.output().match(/is confined to a script host apart from the others/g)).toHaveLength(1);
      const { server: all } = await api("");
      const [apart, ...more] = all.hosts.filter((host: { confined?: boolean }) => host.confined);
      expect(more).toEqual([]);
      expect(await hostOf("/native/rooms/r")).toBe(apart.id);
      expect(await hostOf("/victim/rooms/hall")).not.toBe(apart.id);
      expect(await victim.goesOn(20)).toEqual([]);
      client.close();
    });

    test("code that never ends takes the host of the others down once", async () => {
      victim.during = "native code that never ends";
      const restarts = async () =>
        (await api("")).server.hosts.find(({ id }: { id: number }) => id === 1).restarts;
      const before = await restarts();
      const client = await server.user("hanging", "mallory", "r");
      await client.ok({ event: "join", room: "other" });
      for (const at of ["r", "other", "r", "other"]) {
        const { code } = await client.fails({ event: "message", room: at, type: "hang" });
        expect(code).toBe("handler_failed");
      }
      expect((await restarts()) - before).toBeLessThanOrEqual(1);
      expect(await client.ask("r", "count")).toBe(1);
      expect(await victim.goesOn(20)).toEqual([]);
      client.close();
    });

    test("rooms that are never idle let the others of their application have their turns", async () => {
      victim.during = "rooms that are never idle";
      const busy = await Promise.all(
        Array.from({ length: 10 }, (_, n) => server.user("shared", `busy ${n}`, `busy ${n}`)),
      );
      const other = await server.user("shared", "other", "other");
      for (const [n, client] of busy.entries()) {
        for (let id = 0; id < 80; id++)
          client.send({ event: "message", room: `busy ${n}`, type: "work", id });
      }
      const answered = () => busy.reduce((sum, client) => sum + answers(client).length, 0);
      await until("the first answer", () => answered() > 0);
      for (let n = 1; n <= 10; n++) expect(await other.ask("other", "count")).toBe(n);
      // In one line it would have come last.
      expect(answered()).toBeLessThan(500);
      await until("the others' answers", () => answered() === 800);
      for (const client of busy) {
        expect(answers(client).map(({ id }) => id)).toEqual(Array.from({ length: 80 }, (_, id) => id));
        client.close();
      }
      expect(await victim.goesOn(20)).toEqual([]);
      other.close();
    });

    test("[F7] what is delivered counts, also for the CPU rate, and comes in order", async () => {
      victim.during = "chains of timers with broadcasts";
      const clients = await Promise.all(
        Array.from({ length: 50 }, (_, n) => server.user("talkative", `user ${n}`, "r")),
      );
      const [first] = clients as [TestClient];
      const used = async () => {
        const { usage } = await api("/talkative");
        expect(usage.delivery).toBeGreaterThan(0);
        return usage.cpu + usage.delivery;
      };
      const [start, before] = [Date.now(), await used()];
      expect(await first.ask("r", "start")).toBe(50);
      await until("some rounds", () => first.messages("n").length > 600);
      expect(await victim.goesOn(20)).toEqual([]);
      const after = await used();
      // It may be one event beyond what it has, and an event takes long on a busy machine.
      expect(after - before).toBeLessThan(BURST + (RATE * (Date.now() - start)) / 1000 + 300);
      const numbers = first.messages("n");
      expect(numbers).toEqual(numbers.map((_, n) => n));
      const metrics = await (await fetch(`${server.url}/api/metrics`)).text();
      expect(metrics).toMatch(/^hotroom_delivery_seconds_total\{application="talkative"\} \d+\.\d+$/m);
      for (const client of clients) client.close();
    });

    test("the victims counted on through all of it, and nobody waited for ever", async () => {
      victim.during = "the end";
      const { sent, answered, seen, wrongs } = await victim.stop();
      expect(wrongs).toEqual([]);
      expect({ answered, seen }).toEqual({ answered: sent, seen: sent });
      expect(victim.worst.ms).toBeLessThan(HANG);
      expect(victim.worstOfSockets.ms).toBeLessThan(HANG);
    });

    afterAll(() => {
      if (victim) console.log(`hostile shares, on ${runtime}\n${victim.report()}`);
    });
  },
  ["bun", "deno"],
);

/** The answers to numbered requests, in the order in which they came. */
function answers(client: TestClient): Frame[] {
  return client.frames(({ id, ok }) => typeof id === "number" && ok === true);
}
