import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hotroom, TEXT } from "./dialects.ts";
import { durableKill } from "./durable/kill.ts";
import { type DurableKind, durableKinds } from "./durable/kinds.ts";
import { syncTime } from "./durable/sync_time.ts";
import { trimmed } from "./durable/trimmed.ts";
import { writtenInto } from "./durable/written.ts";
import { caveats, runLoad } from "./load.ts";
import type { Options } from "./options.ts";
import type { Outcome, Percentiles } from "./plan.ts";
import { keep } from "./results.ts";
import { RunningServer } from "./servers.ts";
import { spread } from "./statistics.ts";
import { figure, printTable, withSpread } from "./table.ts";

const shapes = [
  { rooms: 50, members: 10 },
  { rooms: 200, members: 1 },
] as const;
/** Before each window, ms. */
const WARM_UP = 3_000;
/** Messages a second for latencies: far from what any of them can do, so that it is the way that is timed and no queue. */
const CALM_RATE = 400;
/** Events for what one of them writes, and how many are under way at one time. */
const EVENTS = 10_000;
const UNDER_WAY = 20;
/** Until all that was written is on the disk, ms: relaxed commits are synced within 200. */
const SYNCED_MS = 500;

/** What one server did in one round. */
interface Turn {
  readonly kind: DurableKind;
  readonly outcomes: readonly Outcome[];
  readonly calm: Percentiles;
  readonly sync: Percentiles;
  readonly bytes: { calls: number; disk: number } | undefined;
}

/** What durable rooms cost, beside the same rooms that are not; with `--kill`, whether they outlive what they should. */
export async function durable(options: Options): Promise<void> {
  if (options.kill) return durableKill(options);
  const folder = mkdtempSync(join(tmpdir(), "hotroom-durable-"));
  const rounds: Turn[][] = [];
  let long: Record<string, number> = {};
  try {
    const kinds = durableKinds(folder);
    for (let round = 0; round < options.rounds; round++) {
      const turns: Turn[] = [];
      for (const kind of round % 2 === 0 ? kinds : kinds.toReversed())
        turns.push(await measure(kind, options));
      rounds.push(turns);
      console.error(`round ${round + 1} of ${options.rounds} done`);
    }
    long = await trimmed(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  report(rounds, long, options);
}

async function measure(kind: DurableKind, { window }: Options): Promise<Turn> {
  const server = await RunningServer.start("hotroom", kind.command());
  try {
    const outcomes: Outcome[] = [];
    for (const shape of shapes)
      outcomes.push(await runLoad(server, kind, { ...shape, warmup: WARM_UP, window }));
    const sync = syncTime(kind.data);
    const plan = { rooms: 50, members: 2, warmup: 1_000, window, rate: CALM_RATE };
    const calm = (await runLoad(server, kind, plan)).latency as Percentiles;
    return { kind, outcomes, calm, sync, bytes: await bytesPerEvent(server, kind) };
  } finally {
    await server.stop();
  }
}

/** Returns how many bytes the process that keeps the rooms writes for each event; undefined where there is none. */
async function bytesPerEvent(server: RunningServer, { data }: DurableKind): Promise<Turn["bytes"]> {
  const member = await hotroom.enter(server.port, "bytes", `writer ${server.pid}`);
  const frame = hotroom.say("bytes", "x".repeat(TEXT));
  await Bun.sleep(SYNCED_MS);
  const before = writtenInto(data, server.pid);
  for (let n = 0; n < EVENTS + UNDER_WAY; n++) {
    if (n >= UNDER_WAY) while ((await member.nextBytes()).length < TEXT);
    if (n < EVENTS) member.send(frame);
  }
  await Bun.sleep(SYNCED_MS);
  const after = writtenInto(data, server.pid);
  member.end();
  if (!before || !after) return undefined;
  return { calls: (after.calls - before.calls) / EVENTS, disk: (after.disk - before.disk) / EVENTS };
}

function report(rounds: readonly Turn[][], long: Record<string, number>, options: Options): void {
  const of = (round: Turn[], mode: string) => round.find(({ kind }) => kind.mode === mode) as Turn;
  const rate = ({ deliveries, seconds }: Outcome) => deliveries / seconds;
  const over = (value: (round: Turn[]) => number) => spread(rounds.map(value));
  const throughput = shapes.flatMap(({ rooms, members }, i) =>
    (["not durable", "relaxed", "strict"] as const).map((mode) => {
      const outcome = (round: Turn[], name: string = mode) => of(round, name).outcomes[i] as Outcome;
      return {
        shape: `${rooms} × ${members}`,
        mode,
        deliveries: over((round) => rate(outcome(round))),
        toNotDurable: over((round) => rate(outcome(round)) / rate(outcome(round, "not durable"))),
        cpuPerEvent: over((round) => (outcome(round).serverCpu / outcome(round).events) * 1e6),
        caveats: caveats(rounds.map((round) => outcome(round))),
      };
    }),
  );
  printTable(
    ["shape, mode", "deliveries/s", "× not durable", "CPU µs/event", "notes"],
    throughput.map(({ shape, mode, deliveries, toNotDurable, cpuPerEvent, caveats }) => [
      `${shape}, ${mode}`,
      ...[deliveries, toNotDurable, cpuPerEvent].map(withSpread),
      caveats.join("; "),
    ]),
  );
  const costs = (["not durable", "relaxed", "strict"] as const).map((mode) => {
    const added = (share: "p50" | "p99") =>
      over((round) => of(round, mode).calm[share] - of(round, "not durable").calm[share]);
    const bytes = (part: "calls" | "disk") => over((round) => of(round, mode).bytes?.[part] ?? Number.NaN);
    return {
      mode,
      p50: over((round) => of(round, mode).calm.p50),
      p99: over((round) => of(round, mode).calm.p99),
      addedP50: added("p50"),
      addedP99: added("p99"),
      syncP50: over((round) => of(round, mode).sync.p50),
      syncP99: over((round) => of(round, mode).sync.p99),
      bytesWritten: bytes("calls"),
      bytesToDisk: bytes("disk"),
    };
  });
  console.log(
    `\nlatency at ${figure(CALM_RATE)} messages a second, ms; the disk's own sync; bytes of an event`,
  );
  printTable(
    ["mode", "p50", "p99", "added p50", "added p99", "sync p50", "sync p99", "written", "to the disk"],
    costs.map(({ mode, ...figures }) => [mode, ...Object.values(figures).map(withSpread)]),
  );
  printTable(
    ["a log that is trimmed", "measured"],
    Object.entries(long).map(([name, value]) => [name, figure(value)]),
  );
  keep("durable", { rounds: options.rounds, windowMs: options.window, throughput, costs, long });
}
