import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DropsCrowd } from "./drops/crowd.ts";
import { hall } from "./drops/hall.ts";
import { Histogram } from "./histogram.ts";
import type { Options } from "./options.ts";
import { processTree } from "./process_tree.ts";
import { keep } from "./results.ts";
import { hotroomCommandOn, RunningServer } from "./servers.ts";
import { figure, printTable } from "./table.ts";

const APPLICATION = "drops";
const MEMBERS = 10;
const PACE_MS = 1_000;
const STAY_MS = 20_000;
const AWAY_MS = 15_000;
/** Edits, and kills of a script host: so many, or one each so many ms where that is less often. */
const EDITS = { least: 5, every: 20_000 };
const KILLS = { least: 3, every: 33_000 };
/** How often memory is read, ms; the first fifth of the readings is the warm-up. */
const LOOK_MS = 2_000;
const WARM_UP_SHARE = 1 / 5;
/** What the server's memory may have grown by, from the first quarter after that to the last. */
const MOST_GROWTH = 0.1;
/** How long those who were cut off at the end may stay: a grace, and an empty room's. */
const GONE_MS = 60_000;

/** A run that is as long is kept. */
const KEPT_MINUTES = 10;

const settings = { rooms: "join", emptyGrace: 1_000 };

/** Clients in rooms who talk, are lost in every way, and come back, while the script is edited and its host killed. */
export async function drops(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hotroom-drops-"));
  mkdirSync(join(folder, APPLICATION, "rooms"), { recursive: true });
  writeFileSync(join(folder, APPLICATION, "hotroom.json"), JSON.stringify(settings));
  const edit = (edition: number) => writeFileSync(join(folder, APPLICATION, "rooms/hall.ts"), hall(edition));
  edit(0);
  const server = await RunningServer.start("hotroom", hotroomCommandOn(options.runtime, folder));
  const { clients, seed } = options;
  const rooms = Math.ceil(clients / MEMBERS);
  const plan = { port: server.port, application: APPLICATION, clients, rooms, seed };
  const crowd = new DropsCrowd({ ...plan, pace: PACE_MS, stay: STAY_MS, away: AWAY_MS });
  const resumed = new Histogram();
  crowd.resumed = (ms) => resumed.add(ms * 1000);
  const memory: number[] = [];
  const counts = { edits: 0, kills: 0 };
  const timers = [
    setInterval(() => edit(++counts.edits), pauseOf(EDITS, options.minutes)),
    setInterval(
      () => {
        if (killHost(server)) counts.kills++;
      },
      pauseOf(KILLS, options.minutes),
    ),
    setInterval(() => memory.push(residentBytes(server.pid)), LOOK_MS),
  ];
  try {
    await crowd.enter();
    crowd.talk();
    await Bun.sleep(options.minutes * 60_000);
    for (const timer of timers) clearInterval(timer);
    await crowd.hush();
    crowd.leave();
    const left = await whatIsLeft(server);
    report(crowd, resumed, { ...counts, ...left, ...grownBy(memory), seed, minutes: options.minutes });
  } finally {
    for (const timer of timers) clearInterval(timer);
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How long it is from one to the next, ms. */
function pauseOf({ least, every }: typeof EDITS, minutes: number): number {
  return Math.min(every, (minutes * 60_000) / (least + 1));
}

function report(crowd: DropsCrowd, resumed: Histogram, others: Record<string, number>): void {
  const { faults, clients, drops, acts } = crowd;
  const { notes, ...counted } = { ...faults, total: faults.total };
  const { p50, p99, worst } = resumed.percentiles();
  const measured = {
    clients: clients.length,
    drops,
    "came back": resumed.total,
    acts,
    ...others,
    ...counted,
    "link to resumed, median ms": p50,
    "link to resumed, p99 ms": p99,
    "link to resumed, worst ms": worst,
  };
  printTable(
    ["drops", "measured"],
    Object.entries(measured).map(([name, value]) => [name, figure(value)]),
  );
  for (const note of notes) console.log(note);
  // Of a shorter run neither memory nor the slowest say much.
  if (others.minutes && others.minutes >= KEPT_MINUTES) keep("drops", measured);
}

/** Users and rooms of the server a while after the last client has gone. */
async function whatIsLeft(server: RunningServer): Promise<{ "ghost users": number; "leaked rooms": number }> {
  const end = performance.now() + GONE_MS;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${server.port}/api/applications/${APPLICATION}`);
    const { userCount, roomCount } = (await response.json()) as { userCount: number; roomCount: number };
    if ((userCount === 0 && roomCount === 0) || performance.now() > end)
      return { "ghost users": userCount, "leaked rooms": roomCount };
    await Bun.sleep(200);
  }
}

/** Kills the script host that has the rooms: the one that has used the most CPU time. Returns false where there is none. */
function killHost({ pid }: RunningServer): boolean {
  const hosts = processTree(pid).filter((child) => isScriptHost(child));
  const busiest = hosts.toSorted((a, b) => ticksOf(b) - ticksOf(a))[0];
  if (busiest !== undefined) process.kill(busiest, "SIGKILL");
  return busiest !== undefined;
}

function isScriptHost(pid: number): boolean {
  return textOf(pid, "cmdline").includes("script-host");
}

function ticksOf(pid: number): number {
  const stat = textOf(pid, "stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Resident bytes of the server's own process. */
function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(textOf(pid, "status"))?.[1] ?? 0) * 1024;
}

/** A file of /proc; empty where the process has gone. */
function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** How much the server has grown after its warm-up. */
function grownBy(memory: readonly number[]): Record<string, number> {
  const warm = memory.slice(Math.ceil(memory.length * WARM_UP_SHARE));
  const quarter = Math.max(1, Math.floor(warm.length / 4));
  const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
  const [first, last] = [median(warm.slice(0, quarter)), median(warm.slice(-quarter))];
  const grown = last / first - 1;
  const points = Array.from(
    { length: 11 },
    (_, n) => memory[Math.floor((n * (memory.length - 1)) / 10)] ?? 0,
  );
  console.log(`resident MB: ${points.map((bytes) => Math.round(bytes / 1024 / 1024)).join(" ")}`);
  if (grown > MOST_GROWTH) console.log(`The server has grown by more than ${MOST_GROWTH * 100} %.`);
  return { "resident MB": last / 1024 / 1024, "grown by, %": grown * 100 };
}
