/** Run by real.test.ts under Deno: a kill in the middle of counted events, and an event that hangs. */
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Build } from "../../../src/core/ports/build.ts";
import type { Outcome } from "../../../src/core/ports/outcome.ts";
import { ScriptHosts } from "../../../src/script/server/script_hosts.ts";
import * as v from "valibot";
import { settingsOf, settingsSchema } from "../../../src/core/application/settings.ts";

const files = new Map([["rooms/r.ts", readFileSync(0, "utf8")]]);
const build: Build = {
  application: "app",
  hash: "abc123",
  version: "v1·abc123",
  files,
  sources: files,
  rooms: new Map([["r", "rooms/r.ts"]]),
  settings: settingsOf(v.parse(settingsSchema, {}), false),
};
const hosts = new ScriptHosts({ hosts: 1, log() {} });
const script = hosts.open(await hosts.load(build), {
  application: "app",
  room: { name: "lobby", type: "r", maxUsers: 10 },
  decide: () => true,
  outcome() {},
  more() {},
  rolledBack() {},
  failed() {},
});
script.dispatch({ kind: "join", user: { id: "u1", name: "ann" } });
const ask = (type: string): Promise<Outcome> =>
  new Promise((done) => script.dispatch({ kind: "message", user: "u1", type, reply: true }, done));

const asked = Array.from({ length: 500 }, () => ask("count"));
await asked[100];
process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
const outcomes = await Promise.all(asked);
const values = outcomes.filter(({ value }, n) => JSON.parse(value ?? "{}").count === n + 1).length;
const hang = (await ask("hang")).failure?.code;
const { count } = JSON.parse((await ask("state")).value ?? "null");
// One for the kill; for the hang one more, or two where a snapshot was beside it.
const restarts = [2, 3].includes(hosts.hosts()[0]?.restarts ?? 0);
await hosts.stop();
const failures = outcomes.filter(({ failure }) => failure).length;
process.stdout.write(JSON.stringify({ values, failures, restarts, hang, count }));
