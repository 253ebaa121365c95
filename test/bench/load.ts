import { join } from "node:path";
import type { Outcome, Plan } from "./plan.ts";
import type { RunningServer, ServerKind } from "./servers.ts";

/** Runs the load generator against a server, in a process of its own, and answers what it saw. */
export async function runLoad(
  server: RunningServer,
  kind: ServerKind,
  plan: Omit<Plan, "port" | "pid" | "dialect">,
): Promise<Outcome> {
  const whole: Plan = { ...plan, port: server.port, pid: server.pid, dialect: kind.dialect };
  const child = Bun.spawn(
    [process.execPath, "run", join(import.meta.dir, "generator.ts"), JSON.stringify(whole)],
    {
      stdout: "pipe",
      stderr: "inherit",
      timeout: 60_000 + plan.warmup + plan.window,
    },
  );
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) {
    throw new Error(`The load generator failed against ${kind.name}:\n${server.lines.slice(-10).join("\n")}`);
  }
  return JSON.parse(text) as Outcome;
}

/** Shares of a core above which a process is as good as saturated, and above which others disturbed the run. */
const FULL = 0.9;
const DISTURBED = 0.1;

/** What must be said about a run for its figures to be read rightly; empty where nothing. */
export function caveats(outcomes: readonly Outcome[]): string[] {
  const found: string[] = [];
  const share = (each: Outcome, key: "serverCpu" | "generatorCpu" | "otherCpu") => each[key] / each.seconds;
  const limited = outcomes.filter((each) => share(each, "generatorCpu") > FULL);
  const alone = limited.filter((each) => share(each, "serverCpu") < FULL);
  if (alone.length > 0) found.push(`the generator was the limit in ${alone.length} of ${outcomes.length}`);
  else if (limited.length > 0)
    found.push(`the generator was full too in ${limited.length} of ${outcomes.length}`);
  const disturbed = outcomes.filter((each) => share(each, "otherCpu") > DISTURBED);
  if (disturbed.length > 0)
    found.push(`preliminary: machine busy in ${disturbed.length} of ${outcomes.length}`);
  return found;
}
