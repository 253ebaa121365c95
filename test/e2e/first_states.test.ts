/** What an author is told of an edit in which no new room could be opened. */
import { beforeAll, expect, test } from "bun:test";
import type { TestClient } from "./client.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { LiveReader } from "./live_reader.ts";
import { onEachRuntime } from "./runtimes.ts";

const race = (body: string) => `
import { defineRoom } from "hotroom";
class Car {}
export default defineRoom({
  state() { ${body} },
  messages: { lap(room) { room.state.laps = (room.state.laps ?? 0) + 1; return room.state.laps; } },
});`;
const app = (body: string) => `
import { defineApplication } from "hotroom";
export default defineApplication({ state() { ${body} } });`;

onEachRuntime(
  "first states after an edit",
  (runtime) => {
    let server: TestServer;
    let live: LiveReader;
    let ann: TestClient;

    const hosts = async () => (await (await server.fetch("/api/applications")).json()).server.hosts;
    const spareIsUp = () =>
      until("the spare host", async () => {
        const all: { spare?: boolean; state: string }[] = await hosts();
        return all.some(({ spare, state }) => spare && state === "ready");
      });
    /** Resolves with the next step of that kind. */
    const step = async (kind: string) => {
      for (;;) {
        const { entries } = await live.next("feed");
        const found = entries.find((entry: { kind: string }) => entry.kind === kind);
        if (found) return found;
      }
    };

    beforeAll(async () => {
      const settings = { rooms: "join", limits: { migrate: 50, cpuHard: 200 } };
      const files = {
        "cup/app.ts": app("return {};"),
        "cup/rooms/race.ts": race("return {};"),
        "cup/hotroom.json": JSON.stringify(settings),
      };
      server = await startServer({ runtime, files, args: ["--hosts", "1"] });
      ann = await server.user("cup", "ann", "track");
      await spareIsUp();
      live = await LiveReader.open(`${server.url}/api/applications/cup/live?feed=0&rooms=0`);
    });

    test.each([
      [
        "return { laps: new Map() };",
        "TypeError: state().laps is a Map, which JSON makes {} (rooms/race.ts:5:",
      ],
      [
        "return { cars: [new Car()] };",
        "TypeError: state().cars[0] is a Car, which JSON makes another object",
      ],
      ["const a = {}; a.a = a; return a;", "TypeError: state().a is a circle, which JSON can't write"],
      ["throw new Error('no track');", "Error: no track (rooms/race.ts:5:"],
      ["for (;;);", "It took longer than its 50 ms of CPU time (limits.migrate)."],
      ["return [].indexOf.call({ length: 2 ** 53 - 1 }, 1);", "(limits.cpuHard)"],
    ])(
      "an edit in which no new room opens is told of it at once, and no room is touched: %s",
      async (body, why) => {
        const laps = await ann.ask("track", "lap");
        const [before] = await hosts();
        server.write("cup/rooms/race.ts", race(body));
        const { type, reason } = await step("no_first_state");
        expect([type, reason]).toEqual(["race", expect.stringContaining(why)]);
        const line = `New rooms of type "race" can't be opened: state() failed: ${reason}`;
        expect(server.lines("cup")).toContain(`ERROR ${line}`);
        expect(await ann.ask("track", "lap")).toBe(laps + 1);
        expect((await hosts())[0]).toMatchObject({ pid: before.pid, restarts: 0 });
      },
    );

    test("nothing is told once the state is one again; of the application's own state it is told, too", async () => {
      await spareIsUp();
      server.write("cup/rooms/race.ts", race("return { laps: 10 };"));
      await step("moved");
      const bob = await server.user("cup", "bob", "new track");
      expect(await bob.ask("new track", "lap")).toBe(11);
      server.write("cup/app.ts", app("return { cups: new Set() };"));
      expect(await step("no_first_state")).toMatchObject({
        type: null,
        reason: expect.stringMatching(
          /^TypeError: state\(\)\.cups is a Set, which JSON makes \{\} \(app\.ts:3:\d+\)$/,
        ),
      });
      await server.logged(/ERROR +cup .*The application can't start again: state\(\) failed: TypeError/);
      live.close();
    });
  },
  ["bun"],
);
