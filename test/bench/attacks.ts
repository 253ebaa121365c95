import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AskingClient, pacedWaits } from "./asking_client.ts";
import type { Attack } from "./attacks/attack.ts";
import { attacks } from "./attacks/attacks.ts";
import type { Histogram } from "./histogram.ts";
import type { Options } from "./options.ts";
import { keep } from "./results.ts";
import { hotroomCommand, RunningServer } from "./servers.ts";
import { figure, printTable } from "./table.ts";

/** What a victim's p99 under attack may be where the attack does not say: so many times its quiet value, and this more, ms. */
const MOST = { times: 3, moreMs: 100 };

const victim = `import { defineRoom } from "hotroom";
export default defineRoom({ state: () => ({ n: 0 }), messages: { count: (room) => ++room.state.n } });
`;

/** Who is measured: as many clients as ask at the bench's pace within the rate that a connection has by default. */
const VICTIMS = 5;

interface Waits {
  p50: number;
  p99: number;
}

interface Row {
  name: string;
  quiet: Waits;
  /** While the same attack goes on against another server of this machine: what it takes from everybody by the CPU that it uses. */
  beside: Waits;
  attacked: Waits & { worst: number };
  /** Requests answered while the attack went on. */
  events: number;
  allowed: number;
  /** What would be allowed if `beside` were quiet. */
  allowedBeside: number;
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
      "beside p50",
      "p99",
      "attacked p50",
      "p99",
      "worst",
      "allowed p99",
      "holds",
      "events",
      "MB",
    ],
    rows.map((row) => {
      const { name, quiet, beside, attacked, events, allowed, memory } = row;
      const waits = [
        quiet.p50,
        quiet.p99,
        beside.p50,
        beside.p99,
        attacked.p50,
        attacked.p99,
        attacked.worst,
      ];
      return [
        name,
        ...[...waits, allowed].map(figure),
        verdictOn(row),
        String(events),
        figure(memory / 1024 / 1024),
      ];
    }),
  );
  if (options.attack === undefined) keep("attacks", { rows });
}

/** Returns whether what is allowed holds; `beside` where it does only against what the attack costs without attacking this server. */
function verdictOn({ attacked, allowed, allowedBeside }: Row): string {
  if (attacked.p99 <= allowed) return "yes";
  return attacked.p99 <= allowedBeside ? "beside" : "NO";
}

async function measure(attack: Attack, window: number): Promise<Row> {
  const server = await UnderAttack.start(attack);
  try {
    const application = attack.isShared ? "shared" : "victim";
    const victims = await Promise.all(
      Array.from({ length: VICTIMS }, (_, n) =>
        AskingClient.enter(server.port, application, `hall ${n}`, `victim ${n}`),
      ),
    );
    const quiet = await pacedWaits(victims, Bun.sleep(window));
    const other = await UnderAttack.start(attack);
    let beside: Histogram;
    try {
      await other.begin();
      beside = await pacedWaits(victims, Bun.sleep(window));
    } finally {
      await other.stop();
    }
    await server.begin();
    const under = await pacedWaits(victims, Bun.sleep(window));
    const { times, moreMs } = attack.most ?? MOST;
    const allowed = (waits: Waits) => times * waits.p99 + moreMs;
    const [before, apart] = [waitsOf(quiet), waitsOf(beside)];
    return {
      name: attack.name,
      quiet: before,
      beside: apart,
      attacked: under.percentiles(),
      events: under.total,
      allowed: allowed(before),
      allowedBeside: allowed(apart),
      memory: server.memory(),
    };
  } finally {
    await server.stop();
  }
}

function waitsOf(times: Histogram): Waits {
  const { p50, p99 } = times.percentiles();
  return { p50, p99 };
}

/** A server with the applications of an attack, and the attack's process once it has begun. */
class UnderAttack {
  #attacker: ChildProcess | undefined;

  private constructor(
    private readonly attack: Attack,
    private readonly server: RunningServer,
    private readonly folder: string,
  ) {}

  static async start(attack: Attack): Promise<UnderAttack> {
    const folder = mkdtempSync(join(tmpdir(), "hotroom-attacks-"));
    for (const [path, source] of Object.entries({ "victim.js": victim, ...attack.files })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), source);
    }
    const command = hotroomCommand(folder, "--hosts", "1", ...(attack.flags ?? []));
    const limited = attack.descriptors === undefined ? command : underLimit(attack.descriptors, command);
    return new UnderAttack(attack, await RunningServer.start("hotroom", limited), folder);
  }

  get port(): number {
    return this.server.port;
  }

  /** Bytes of its processes. */
  memory(): number {
    return this.server.memory();
  }

  /** Begins the attack, and resolves when it has gone on for long enough to be noticed. */
  async begin(): Promise<void> {
    this.#attacker = await begin(this.attack, this.port, this.folder);
    await Bun.sleep(this.attack.warmUp ?? 0);
  }

  async stop(): Promise<void> {
    this.#attacker?.kill("SIGKILL");
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
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
