import { join } from "node:path";
import { AskingClient, waits } from "./asking_client.ts";
import type { Histogram } from "./histogram.ts";
import type { Options } from "./options.ts";
import { keep } from "./results.ts";
import { hotroomCommand, RunningServer } from "./servers.ts";
import { figure, printTable } from "./table.ts";

const folder = join(import.meta.dir, "neighbours");
const KILLS = 6;

/** What an event of one application waits while others do their worst on the same script host. */
export async function neighbours(options: Options): Promise<void> {
  const measured: Record<string, Histogram> = {};
  const server = await RunningServer.start("hotroom", hotroomCommand(folder, "--hosts", "1"));
  try {
    const victim = await AskingClient.enter(server.port, "victim", "victim");
    measured["no neighbour"] = await waits(victim, Bun.sleep(options.window));
    for (const count of [1, 4]) {
      const rooms = await Promise.all(
        Array.from({ length: count }, (_, n) => AskingClient.enter(server.port, "greedy", `room ${n}`)),
      );
      let goesOn = true;
      const work = rooms.map(async (room) => {
        // Always ten in the queue: the application could use the host ten times over.
        while (goesOn) await Promise.all(Array.from({ length: 10 }, () => room.ask("work")));
      });
      measured[`a neighbour that wants all of the host, ${count} rooms`] = await waits(
        victim,
        Bun.sleep(options.window),
      );
      goesOn = false;
      await Promise.all(work);
    }
    const kills = async () => {
      // Two in one room: the third would close it.
      for (let n = 0; n < KILLS; n++) {
        const killer = await AskingClient.enter(server.port, "killer", `room ${n >> 1}`, `killer ${n}`);
        await killer.ask("hang");
        await Bun.sleep(1500);
      }
    };
    measured["a neighbour whose script host has to be killed"] = await waits(victim, kills());
  } finally {
    await server.stop();
  }
  const rows = Object.entries(measured).map(([name, times]) => ({
    name,
    ...times.percentiles(),
    events: times.total,
  }));
  printTable(
    ["the victim's wait, ms", "p50", "p99", "worst", "events"],
    rows.map(({ name, p50, p99, worst, events }) => [
      name,
      figure(p50),
      figure(p99),
      figure(worst),
      String(events),
    ]),
  );
  keep("neighbours", { rows });
}
