/** `bun run bench [scenario]`: measures hotroom against a bare server and its peers; docs/PERFORMANCE.md says how. */
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
  await (await scenario())(options);
  process.exit(0);
}
console.error(`usage: bun run bench [scenario] [--rounds 5] [--window 3000] [--only "bare Bun,hotroom"]
scenarios: ${Object.keys(scenarios).join(", ")}
reload: [--kill | --rooms 1000]
attacks: [--attack "part of its name"]
drops: [--minutes 10] [--clients 500] [--seed 1] [--runtime bun|deno]
store: [--runtime bun|deno]
durable: [--kill [--kills 100] [--seed 1] [--runtime bun|deno]]`);
process.exit(2);
