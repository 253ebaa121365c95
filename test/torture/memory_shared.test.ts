/** Rooms within their limits that share sandboxes: nobody loses anything for what the neighbours need. */
import { expect, test } from "bun:test";
import { startServer, type TestServer, until } from "../e2e/harness.ts";
import { onEachRuntime, type Runtime } from "../e2e/runtimes.ts";
import { FilledRooms, filledRoom, nameOf } from "./filled_rooms.ts";

const MB = 1_000_000;

/** Rooms whose state grows with each message. */
const list = `import { defineRoom } from "hotroom";
export default defineRoom({
  state: () => ({ all: [] as string[] }),
  messages: {
    add(room, _, text: string) { room.state.all.push(text); },
    count: (room) => room.state.all.length,
    clear(room) { room.state.all = []; return 0; },
  },
});
`;

function start(runtime: Runtime, units: number): Promise<TestServer> {
  const settings = { rooms: "join", limits: { memory: 64 * 1024 * 1024, cpuPerEvent: 1000, cpuHard: 2000 } };
  const files = { "big/rooms/big.ts": filledRoom(units), "big/hotroom.json": JSON.stringify(settings) };
  return startServer({ runtime, files, args: ["--hosts", "1", "--inbound-rate", "0"] });
}

/** Fills so many rooms of 1 MB, kills their host, and looks at all of them before and after. */
async function outlive(runtime: Runtime, count: number): Promise<void> {
  const server = await start(runtime, MB);
  const rooms = await FilledRooms.of(server, "big", count, MB);
  expect(await rooms.wrongs()).toEqual([]);
  process.kill(server.hostPids()[0] as number, "SIGKILL");
  expect(await rooms.wrongs()).toEqual([]);
  expect(server.output()).not.toMatch(/Cannot (bring|set up)|handler .* failed/);
  await server.kill();
}

onEachRuntime(
  "rooms that share memory",
  (runtime) => {
    const count = runtime === "bun" ? 500 : 150;
    test(
      `${count} rooms of 1 MB in sandboxes of 64 MB keep their state, also when their host is killed`,
      () => outlive(runtime, count),
      180_000,
    );

    test("an event that takes more than a sandbox has fails by itself; its room goes on with the state before", async () => {
      const server = await start(runtime, 1000);
      const rooms = await FilledRooms.of(server, "big", 10, 1000);
      for (let n = 0; n < 2; n++) {
        const bomb = { event: "message", room: nameOf(3), type: "bomb" };
        const others = rooms.wrongs();
        const { code } = await rooms.clientOf(3).fails(bomb);
        expect(code).toBe("handler_failed");
        expect(await others).toEqual([]);
        expect(await rooms.wrongs()).toEqual([]);
      }
      await server.logged(/ERROR +big\/"?room 3"? .*handler of message "bomb" failed.*out of memory/);
      await server.kill();
    });

    test("a state that outgrows its limit bit by bit is kept, and nothing that makes it larger is taken until it is smaller", async () => {
      const limits = { state: 100_000, cpuPerEvent: 1000 };
      const files = {
        "list/rooms/list.ts": list,
        "list/hotroom.json": JSON.stringify({ rooms: "join", limits }),
      };
      const server = await startServer({ runtime, files, args: ["--hosts", "1", "--inbound-rate", "0"] });
      const client = await server.user("list", "ann", "long");
      const add = () =>
        client.request({ event: "message", room: "long", type: "add", data: "x".repeat(10_000) });
      let added = 0;
      while ((await add()).ok) expect(++added).toBeLessThan(30);
      expect(added).toBeGreaterThanOrEqual(9);
      await server.logged(/ERROR .*"?long"? .*"add" .*the state is larger than 100000 bytes/);
      for (let n = 0; n < 2; n++) {
        expect((await add()).error).toMatchObject({ code: "handler_failed" });
        expect(await client.ask("long", "count")).toBe(added);
        process.kill(server.hostPids()[0] as number, "SIGKILL");
        expect(await client.ask("long", "count")).toBe(added);
      }
      expect(await client.ask("long", "clear")).toBe(0);
      await until("the room to take more", async () => (await add()).ok);
      expect(await client.ask("long", "count")).toBe(1);
      expect(server.output()).not.toMatch(/Cannot (bring|set up|go on)/);
      await server.kill();
    });
  },
  ["bun", "deno"],
);
