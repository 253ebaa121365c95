import { dialects, TEXT } from "./dialects.ts";
import { clientFrame } from "./frames.ts";
import { Histogram } from "./histogram.ts";
import { caveats, runLoad } from "./load.ts";
import type { Options } from "./options.ts";
import type { Outcome, Percentiles } from "./plan.ts";
import { keep } from "./results.ts";
import { RunningServer, type ServerKind } from "./servers.ts";
import { type Spread, spread } from "./statistics.ts";
import { printTable, withSpread } from "./table.ts";

const shape = { rooms: 50, members: 10 } as const;

/** One server's turn: idle round trip, then half of what it can do; bare Bun also at half of what hotroom can do. */
interface Turn {
  server: string;
  idle: Percentiles;
  rate: number;
  loaded: Outcome;
}

/** Latency of a delivery at half of the saturation load, and of one message on an idle server. */
export async function latency(options: Options): Promise<void> {
  const turns: Turn[] = [];
  let hotroomRate = 0;
  // hotroom goes first, so that the limit can be measured at hotroom's load in the same round.
  const order = [...options.servers].sort(
    (a, b) => Number(b.name === "hotroom") - Number(a.name === "hotroom"),
  );
  for (let round = 0; round < options.rounds; round++) {
    for (const kind of order) {
      const server = await RunningServer.start(kind.name, kind.command());
      try {
        const idle = await idleRoundTrip(server, kind);
        const full = await runLoad(server, kind, { ...shape, warmup: 1_000, window: options.window });
        const rate = full.events / full.seconds / 2;
        if (kind.name === "hotroom") hotroomRate = rate;
        const rates = new Map([[kind.name, rate]]);
        if (kind.name === "bare Bun" && hotroomRate > 0) rates.set("bare Bun at hotroom's load", hotroomRate);
        for (const [name, each] of rates) {
          const plan = { ...shape, warmup: 500, window: options.window, rate: Math.round(each) };
          turns.push({ server: name, idle, rate: each, loaded: await runLoad(server, kind, plan) });
        }
      } finally {
        await server.stop();
      }
    }
  }
  const rows = [...new Set(turns.map((turn) => turn.server))].map((name) => summary(name, turns));
  console.log(`${shape.rooms} rooms × ${shape.members} members at half of the saturation load; ms`);
  printTable(
    ["server", "events/s", "p50", "p99", "worst", "idle p50", "idle p99", "sent late p99", "notes"],
    rows.map(({ server, caveats, ...figures }) => [
      server,
      ...Object.values(figures).map(withSpread),
      caveats.join("; "),
    ]),
  );
  keep("latency", { rounds: options.rounds, windowMs: options.window, rows });
}

function summary(server: string, turns: readonly Turn[]) {
  const own = turns.filter((turn) => turn.server === server);
  const of = (value: (turn: Turn) => number | undefined): Spread =>
    spread(own.map((turn) => value(turn) ?? Number.NaN));
  return {
    server,
    events: of((turn) => turn.loaded.events / turn.loaded.seconds),
    p50: of((turn) => turn.loaded.latency?.p50),
    p99: of((turn) => turn.loaded.latency?.p99),
    worst: of((turn) => turn.loaded.latency?.worst),
    idle: of((turn) => turn.idle.p50),
    idle99: of((turn) => turn.idle.p99),
    late: of((turn) => turn.loaded.lateness?.p99),
    caveats: caveats(own.map((turn) => turn.loaded)),
  };
}

/** One user alone in a room says something and waits to hear it, 500 times with pauses of 2 ms. */
async function idleRoundTrip(server: RunningServer, kind: ServerKind): Promise<Percentiles> {
  const dialect = dialects[kind.dialect];
  const member = await dialect.enter(server.port, "idle", "idler");
  const frame = dialect.say("idle", "x".repeat(TEXT));
  const times = new Histogram();
  for (let i = 0; i < 600; i++) {
    const start = performance.now();
    member.send(frame);
    while ((await member.nextBytes()).length < TEXT);
    // The first hundred warm up the compilers on both sides.
    if (i >= 100) times.add((performance.now() - start) * 1_000);
    await Bun.sleep(2);
  }
  member.send(clientFrame(Uint8Array.of(0x03, 0xe8), 8));
  member.end();
  return times.percentiles();
}
