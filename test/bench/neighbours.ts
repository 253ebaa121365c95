import { join } from "node:path";
import { Histogram } from "./histogram.ts";
import type { Options } from "./options.ts";
import { keep } from "./results.ts";
import { hotroomCommand, RunningServer } from "./servers.ts";
import { figure, printTable } from "./table.ts";

const folder = join(import.meta.dir, "neighbours");
/** Pause between two events of the victim, ms. */
const PAUSE = 5;
const KILLS = 6;

/** What an event of one application waits while others do their worst on the same script host. */
export async function neighbours(options: Options): Promise<void> {
  const measured: Record<string, Histogram> = {};
  const server = await RunningServer.start("hotroom", hotroomCommand(folder, "--hosts", "1"));
  try {
    const victim = await Client.enter(server.port, "victim", "victim");
    measured["no neighbour"] = await waits(victim, Bun.sleep(options.window));
    for (const count of [1, 4]) {
      const rooms = await Promise.all(
        Array.from({ length: count }, (_, n) => Client.enter(server.port, "greedy", `room ${n}`)),
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
        const killer = await Client.enter(server.port, "killer", `room ${n >> 1}`, `killer ${n}`);
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

/** The victim asks again and again until `end`, one event after the other; throws where an answer is not the next number. */
async function waits(victim: Client, end: Promise<unknown>): Promise<Histogram> {
  const times = new Histogram();
  let goesOn = true;
  const ended = end.finally(() => (goesOn = false));
  while (goesOn) {
    const since = performance.now();
    const n = await victim.ask("count");
    times.add((performance.now() - since) * 1000);
    if (n !== ++victim.count) throw new Error(`The victim's event ${victim.count} was answered with ${n}.`);
    await Bun.sleep(PAUSE);
  }
  await ended;
  return times;
}

/** One user in one room. */
class Client {
  count = 0;
  #ids = 0;
  readonly #waiting = new Map<number, (reply: { data?: unknown }) => void>();

  private constructor(
    readonly socket: WebSocket,
    readonly room: string,
  ) {
    socket.addEventListener("message", ({ data }) => {
      const reply = JSON.parse(String(data));
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
  }

  static async enter(port: number, application: string, room: string, name = room): Promise<Client> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/${application}`);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("close", reject);
    });
    const client = new Client(socket, room);
    await client.#request({ event: "login", data: { name } });
    await client.#request({ event: "join", room });
    return client;
  }

  async ask(type: string): Promise<unknown> {
    return (await this.#request({ event: "message", room: this.room, type })).data;
  }

  #request(frame: object): Promise<{ data?: unknown }> {
    const id = ++this.#ids;
    this.socket.send(JSON.stringify({ ...frame, id }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}
