import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { durableStarts } from "./durable/starts.ts";
import type { Options } from "./options.ts";
import { keep } from "./results.ts";
import { hotroomCommand, RunningServer } from "./servers.ts";
import { spread } from "./statistics.ts";
import { printTable, withSpread } from "./table.ts";

const example = join(import.meta.dir, "../../extensions/chat.ts");

/**
 * Time from spawning the server to its address, and to `/healthz` with ten TypeScript applications, whose sources it has
 * never seen or has stripped before; then, from killing its script host to a host that is ready. `HOTROOM_EXECUTABLE`
 * names a compiled executable. With `--rooms` a start with as many durable rooms, after a kill.
 */
export async function start(options: Options): Promise<void> {
  if (options.rooms) return durableStarts(options);
  const folder = mkdtempSync(join(tmpdir(), "hotroom-bench-"));
  const applications = join(folder, "extensions");
  mkdirSync(applications);
  for (let i = 0; i < 10; i++) cpSync(example, join(applications, `chat${i}.ts`));
  const cache = join(folder, "cache");
  const listening: number[] = [];
  const healthy = { first: [] as number[], again: [] as number[] };
  const hosts: number[] = [];
  try {
    for (let round = 0; round < options.rounds; round++) {
      for (const start of ["first", "again"] as const) {
        if (start === "first") rmSync(cache, { recursive: true, force: true });
        const server = await RunningServer.start("hotroom", hotroomCommand(applications, "--cache", cache));
        healthy[start].push(performance.now() - server.startedAt);
        listening.push(server.listeningAt - server.startedAt);
        hosts.push(await hostRestart(server));
        await server.stop();
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const what = process.env.HOTROOM_EXECUTABLE ? "the executable" : "bun run mod.ts";
  const rows = {
    [`${what}: address printed`]: spread(listening),
    [`${what}: /healthz 200 with ten applications, first start`]: spread(healthy.first),
    [`${what}: /healthz 200 with ten applications, again`]: spread(healthy.again),
    "script host: killed to ready": spread(hosts),
  };
  printTable(
    ["start", "ms"],
    Object.entries(rows).map(([name, value]) => [name, withSpread(value)]),
  );
  keep("start", { rounds: options.rounds, rows });
}

interface Host {
  id: number;
  pid: number | null;
  state: string;
}

/** Milliseconds from SIGKILL of the first script host until the API shows it ready with another process. */
export async function hostRestart(server: RunningServer): Promise<number> {
  const before = (await hostsOf(server)).find((host) => host.pid !== null);
  if (!before?.pid) throw new Error("Cannot kill a script host: there is none.");
  process.kill(before.pid, "SIGKILL");
  const killed = performance.now();
  for (;;) {
    const host = (await hostsOf(server)).find((each) => each.id === before.id);
    if (host?.pid && host.pid !== before.pid && host.state !== "starting" && host.state !== "dead") break;
    if (performance.now() - killed > 20_000)
      throw new Error("The script host did not come back within 20 s.");
    await Bun.sleep(1);
  }
  return performance.now() - killed;
}

/** The script hosts as the API shows them. */
export async function hostsOf(server: RunningServer): Promise<Host[]> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/applications`);
  return ((await response.json()) as { server: { hosts: Host[] } }).server.hosts;
}
