/** Rooms that grow together past what their application may take, wherever they sit: the sum is bounded, and they live on. */
import { expect, test } from "bun:test";
import type { TestClient } from "../e2e/client.ts";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime, type Runtime } from "../e2e/runtimes.ts";
import { Victim, victimFiles } from "./victim.ts";

const MIB = 1024 * 1024;
const growing = (durable: boolean) => `import { defineRoom } from "hotroom";
export default defineRoom({
  durable: ${durable},
  state: () => ({ parts: [] as string[] }),
  messages: {
    grow(room, _, units: number) {
      room.state.parts.push(String(room.state.parts.length % 10).repeat(units) + "!");
      return room.state.parts.length;
    },
    size: (room) => room.state.parts.reduce((sum, part) => sum + part.length, 0),
    clear(room) { room.state.parts = []; return "ok"; },
  },
});
`;

interface Case {
  readonly totalMemory: number;
  /** What the rooms may hold at most, in multiples of it: it is not exact, see docs/OPERATIONS.md. */
  readonly most: number;
  readonly rooms: number;
  readonly units: number;
  readonly rounds: number;
  readonly durable?: boolean;
  readonly settings?: object;
  readonly limits?: object;
}

function start(
  runtime: Runtime,
  { totalMemory, durable = false, settings, limits }: Case,
): Promise<TestServer> {
  const given = {
    rooms: "join",
    ...settings,
    limits: { totalMemory, state: 16_000_000, cpuPerEvent: 1000, ...limits },
  };
  const files = {
    ...victimFiles,
    "grow/rooms/grow.ts": growing(durable),
    "grow/hotroom.json": JSON.stringify(given),
  };
  return startServer({ runtime, files, args: ["--hosts", "1", "--spare", "false", "--inbound-rate", "0"] });
}

/** Returns what is in the state of all rooms together, bytes. */
async function sizeOf(client: TestClient, rooms: readonly string[]): Promise<number> {
  let sum = 0;
  for (const room of rooms) sum += (await client.ask(room, "size")) as number;
  return sum;
}

onEachRuntime(
  "the memory of all sandboxes of an application",
  (runtime) => {
    test.each([
      [
        "many rooms in one sandbox",
        { totalMemory: 17 * MIB, most: 1.3, rooms: 20, units: MIB / 4, rounds: 14 },
      ],
      [
        "durable rooms in sandboxes of their own",
        {
          totalMemory: 18 * MIB,
          most: 1.5,
          rooms: 8,
          units: MIB,
          rounds: 10,
          durable: true,
          settings: { roomsPerSandbox: 1 },
          limits: { memory: 17 * MIB },
        },
      ],
    ] as [string, Case][])(
      "%s hold no more than is said of totalMemory, live on, and take more once they have freed some",
      async (_, given) => {
        const server = await start(runtime, given);
        const victim = await Victim.start(server);
        const client = await server.user("grow", "greedy");
        const rooms: string[] = [];
        for (let n = 0; n < given.rooms; n++) {
          if ((await client.request({ event: "join", room: `r${n}` })).ok) rooms.push(`r${n}`);
        }
        expect(rooms.length).toBeGreaterThan(1);
        let accepted = 0;
        let failed = 0;
        for (let round = 0; round < given.rounds; round++) {
          for (const room of rooms) {
            const { ok, error } = await client.request({
              event: "message",
              room,
              type: "grow",
              data: given.units,
            });
            if (ok) accepted += given.units;
            else {
              failed++;
              expect(error.code).toBe("handler_failed");
            }
          }
        }
        const held = await sizeOf(client, rooms);
        expect(held).toBeLessThanOrEqual(given.most * given.totalMemory);
        expect(held).toBeWithin(accepted, accepted + 1000);
        expect(failed).toBeGreaterThan(0);
        await server.logged(
          /ERROR .*message "grow" failed.*bytes that all sandboxes .*\(limits\.totalMemory\)/,
        );
        for (const room of rooms) expect(await client.ask(room, "clear")).toBe("ok");
        const grow = async (room: string, units: number) =>
          (await client.request({ event: "message", room, type: "grow", data: units })).ok;
        for (const room of rooms) expect(await grow(room, 9)).toBe(true);
        // One that had none of it gets it, once an engine that holds it for nothing is let go of.
        const last = rooms.at(-1) ?? "";
        await until("a room to take what all have let go of", () => grow(last, given.units));
        expect(await client.ask(last, "size")).toBe(10 + given.units + 1);
        // What went with its script to another one is what it was.
        for (const room of rooms.slice(0, -1)) expect(await client.ask(room, "size")).toBe(10);
        expect(await victim.goesOn(10)).toEqual([]);
        expect(server.output()).not.toMatch(/\.\.$|was given up: .*was given up/m);
        expect(server.output()).not.toMatch(/Cannot (bring|set up|go on)|gave up/);
        await server.kill();
      },
      60_000,
    );
  },
  ["bun", "deno"],
);
