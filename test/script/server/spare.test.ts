import { expect, test } from "bun:test";
import type { ScriptHosts } from "../../../src/script/server/script_hosts.ts";
import { usageOf } from "../../../src/process/process_cpu.ts";
import { until } from "../../e2e/harness.ts";
import { ask, buildOf, Room, startHosts, stateOf } from "./harness.ts";

/** One host with a script, and a spare that is ready. */
async function startWithSpare() {
  const { hosts, log } = startHosts({ spare: true, times: { spareDelay: 0 } });
  const script = hosts.open(await hosts.load(buildOf()), new Room());
  await ask(script, "count");
  return { hosts, log, script, spare: await readySpare(hosts) };
}

async function readySpare(hosts: ScriptHosts): Promise<number> {
  for (;;) {
    const spare = hosts.hosts().find((host) => host.spare);
    if (spare?.pid && spare.state === "ready") return spare.pid;
    await Bun.sleep(5);
  }
}

test("the spare host is told apart, runs no scripts, and is ready before it is needed", async () => {
  const { hosts } = await startWithSpare();
  expect(hosts.hosts()).toMatchObject([
    { id: 1, scripts: 1 },
    { id: 2, scripts: 0, spare: true },
  ]);
});

test("it takes the place of a host that dies, and is replaced itself", async () => {
  const { hosts, script, spare } = await startWithSpare();
  const asked = Array.from({ length: 300 }, () => ask(script, "count"));
  process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
  expect((await Promise.all(asked)).map(({ value }) => value)).toEqual(
    Array.from({ length: 300 }, (_, n) => `{"count":${n + 2}}`),
  );
  expect(hosts.hosts()[0]).toMatchObject({ pid: spare, restarts: 1, scripts: 1 });
  const next = await readySpare(hosts);
  process.kill(spare, "SIGKILL");
  expect((await stateOf(script)).count).toBe(301);
  expect(hosts.hosts()[0]).toMatchObject({ pid: next, restarts: 2 });
});

test("a top level that hangs is the spare's trouble, and delays no live script", async () => {
  const { hosts, script, spare } = await startWithSpare();
  const host = hosts.hosts()[0]?.pid;
  const loading = hosts.load(buildOf("load-hangs", { limits: { load: 100, cpuHard: 100 } }));
  let isLoading = true;
  const failed = loading.catch((error) => error).finally(() => (isLoading = false));
  let answered = 0;
  while (isLoading) {
    await ask(script, "count");
    answered++;
  }
  expect((await failed).message).toContain("took longer than 100 ms");
  expect(answered).toBeGreaterThan(20);
  expect(hosts.hosts()[0]).toMatchObject({ pid: host, restarts: 0 });
  expect(await readySpare(hosts)).not.toBe(spare);
  const version = await hosts.load(buildOf());
  expect((await ask(hosts.open(version, new Room("second")), "count")).value).toBe('{"count":1}');
});

test("with the host and its spare gone at once, a new one is started", async () => {
  const { hosts, script, spare } = await startWithSpare();
  process.kill(spare, "SIGKILL");
  process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
  expect((await ask(script, "count")).value).toBe('{"count":2}');
});

test("[B7] a spare that a signal has stopped takes nobody's place, and is replaced itself", async () => {
  const { hosts, script, spare } = await startWithSpare();
  process.kill(spare, "SIGSTOP");
  await until("the spare to have stopped", () => usageOf(spare)?.isStopped);
  process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
  expect((await ask(script, "count")).value).toBe('{"count":2}');
  expect(hosts.hosts()[0]?.restarts).toBe(1);
  expect(await readySpare(hosts)).not.toBe(spare);
});

test("stop ends the spare, too", async () => {
  const { hosts, spare } = await startWithSpare();
  await hosts.stop();
  expect(() => process.kill(spare, 0)).toThrow();
});
