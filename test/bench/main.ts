/** `bun run bench [scenario]`: measures hotroom against a bare server and its peers; docs/PERFORMANCE.md says how. */
import { constants } from "node:os";
import { type Options, readOptions } from "./options.ts";

const scenarios: Record<string, () => Promise<(options: Options) => Promise<void>>> = {
  throughput: async () => (await import("./throughput.ts")).throughput,
  latency: async () => (await import("./latency.ts")).latency,
  density: async () => (await import("./density.ts")).density,
  start: async () => (await import("./start.ts")).start,
  growth: async () => (await import("./growth.ts")).growth,
  reload: async () => (await import("./reload.ts")).reload,
  neighbours: async () => (await import("./neighbours.ts")).neighbours,
  attacks: async () => (await import("./attacks.ts")).attacked,
  drops: async () => (await import("./drops.ts")).drops,
  sessions: async () => (await import("./sessions.ts")).sessions,
  store: async () => (await import("./store.ts")).store,
  durable: async () => (await import("./durable.ts")).durable,
  layers: async () => (await import("./layers.ts")).layers,
  plot: async () => (await import("./plot.ts")).plot,
};

const options = readOptions(process.argv.slice(2));
const scenario = scenarios[options.scenario];
if (scenario) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(signal));
  await (await scenario())(options);
  // A scenario that has measured something to fail for says so, and sets it.
  process.exit(process.exitCode ?? 0);
}
console.error(`usage: bun run bench [scenario] [--rounds 5] [--window 3000] [--only "bare Bun,hotroom"]
scenarios: ${Object.keys(scenarios).join(", ")}
start: [--rooms 1000 [--runtime bun|deno]]
reload: [--kill | --rooms 1000]
attacks: [--attack "part of its name"]
store: [--runtime bun|deno]
drops: [--minutes 10] [--clients 500] [--pace 1000] [--seed 1] [--runtime bun|deno] [--by frames|chromium|go]
durable: [--kill [--kills 100] [--seed 1] [--runtime bun|deno]]`);
process.exit(2);

/** Ends the bench, and says why; its servers end with it. */
function stop(signal: NodeJS.Signals): never {
  const seconds = Math.round(performance.now() / 1000);
  console.error(`${options.scenario} was ended by ${signal} after ${seconds} s; it has measured nothing.`);
  process.exit(128 + constants.signals[signal]);
}
