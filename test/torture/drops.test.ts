/** Clients that are lost in every way and come back, while their script is edited, taken back and killed. */
import { expect, test } from "bun:test";
import { DropsCrowd } from "../bench/drops/crowd.ts";
import { hall } from "../bench/drops/hall.ts";
import { StrictClient } from "../bench/drops/strict_client.ts";
import { startServer, until } from "../e2e/harness.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";

/** Drops after which the next thing happens. */
const DROPS = 15;

const files = {
  "drops/hotroom.json": JSON.stringify({
    rooms: "join",
    emptyGrace: 100,
    // A busy machine makes absences long.
    session: { grace: 60_000, history: 5_000, historyBytes: 4 * 1024 * 1024 },
  }),
  "drops/rooms/hall.ts": hall(1),
};

/** Fails at any first event where a room has come to it from another edition: a new room has nowhere to go back to. */
const bad = `${hall(3).replaceAll(/\(room(, user)?(, data)?\) \{\n/g, "$&check(room);\n")}
function check(room) { if (room.state.editions.length > 1) throw new Error("no"); }
`;

onEachRuntime(
  "drops",
  (runtime) => {
    test("nothing is lost, repeated or reordered, both ways, through drops, an edit, a rollback and a killed host", async () => {
      const server = await startServer({ runtime, files, args: ["--inbound-rate", "0"] });
      const seed = Number(process.env.HOTROOM_SEED ?? Math.floor(Math.random() * 1e6));
      console.log(`drops, on ${runtime}: HOTROOM_SEED=${seed}`);
      const address = { port: server.port, application: "drops" };
      const plan = { clients: 20, rooms: 2, seed, pace: 100, stay: 1_500, away: 1_500 };
      const crowd = new DropsCrowd(plan, (name, stage) => new StrictClient(name, address, stage));
      const someDrops = async () => {
        const before = crowd.drops;
        await until("some to be lost", () => crowd.drops >= before + DROPS);
      };
      await crowd.enter();
      crowd.talk();
      await someDrops();
      server.write("drops/rooms/hall.ts", hall(2));
      await server.logged(/drops v2·\w+ Version live/);
      await someDrops();
      server.write("drops/rooms/hall.ts", bad);
      await server.logged(/v2·\w+ keeps running: The version was rolled back|Rolled back to v2·\w+/);
      await someDrops();
      for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
      await someDrops();
      await crowd.hush();
      await crowd.settle();
      await crowd.audit();
      expect(crowd.faults.notes).toEqual([]);
      expect(crowd.faults.total).toBe(0);
      for (const client of crowd.clients) client.end(1000);
      const left = async () => (await fetch(`${server.url}/api/applications/drops`)).json();
      await until("all of it to be gone", async () => {
        const { userCount, roomCount } = await left();
        return userCount === 0 && roomCount === 0;
      });
      await server.kill();
    });
  },
  ["bun", "deno"],
);
