import { heapStats } from "bun:jsc";
import type { SettingsInput } from "../../src/core/application/settings.ts";
import type { SocketHandler } from "../../src/core/ports/socket.ts";
import { echoCore, versionWith } from "./echo_server.ts";
import type { Options } from "./options.ts";
import { keep } from "./results.ts";
import { spread } from "./statistics.ts";
import { figure, printTable } from "./table.ts";

const USERS = 5_000;
const MEMBERS = 10;
/** Rooms in which frames are kept, and how many in each: the default bound. */
const ROOMS = 100;
const FRAMES = 500;
const MESSAGES = 20_000;
const MISSED = 100;

const text = JSON.stringify("x".repeat(100));

/** What sessions cost in the server's core alone: heap bytes and CPU µs, with an echo for scripts and sockets that go nowhere. */
export async function sessions(options: Options): Promise<void> {
  const rows: Record<string, number> = { ...(await memory()), ...(await keptFrame()) };
  const rounds = Array.from({ length: options.rounds }, () => options);
  const costs = { "with no sessions (grace 0)": [] as number[], "with sessions": [] as number[] };
  const away: number[] = [];
  for (const _ of rounds) {
    costs["with no sessions (grace 0)"].push(await broadcasts({ session: { grace: 0 } }, false));
    costs["with sessions"].push(await broadcasts({}, false));
    away.push(await broadcasts({}, true));
  }
  for (const [name, times] of Object.entries({ ...costs, "with sessions, a member away": away })) {
    rows[`a broadcast to ten ${name}, CPU µs`] = spread(times).median;
  }
  rows["a drop and a resume, nothing missed, CPU µs"] = await resumes(0);
  rows[`the same, ${MISSED} frames missed, CPU µs`] = await resumes(MISSED);
  printTable(
    ["sessions", "measured"],
    Object.entries(rows).map(([name, value]) => [name, figure(value)]),
  );
  keep("sessions", rows);
}

/** One client: what it is sent is counted, and the last session's secret kept. */
class Client {
  secret = "";
  isIn = false;
  handler: SocketHandler;
  readonly #socket = {
    buffered: 0,
    send: (frame: string) => {
      if (frame.startsWith('{"id":0')) this.secret = /"session":"([^"]+)"/.exec(frame)?.[1] ?? "";
      this.isIn ||= frame.startsWith('{"id":1,"ok":true');
    },
    close() {},
    terminate() {},
    divert: (handler: SocketHandler) => handler,
  };

  constructor(private readonly accept: () => SocketHandler) {
    this.handler = accept();
    this.handler.open(this.#socket);
  }

  send(frame: object): void {
    this.handler.message(this.#socket, JSON.stringify(frame));
  }

  drop(): void {
    this.handler.close(this.#socket, 1006, "");
  }

  back(seen: number): void {
    this.handler = this.accept();
    this.handler.open(this.#socket);
    this.send({ event: "reconnect", id: 0, data: { session: this.secret, seen } });
  }
}

/** A core with clients in rooms of ten, or of as many as are given. */
async function gather(count: number, settings: SettingsInput = {}, members = MEMBERS) {
  // A platform needs the text in one piece: what a concatenation puts off is paid for here.
  const group = { add() {}, delete() {}, send: (frame: string) => void Buffer.byteLength(frame) };
  const core = echoCore(() => group, setImmediate, versionWith(settings));
  const clients = Array.from({ length: count }, () => new Client(core.accept));
  for (const [n, client] of clients.entries()) {
    client.send({ event: "login", id: 0, data: { name: `user ${n}` } });
    client.send({ event: "join", id: 1, room: `room ${Math.floor(n / members)}` });
    if (n % 100 === 99) await idle();
  }
  await idle();
  if (!clients.every(({ isIn }) => isIn)) throw new Error("Cannot put the clients into their rooms.");
  return { ...core, clients };
}

/** Lets all that is promised, or left for a later turn of the loop, happen. */
async function idle(): Promise<void> {
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setTimeout(resolve, 0));
}

function heap(): number {
  Bun.gc(true);
  return heapStats().heapSize;
}

async function memory(): Promise<Record<string, number>> {
  await gather(MEMBERS);
  const before = heap();
  const { clients, histories } = await gather(USERS);
  const here = heap();
  for (const client of clients) client.drop();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const secrets = clients.splice(0).map(({ secret }) => secret);
  const kept = histories.bytes;
  const away = heap();
  return {
    "a user here, in a room of ten, heap bytes": (here - before) / secrets.length,
    "a user in grace, in a room of ten, heap bytes": (away - before) / secrets.length,
    "… of these frames that are kept": kept / secrets.length,
  };
}

async function keptFrame(): Promise<Record<string, number>> {
  const { clients, histories } = await gather(2 * ROOMS, {}, 2);
  const before = heap();
  for (let round = 0; round < FRAMES; round++) {
    for (let n = 0; n < clients.length; n += 2) {
      clients[n]?.send({ event: "message", room: `room ${n / 2}`, type: "say", data: text });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await idle();
  const frames = ROOMS * FRAMES;
  return {
    "a kept frame of 177 characters, heap bytes": (heap() - before) / frames,
    "… as it is counted": histories.bytes / frames,
  };
}

/** CPU µs of a message that is broadcast to ten, who say every 50 frames what they have seen. */
async function broadcasts(settings: SettingsInput, isOneAway: boolean): Promise<number> {
  const { clients } = await gather(MEMBERS, settings);
  if (isOneAway) clients.pop()?.drop();
  const run = async (count: number) => {
    for (let n = 0; n < count; n += 50) {
      for (let i = 0; i < 50; i++)
        clients[i % clients.length]?.send({ event: "message", room: "room 0", type: "say", data: text });
      for (const client of clients) client.send({ event: "ping", seen: n });
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await run(MESSAGES / 4);
  const before = process.cpuUsage();
  await run(MESSAGES);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / MESSAGES;
}

/** CPU µs of one client's drop and resume, among many. */
async function resumes(missed: number): Promise<number> {
  const { clients } = await gather(USERS / 5);
  const some = clients.filter((_, n) => n % MEMBERS > 0);
  const talkers = clients.filter((_, n) => n % MEMBERS === 0);
  const spent: number[] = [];
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage();
    for (const client of some) client.drop();
    await idle();
    const dropped = process.cpuUsage(before);
    for (let n = 0; n < missed; n++) {
      for (const [room, talker] of talkers.entries())
        talker.send({ event: "message", room: `room ${room}`, type: "say", data: text });
      if (n % 10 === 9) await idle();
    }
    const back = process.cpuUsage();
    for (const client of some) client.back(0);
    await idle();
    const returned = process.cpuUsage(back);
    spent.push((dropped.user + dropped.system + returned.user + returned.system) / some.length);
  }
  return spread(spent).median;
}
