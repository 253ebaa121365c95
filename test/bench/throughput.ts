import { caveats, runLoad } from "./load.ts";
import type { Options } from "./options.ts";
import type { Outcome } from "./plan.ts";
import { keep } from "./results.ts";
import { RunningServer, type ServerKind } from "./servers.ts";
import { type Spread, spread } from "./statistics.ts";
import { figure, printTable, withSpread } from "./table.ts";

/** Rooms and members of each: fan-out, the middle, and no fan-out at all. */
export const shapes = [
  { rooms: 1, members: 32 },
  { rooms: 50, members: 10 },
  { rooms: 200, members: 1 },
] as const;

/** Before each window, ms: compilers take about so long to come to rest, in the script host too. */
const WARM_UP = 3_000;

/** Of one server on one shape, over all rounds; ratios are taken within a round, to bare Bun and hotroom's to the peers. */
export interface Measured {
  shape: string;
  server: string;
  deliveries: Spread;
  cpuPerEvent: Spread;
  deliveriesToBare: Spread;
  cpuToBare: Spread;
  /** CPU µs per event of the server's own process in user and system mode, and of its script hosts; medians. */
  parts: { user: number; system: number; hosts: number };
  /** Deliveries in one read of a client: how many frames the server writes at once; median. */
  deliveriesPerRead: number;
  hotroomTimes: Spread | undefined;
  generatorShare: number;
  caveats: string[];
}

/** The default scenario: each server in turn on each shape, as fast as it goes, in rounds whose order alternates. */
export async function throughput(options: Options): Promise<void> {
  const runs = new Map<string, Outcome[]>();
  for (let round = 0; round < options.rounds; round++) {
    const turn = round % 2 === 0 ? options.servers : [...options.servers].reverse();
    for (const kind of turn) await measure(kind, options, runs);
    console.error(`round ${round + 1} of ${options.rounds} done`);
  }
  const measured = shapes.flatMap((shape) => {
    const name = shapeName(shape);
    return options.servers.map((kind) => summary(name, kind.name, runs));
  });
  for (const shape of shapes) {
    const rows = measured.filter((each) => each.shape === shapeName(shape));
    console.log(`\n${shape.rooms} rooms × ${shape.members} members`);
    printTable(
      [
        "server",
        "deliveries/s",
        "× bare",
        "CPU µs/event",
        "× bare",
        "user + system + hosts",
        "per read",
        "hotroom is",
        "generator",
        "notes",
      ],
      rows.map((row) => [
        row.server,
        withSpread(row.deliveries),
        withSpread(row.deliveriesToBare),
        withSpread(row.cpuPerEvent),
        withSpread(row.cpuToBare),
        Object.values(row.parts).map(figure).join(" + "),
        figure(row.deliveriesPerRead),
        row.hotroomTimes ? `${withSpread(row.hotroomTimes)} ×` : "",
        row.generatorShare.toFixed(2),
        row.caveats.join("; "),
      ]),
    );
  }
  const busy = measured.some((row) => row.caveats.some((each) => each.startsWith("preliminary")));
  keep(
    "throughput",
    { rounds: options.rounds, windowMs: options.window, rows: measured },
    busy ? ["Preliminary: other processes used the machine in some rounds."] : [],
  );
}

async function measure(kind: ServerKind, options: Options, runs: Map<string, Outcome[]>): Promise<void> {
  const server = await RunningServer.start(kind.name, kind.command());
  try {
    for (const shape of shapes) {
      const outcome = await runLoad(server, kind, { ...shape, warmup: WARM_UP, window: options.window });
      const key = `${shapeName(shape)} ${kind.name}`;
      runs.set(key, [...(runs.get(key) ?? []), outcome]);
    }
  } finally {
    await server.stop();
  }
}

function summary(shape: string, server: string, runs: Map<string, Outcome[]>): Measured {
  const of = (name: string) => runs.get(`${shape} ${name}`) ?? [];
  const outcomes = of(server);
  const rate = (each: Outcome) => each.deliveries / each.seconds;
  const cost = (each: Outcome) => (each.serverCpu / each.events) * 1e6;
  const ratio = (above: Outcome[], below: Outcome[], value: (each: Outcome) => number) =>
    spread(
      below.length === 0 ? [Number.NaN] : above.map((each, i) => value(each) / value(below[i] as Outcome)),
    );
  const perEvent = (part: "serverUser" | "serverSystem" | "hostsCpu") =>
    spread(outcomes.map((each) => (each[part] / each.events) * 1e6)).median;
  const hotroom = of("hotroom");
  const peer = server !== "hotroom" && hotroom.length > 0;
  return {
    shape,
    server,
    deliveries: spread(outcomes.map(rate)),
    cpuPerEvent: spread(outcomes.map(cost)),
    deliveriesToBare: ratio(outcomes, of("bare Bun"), rate),
    parts: { user: perEvent("serverUser"), system: perEvent("serverSystem"), hosts: perEvent("hostsCpu") },
    deliveriesPerRead: spread(outcomes.map((each) => each.deliveries / each.reads)).median,
    cpuToBare: ratio(outcomes, of("bare Bun"), cost),
    hotroomTimes: peer ? ratio(hotroom, outcomes, rate) : undefined,
    generatorShare: spread(outcomes.map((each) => each.generatorCpu / each.seconds)).median,
    caveats: caveats(outcomes),
  };
}

function shapeName({ rooms, members }: { rooms: number; members: number }): string {
  return `${rooms} × ${members}`;
}
