import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Random } from "../../torture/random.ts";
import type { KillOrder } from "../kill_tree.ts";
import type { Options } from "../options.ts";
import { keep } from "../results.ts";
import { percentile, spread } from "../statistics.ts";
import { figure, printTable } from "../table.ts";
import { DurableCrowd } from "./crowd.ts";
import { Evidence } from "./evidence.ts";
import { KilledServer } from "./killed_server.ts";
import { ledgerFiles, type Mode } from "./ledger.ts";

const CLIENTS = 200;
const ROOMS = 40;
const PACE_MS = 50;
/** How long they talk before a kill at most, once all rooms answer; every fourth time it comes while they come up. */
const TALK_MS = 1_500;
const EARLY_EVERY = 4;
const EARLY_MS = 400;
/** How long rooms may take to answer before that counts as never, ms. */
const PATIENCE_MS = 60_000;

/** A run with as many is kept. */
const KEPT_KILLS = 100;
/** Faults after which no more kills are needed to see that something is wrong. */
const HOPELESS = 100;

const orders: readonly KillOrder[] = ["server first", "children first", "server only"];

/**
 * 200 clients in 40 rooms count while the server is killed with all its processes, and started again on its data; what they were told,
 * by all of its lives, is compared with a control.
 */
export async function durableKill(options: Options): Promise<void> {
  for (const mode of ["relaxed", "strict"] as const) await killIn(mode, options);
}

async function killIn(mode: Mode, { kills, seed, runtime }: Options): Promise<void> {
  const random = new Random(seed);
  const folder = mkdtempSync(join(tmpdir(), "hotroom-durable-"));
  const extensions = join(folder, "extensions");
  for (const [path, text] of Object.entries(ledgerFiles(mode))) {
    mkdirSync(dirname(join(extensions, path)), { recursive: true });
    writeFileSync(join(extensions, path), text);
  }
  const server = await KilledServer.start({ runtime, extensions, data: join(folder, "data") });
  const evidence = new Evidence();
  const { port } = server;
  const plan = { port, application: "ledger", clients: CLIENTS, rooms: ROOMS, pace: PACE_MS, random };
  const crowd = new DurableCrowd(plan, evidence);
  const comebacks: number[] = [];
  try {
    await server.healthy();
    await crowd.enter();
    crowd.talk();
    await crowd.allAnswer(PATIENCE_MS);
    for (let n = 1; n <= kills; n++) {
      const isEarly = n % EARLY_EVERY === 0;
      await Bun.sleep(random.next() * (isEarly ? EARLY_MS : TALK_MS));
      const order = random.pick(orders);
      evidence.kills.push(`${order}${isEarly ? ", while it came up" : ""}`);
      const killedAt = performance.now();
      await server.kill(order);
      await server.restart();
      const listening = performance.now() - killedAt;
      // The next one is killed while it comes up.
      if ((n + 1) % EARLY_EVERY !== 0) comebacks.push(listening + (await crowd.allAnswer(PATIENCE_MS)));
      if (evidence.total > HOPELESS) break;
      if (n % 10 === 0) console.error(`${mode}: ${n} of ${kills} kills, ${evidence.total} faults`);
    }
    await crowd.hush();
    await crowd.compare();
    crowd.leave();
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  report(mode, evidence, comebacks, seed);
}

function report(mode: Mode, evidence: Evidence, comebacks: number[], seed: number): void {
  const { findings, notes, acknowledged, deliveries, resets, answersAgain } = evidence;
  const measured = {
    kills: evidence.kills.length,
    "events acknowledged": acknowledged,
    "deliveries heard": deliveries,
    "acknowledged events lost": findings.lost,
    "events repeated": findings.repeated,
    "rooms that differ from the control": findings.unequal,
    "told, and then not so": findings.takenBack,
    "other after a replay": findings.changed,
    "sessions lost": findings.expired,
    "frames repeated, or left out without a word": findings.frames,
    "requests never answered": findings.unanswered,
    errors: findings.broken,
    "came back to a reset": resets,
    "answers that came once more": answersAgain,
    "killed to all rooms answering, median ms": spread(comebacks).median,
    "killed to all rooms answering, p90 ms": percentile(comebacks, 0.9),
    "killed to all rooms answering, worst ms": spread(comebacks).most,
    seed,
  };
  printTable(
    [`durable --kill, ${mode}`, "measured"],
    Object.entries(measured).map(([name, value]) => [name, figure(value)]),
  );
  for (const note of notes) console.log(note);
  // Of fewer kills the slowest does not say much.
  if (measured.kills >= KEPT_KILLS) keep(`durable-kill-${mode}`, measured);
}
