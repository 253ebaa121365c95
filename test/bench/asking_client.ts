import { Histogram } from "./histogram.ts";

/** Pause between two events of the victim, ms. */
const PAUSE_MS = 5;
/** What has no answer after so many ms counts as this. */
const MOST_MS = 60_000;

/** The victim asks again and again until `end`, one event after the other; throws where an answer is not the next number. */
export async function waits(victim: AskingClient, end: Promise<unknown>): Promise<Histogram> {
  const times = new Histogram();
  let goesOn = true;
  const ended = end.finally(() => (goesOn = false));
  while (goesOn) {
    const since = performance.now();
    const n = await victim.ask("count");
    times.add((performance.now() - since) * 1000);
    if (n !== ++victim.count) throw new Error(`The victim's event ${victim.count} was answered with ${n}.`);
    await Bun.sleep(PAUSE_MS);
  }
  await ended;
  return times;
}

/**
 * One victim after the other asks, every few ms until `end`, whether the last question was answered or not, so that a long wait
 * counts for all who would have come during it. Resolves once all are answered, or have waited for a minute.
 */
export async function pacedWaits(
  victims: readonly AskingClient[],
  end: Promise<unknown>,
): Promise<Histogram> {
  const times = new Histogram();
  const asked: Promise<void>[] = [];
  const timer = setInterval(() => {
    const victim = victims[asked.length % victims.length] as AskingClient;
    const since = performance.now();
    const answered = victim.ask("count").then((n) => {
      times.add((performance.now() - since) * 1000);
      if (n !== ++victim.count) throw new Error(`The victim's event ${victim.count} was answered with ${n}.`);
    });
    asked.push(answered);
  }, PAUSE_MS);
  await end;
  clearInterval(timer);
  await Promise.race([Promise.all(asked), Bun.sleep(MOST_MS)]);
  for (let missing = asked.length - times.total; missing > 0; missing--) times.add(MOST_MS * 1000);
  return times;
}

/** One user in one room. */
export class AskingClient {
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

  static async enter(port: number, application: string, room: string, name = room): Promise<AskingClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/${application}`);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("close", reject);
    });
    const client = new AskingClient(socket, room);
    await client.request({ event: "login", data: { name } });
    await client.request({ event: "join", room });
    return client;
  }

  /** Sends one message and resolves with the data of its reply. */
  async ask(type: string, data?: unknown): Promise<unknown> {
    return (await this.request({ event: "message", room: this.room, type, data })).data;
  }

  /** Sends a frame that has a reply, and resolves with that. */
  request(frame: object): Promise<{ data?: unknown }> {
    const id = ++this.#ids;
    this.socket.send(JSON.stringify({ ...frame, id }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}
