import { hotroom } from "./dialects.ts";
import { clientFrame } from "./frames.ts";
import type { Member } from "./member.ts";
import type { Options } from "./options.ts";
import { keep } from "./results.ts";
import { inParallel, settled } from "./rooms.ts";
import { RunningServer, serverNamed } from "./servers.ts";
import { percentile } from "./statistics.ts";
import { figure, printTable } from "./table.ts";

const ROOMS = 10_000;
const CONNECTIONS = 10_000;
const TICKING = 1_000;
const MEGABYTE = 1024 * 1024;

/** What rooms, connections and ticks cost in memory and CPU; memory is the process tree's proportional set size. */
export async function density(options: Options): Promise<void> {
  const rows: Record<string, number> = {
    ...(await withServer("hotroom", rooms)),
    ...(await withServer("hotroom", (server) => connections(server, "hotroom"))),
    ...(await withServer("bare Bun", (server) => connections(server, "bare Bun"))),
    ...(await withServer("hotroom", (server) => ticking(server, options.window))),
  };
  printTable(
    ["density", ""],
    Object.entries(rows).map(([name, value]) => [name, figure(value)]),
  );
  keep("density", rows);
}

async function withServer<T>(name: string, task: (server: RunningServer) => Promise<T>): Promise<T> {
  const kind = serverNamed(name);
  const server = await RunningServer.start(kind.name, kind.command());
  try {
    return await task(server);
  } finally {
    await server.stop();
  }
}

/** 10,000 rooms with a script each, made by ten users: a thousand one after the other, the others 16 at a time. */
async function rooms(server: RunningServer) {
  const users = await inParallel(10, 10, (i) => hotroom.login(server.port, `user${i}`));
  const before = server.memory();
  const times: number[] = [];
  for (let i = 0; i < 1_000; i++) {
    const start = performance.now();
    await hotroom.join(users[0] as Member, `room${i}`);
    times.push(performance.now() - start);
  }
  const cpu = server.cpu();
  const start = performance.now();
  const each = (ROOMS - 1_000) / users.length;
  await inParallel(users.length, users.length, async (u) => {
    for (let i = 0; i < each; i++) await hotroom.join(users[u] as Member, `room${1_000 + u * each + i}`);
  });
  const took = (performance.now() - start) / (ROOMS - 1_000);
  const cpuEach = ((server.cpu() - cpu) * 1e3) / (ROOMS - 1_000);
  for (let i = 0; i < ROOMS; i++) {
    const u = i < 1_000 ? 0 : Math.floor((i - 1_000) / each);
    (users[u] as Member).send(hotroom.say(`room${i}`, "x".repeat(64)));
  }
  await Promise.all(users.map(settled));
  await Bun.sleep(1_000);
  return {
    "memory before any room, MB": before / MEGABYTE,
    [`memory with ${ROOMS} rooms, MB`]: server.memory() / MEGABYTE,
    "joining a new room, one at a time, median ms": percentile(times, 0.5),
    "joining a new room, one at a time, p99 ms": percentile(times, 0.99),
    "joining a new room, ten users at once, ms each": took,
    "joining a new room, ten users at once, CPU ms each": cpuEach,
  };
}

/** 10,000 connections that have logged in and say nothing. */
async function connections(server: RunningServer, name: string) {
  const before = server.memory();
  const members = await inParallel(CONNECTIONS, 32, (i) => hotroom.login(server.port, `user${i}`));
  await Bun.sleep(1_000);
  const after = server.memory();
  for (const member of members) member.end();
  return {
    [`${name}: an idle connection of ${CONNECTIONS}, logged in, KB`]: (after - before) / CONNECTIONS / 1024,
  };
}

/** 1,000 rooms that tick twenty times a second; the tick counts are asked for, to be sure that they do. */
async function ticking(server: RunningServer, window: number) {
  const user = await hotroom.login(server.port, "watchmaker", "ticking");
  for (let i = 0; i < TICKING; i++) await hotroom.join(user, `room${i}`);
  await settled(user);
  await Bun.sleep(1_000);
  const before = { time: performance.now(), cpu: server.cpu(), ticks: await ticks(user) };
  await Bun.sleep(window);
  const seconds = (performance.now() - before.time) / 1_000;
  const cpu = server.cpu() - before.cpu;
  const counted = (await ticks(user)) - before.ticks;
  return {
    [`${TICKING} rooms at 20 Hz: cores used by all processes`]: cpu / seconds,
    [`${TICKING} rooms at 20 Hz: ticks a second in each`]: counted / seconds / TICKING,
  };
}

async function ticks(user: Member): Promise<number> {
  let sum = 0;
  for (let i = 0; i < TICKING; i++) {
    user.send(clientFrame(JSON.stringify({ event: "message", id: i, room: `room${i}`, type: "ticks" })));
    sum += (JSON.parse(await user.next()) as { data: number }).data;
  }
  return sum;
}
