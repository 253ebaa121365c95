import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Durability, Place, Write } from "../../src/core/ports/journal_store.ts";
import { cpuTime } from "../../src/process/process_cpu.ts";
import type { SqliteStore } from "../../src/store/sqlite_store.ts";
import { StoreFolder, writers } from "../store/store_folder.ts";
import type { Options } from "./options.ts";
import { figure, printTable } from "./table.ts";

const ROOMS = 40;
const KEPT_ROOMS = 1_000;

/** Mode, events in a commit, commits. */
const loads: readonly (readonly [Durability, number, number])[] = [
  ["relaxed", 1, 2_000],
  ["relaxed", 40, 1_000],
  ["relaxed", 200, 300],
  ["strict", 1, 300],
  ["strict", 40, 200],
];

/** Commits of the store by themselves, beside the disk's own sync time; and how long 1,000 rooms take to be read after a start. */
export async function store({ runtime }: Options): Promise<void> {
  await using folder = new StoreFolder(writers[runtime]);
  const opened = await folder.open();
  const syncs = syncTimes(join(folder.path, "probe"));
  const rows = [
    ["the disk's own sync of 4 KB", "", figure(at(syncs, 0.5)), figure(at(syncs, 0.99)), "", "", ""],
  ];
  for (const [mode, events, commits] of loads)
    rows.push(await measure(opened, folder, mode, events, commits));
  printTable(
    [
      `writer on ${runtime}`,
      "events/s",
      "ms, p50",
      "p99",
      "writer's CPU µs/event",
      "server's",
      "bytes/event",
    ],
    rows,
  );
  await opened.commit([{ kind: "forget", at: { application: "bench" } }], "relaxed");
  await opened.commit(keptRooms(), "strict");
  await opened.close();
  let start = performance.now();
  const again = await folder.open();
  const open = performance.now() - start;
  start = performance.now();
  const items = await again.items("bench");
  const read = performance.now() - start;
  start = performance.now();
  const rooms = items.flatMap(({ at }) => (at.room === undefined ? [] : [at]));
  const logs = await Promise.all(rooms.map((room) => again.records(room, "events")));
  const records = logs.reduce((sum, { length }) => sum + length, 0);
  const took = figure(performance.now() - start);
  console.log(
    `\n${KEPT_ROOMS} rooms: open ${figure(open)} ms, items ${figure(read)} ms, ${records} records ${took} ms`,
  );
}

async function measure(
  opened: SqliteStore,
  folder: StoreFolder,
  mode: Durability,
  events: number,
  commits: number,
): Promise<string[]> {
  const writer = writerOf(folder.path);
  const times: number[] = [];
  const before = { cpu: cpuTime(writer) ?? 0, bytes: written(writer), own: process.cpuUsage() };
  const start = performance.now();
  for (let commit = 0; commit < commits; commit++) {
    const writes = eventsOf(commit, events);
    const from = performance.now();
    await opened.commit(writes, mode);
    times.push(performance.now() - from);
  }
  const ms = performance.now() - start;
  const own = process.cpuUsage(before.own);
  const count = events * commits;
  times.sort((a, b) => a - b);
  return [
    `${mode}, ${events} events in a commit`,
    figure((count / ms) * 1000),
    figure(at(times, 0.5)),
    figure(at(times, 0.99)),
    figure((((cpuTime(writer) ?? 0) - before.cpu) * 1000) / count),
    figure((own.user + own.system) / count),
    figure((written(writer) - before.bytes) / count),
  ];
}

/** The changes of a commit: each event's record and how far its room is, and what a snapshot trims every 20 commits. */
function eventsOf(commit: number, events: number): Write[] {
  const writes = Array.from({ length: events }, (_, index): Write[] => {
    const room: Place = { application: "bench", room: `room${index % ROOMS}` };
    const number = commit * events + index + 1;
    const event = { kind: "message", user: "u1", type: "add", data: '{"n":1}' };
    const record = JSON.stringify({ seq: number, time: Date.now(), event, status: 0 });
    return [
      { kind: "append", at: room, log: "events", number, record },
      { kind: "put", at: room, item: "delivered", key: "", value: `{"seq":${number}}` },
    ];
  }).flat();
  if (commit % 20 === 19)
    for (let index = 0; index < ROOMS; index++)
      writes.push({
        kind: "trim",
        at: { application: "bench", room: `room${index}` },
        log: "events",
        upTo: (commit - 10) * events,
      });
  return writes;
}

/** Rooms with a snapshot of 2 KB and 20 records each. */
function keptRooms(): Write[] {
  return Array.from({ length: KEPT_ROOMS }, (_, index): Write[] => {
    const room: Place = { application: "bench", room: `room${index}` };
    const value = JSON.stringify("x".repeat(2_000));
    const records = Array.from(
      { length: 20 },
      (__, number): Write => ({
        kind: "append",
        at: room,
        log: "events",
        number,
        record: `"${"y".repeat(120)}"`,
      }),
    );
    return [{ kind: "put", at: room, item: "script", key: "", value }, ...records];
  }).flat();
}

function syncTimes(path: string): number[] {
  const file = openSync(path, "w");
  const page = new Uint8Array(4096);
  const times = Array.from({ length: 200 }, () => {
    writeSync(file, page);
    const start = performance.now();
    fsyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  return times.sort((a, b) => a - b);
}

/** Returns the process id of the writer of a folder. */
function writerOf(folder: string): number {
  const found = readdirSync("/proc").find((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const args = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      return args.includes("store-writer") && args.includes(folder);
    } catch {
      return false; // It has ended meanwhile.
    }
  });
  return Number(found);
}

/** Returns the bytes that a process has given to the system to write. */
function written(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
