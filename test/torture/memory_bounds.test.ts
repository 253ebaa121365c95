/** Applications that take all the memory that they can get: they get what they may, their rooms go on, and nobody else notices. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Frame, TestClient } from "../e2e/client.ts";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime, type Runtime } from "../e2e/runtimes.ts";
import { Victim, victimFiles } from "./victim.ts";

const MIB = 1024 * 1024;
/** What each room keeps beside its state, bytes. */
const KEPT = 5_000_000;
/** What is left at most to new rooms where others have half of it, bytes. */
const MOST_LEFT = 25_000_000;

const greedy = `import { defineRoom } from "hotroom";
const kept: Uint8Array[] = [];
const keep = (bytes: number) => kept.push(new Uint8Array(bytes).fill(1));
export default defineRoom({
  state: () => ({ looks: 0 }),
  events: { init() { keep(${KEPT}); } },
  messages: {
    look: (room) => ++room.state.looks,
    keep(room, _, bytes: number) {
      room.state.looks = 1000;
      keep(bytes);
    },
  },
});
`;

interface Start {
  readonly memory: number;
  readonly totalMemory: number;
  readonly args?: string[];
}

function start(runtime: Runtime, { memory, totalMemory, args = [] }: Start): Promise<TestServer> {
  const limits = { memory: memory * MIB, totalMemory: totalMemory * MIB, cpuPerEvent: 1000 };
  const settings = { rooms: "join", roomsPerUser: 1000, emptyGrace: 0, limits };
  const files = {
    ...victimFiles,
    "greedy/rooms/greedy.ts": greedy,
    "greedy/hotroom.json": JSON.stringify(settings),
  };
  return startServer({ runtime, files, args: ["--spare", "false", "--inbound-rate", "0", ...args] });
}

/** Has a client join so many rooms at once, and returns the replies. */
function join(client: TestClient, first: number, count: number): Promise<Frame[]> {
  const rooms = Array.from({ length: count }, (_, n) => `room ${first + n}`);
  return Promise.all(rooms.map((room) => client.request({ event: "join", room })));
}

/** Memory of all script hosts that is in the machine's RAM, bytes. */
function resident(server: TestServer): number {
  const status = server.hostPids().map((pid) => readFileSync(`/proc/${pid}/status`, "utf8"));
  return status.reduce((sum, text) => sum + Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) * 1024, 0);
}

onEachRuntime(
  "memory that nobody has left",
  (runtime) => {
    test("[P55] 300 rooms that keep 5 MB each take no more than totalMemory; those that were made go on, and the others are refused", async () => {
      const server = await start(runtime, { memory: 32, totalMemory: 96, args: ["--hosts", "2"] });
      const victim = await Victim.start(server);
      const client = await server.user("greedy", "greedy");
      const before = resident(server);
      const made = new Set<string>();
      for (let first = 0; first < 300; first += 20) {
        for (const [n, { ok, error }] of (await join(client, first, 20)).entries()) {
          if (ok) made.add(`room ${first + n}`);
          else
            expect([error.code, error.message]).toEqual([
              "too_many_rooms",
              expect.stringContaining("memory"),
            ]);
        }
        // Beside the 96: a host that was not up yet, and sandboxes that are gone and not collected. All rooms together would have 1,500.
        expect(resident(server) - before).toBeLessThan(400 * MIB);
      }
      expect(made.size).toBeWithin(10, 100);
      const look = () =>
        Promise.all([...made].map((room) => client.request({ event: "message", room, type: "look" })));
      expect((await look()).map(({ data }) => data)).toEqual(Array(made.size).fill(1));
      for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
      expect((await look()).map(({ data }) => data)).toEqual(Array(made.size).fill(2));
      expect((await join(client, 300, 40)).filter(({ ok }) => !ok)).not.toEqual([]);
      // What has closed is given back.
      client.close();
      const next = await server.user("greedy", "next");
      await until("a room to be made again", async () => (await join(next, 400, 1))[0].ok);
      expect(await victim.goesOn(10)).toEqual([]);
      expect(server.output()).not.toMatch(/Cannot (bring|set up)/);
      await server.kill();
    });

    test("an event that needs more than the application has left fails by itself, and says so; its room keeps its state; a new room is refused", async () => {
      const server = await start(runtime, { memory: 128, totalMemory: 48, args: ["--hosts", "1"] });
      const client = await server.user("greedy", "greedy");
      expect((await join(client, 0, 4)).map(({ ok }) => ok)).toEqual(Array(4).fill(true));
      for (let n = 0; n < 2; n++) {
        expect(
          await client.fails({ event: "message", room: "room 1", type: "keep", data: 60_000_000 }),
        ).toMatchObject({
          code: "handler_failed",
        });
        for (let room = 0; room < 4; room++) expect(await client.ask(`room ${room}`, "look")).toBe(n + 1);
      }
      // A new room's init that needs more than is left is no fault of the room's: there is no memory for one more.
      await client.ask("room 0", "keep", 25_500_000);
      // How much that is depends on which rooms share a sandbox.
      let refused: Frame | undefined;
      for (let next = 4; !refused && next < 4 + MOST_LEFT / KEPT; next++)
        refused = (await join(client, next, 1)).find(({ ok }) => !ok);
      expect(refused?.error).toMatchObject({
        code: "too_many_rooms",
        message: expect.stringMatching(/^Cannot open room "room \d+": .* memory .*limits\.totalMemory/),
      });
      for (let room = 1; room < 4; room++) expect(await client.ask(`room ${room}`, "look")).toBe(3);
      await server.logged(
        /is lost: the application, or all on this script host, have taken the memory that they may \(limits\.totalMemory, --host-memory\)\.$/m,
      );
      expect(server.output()).not.toMatch(/Cannot (bring|set up)/);
      await server.kill();
    });

    test("an application that fills a script host goes to one apart; neither its rooms nor those of the others lose anything", async () => {
      const args = ["--hosts", "1", "--host-memory", String(128 * MIB)];
      const server = await start(runtime, { memory: 64, totalMemory: 92, args });
      server.write("other/rooms/other.ts", greedy);
      server.write("other/hotroom.json", JSON.stringify({ rooms: "join", limits: { cpuPerEvent: 1000 } }));
      await server.logged(/other .*Application started/);
      const victim = await Victim.start(server);
      const other = await server.user("other", "other", "only");
      expect(await other.ask("only", "look")).toBe(1);
      await other.ask("only", "keep", 25_000_000);
      const client = await server.user("greedy", "greedy");
      expect((await join(client, 0, 14)).every(({ ok }) => ok)).toBe(true);
      await server.logged(/greedy .*confined to a script host apart .* memory/);
      await until("a host apart", () => server.hostPids().length === 2);
      const looks = Array.from({ length: 14 }, (_, n) => client.ask(`room ${n}`, "look"));
      expect(await Promise.all(looks)).toEqual(Array(14).fill(1));
      expect(await other.ask("only", "look")).toBe(1001);
      expect(await victim.goesOn(10)).toEqual([]);
      expect(server.output()).not.toMatch(/Cannot (bring|set up)/);
      await server.kill();
    });

    test.if(process.platform === "linux")(
      "the system ends script hosts and the strip process before the server",
      async () => {
        const server = await start(runtime, { memory: 64, totalMemory: 96, args: ["--hosts", "1"] });
        const score = (pid: number) => Number(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8"));
        const own = score(server.pid);
        await until(
          "both",
          () => server.hostPids().length === 1 && server.hostPids("strip-types").length === 1,
        );
        expect([...server.hostPids(), ...server.hostPids("strip-types")].map(score)).toEqual([1000, 1000]);
        expect(own).toBe(score(process.pid));
        await server.kill();
      },
    );
  },
  ["bun", "deno"],
);
