import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AskingClient, pacedWaits } from "./asking_client.ts";
import type { Attack } from "./attacks/attack.ts";
import { attacks } from "./attacks/attacks.ts";
import type { Options } from "./options.ts";
import { keep } from "./results.ts";
import { hotroomCommand, RunningServer } from "./servers.ts";
import { figure, printTable } from "./table.ts";

/** What a victim's p99 under attack may be where the attack does not say: so many times its quiet value, and this more, ms. */
const MOST = { times: 3, moreMs: 100 };

const victim = `import { defineRoom } from "hotroom";
export default defineRoom({ state: () => ({ n: 0 }), messages: { count: (room) => ++room.state.n } });
`;

interface Row {
  name: string;
  quiet: { p50: number; p99: number };
  attacked: { p50: number; p99: number; worst: number };
  /** Requests answered while the attack went on. */
  events: number;
  allowed: number;
  /** The server's resident bytes at the end. */
  memory: number;
}

/** What an event of one application waits while somebody attacks the server by another, or from outside. */
export async function attacked(options: Options): Promise<void> {
  const rows: Row[] = [];
  for (const attack of attacks) {
    if (options.attack !== undefined && !attack.name.includes(options.attack)) continue;
    rows.push(await measure(attack, options.window));
    console.error(`${attack.name}: done`);
  }
  printTable(
    [
      "a victim's wait, ms",
      "quiet p50",
      "p99",
      "attacked p50",
      "p99",
      "worst",
      "allowed p99",
      "holds",
      "events",
      "MB",
    ],
    rows.map(({ name, quiet, attacked, events, allowed, memory }) => [
      name,
      ...[quiet.p50, quiet.p99, attacked.p50, attacked.p99, attacked.worst, allowed].map(figure),
      attacked.p99 <= allowed ? "yes" : "NO",
      String(events),
      figure(memory / 1024 / 1024),
    ]),
  );
  if (options.attack === undefined) keep("attacks", { rows });
}

async function measure(attack: Attack, window: number): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "hotroom-attacks-"));
  for (const [path, source] of Object.entries({ "victim.js": victim, ...attack.files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  const command = hotroomCommand(folder, "--hosts", "1", ...(attack.flags ?? []));
  const limited = attack.descriptors === undefined ? command : underLimit(attack.descriptors, command);
  const server = await RunningServer.start("hotroom", limited);
  let attacker: ChildProcess | undefined;
  try {
    const client = await AskingClient.enter(
      server.port,
      attack.isShared ? "shared" : "victim",
      "hall",
      "victim",
    );
    const quiet = await pacedWaits(client, Bun.sleep(window));
    attacker = await begin(attack, server.port, folder);
    await Bun.sleep(attack.warmUp ?? 0);
    const under = await pacedWaits(client, Bun.sleep(window));
    const { p50, p99 } = quiet.percentiles();
    const { times, moreMs } = attack.most ?? MOST;
    return {
      name: attack.name,
      quiet: { p50, p99 },
      attacked: under.percentiles(),
      events: under.total,
      allowed: times * p99 + moreMs,
      memory: server.memory(),
    };
  } finally {
    attacker?.kill("SIGKILL");
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The command, run with no more than `most` file descriptors. */
function underLimit(most: number, command: readonly string[]): string[] {
  return ["sh", "-c", `ulimit -n ${most}; exec "$@"`, "sh", ...command];
}

/** Starts the process of an attack; resolves once that is under way, or has been for five seconds to no avail. */
async function begin({ name }: Attack, port: number, folder: string): Promise<ChildProcess> {
  const args = ["run", join(import.meta.dir, "attacks/attacker.ts"), name, String(port), folder];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  await Promise.race([
    new Promise((resolve) => child.stdout.once("data", resolve)),
    new Promise((_, reject) =>
      child.once("exit", () => reject(new Error(`The attack "${name}" has ended.`))),
    ),
    Bun.sleep(5000),
  ]);
  return child;
}
