import { expect, test } from "bun:test";
import type { Script } from "../../../../src/core/ports/script.ts";
import type { Version } from "../../../../src/core/ports/build.ts";
import { ask, buildOf, freshPath, message, Room, startHosts, stateOf } from "../harness.ts";

async function start(): Promise<
  ReturnType<typeof startHosts> & { room: Room; script: Script; version: Version }
> {
  const started = startHosts();
  const version = await started.hosts.load(buildOf());
  const room = new Room();
  return { ...started, room, version, script: started.hosts.open(version, room) };
}

const numbers = Array.from({ length: 100 }, (_, n) => n);

test("a swap takes the state along, between two events, and every outcome names its version", async () => {
  const { hosts, room, version, script } = await start();
  const next = await hosts.load(buildOf());
  const names: string[] = [];
  await stateOf(script);
  room.outcomes.length = 0;
  room.onOutcome = () => names.push(script.version);
  for (const n of numbers) script.dispatch(message("count", n));
  const swapped = script.swap(next);
  for (const n of numbers) script.dispatch(message("count", 100 + n));
  expect(script.version).toBe(version.build.version);
  await swapped;
  expect(script.version).toBe(next.build.version);
  const from = `from ${version.build.version}`;
  const before = numbers.map(String);
  const after = numbers.map((n) => String(100 + n));
  expect(await stateOf(script)).toEqual({
    version: next.build.version,
    count: 200,
    seen: [...before, from, ...after],
  });
  const versions = room.outcomes.map(([, outcome]) => outcome.version);
  expect(versions).toEqual([
    ...numbers.map(() => version.build.version),
    ...numbers.map(() => next.build.version),
    next.build.version,
  ]);
  expect(names).toEqual(versions);
  hosts.unload(version);
  expect(hosts.hosts()[0]).toMatchObject({ sandboxes: 1, scripts: 1 });
});

test("a swap tells what CPU time it took, on the way there and back", async () => {
  const { hosts, script, version } = await start();
  const next = await hosts.load(buildOf());
  // 0.01 ms for each task, says the fake host: a snapshot and an opening; an opening and the events since.
  expect(await script.swap(next)).toBeCloseTo(0.02);
  for (const n of [1, 2, 3]) await ask(script, "count", n);
  expect(await script.goBack(version)).toBeCloseTo(0.04);
});

test("a swap whose migration fails rejects with the place, and the old version goes on", async () => {
  const { hosts, version, script } = await start();
  await ask(script, "count", 1);
  const next = await hosts.load(buildOf("migrate-fails"));
  const swapped = script.swap(next);
  const asked = ask(script, "count", 2);
  const error = await swapped.catch((error) => error);
  expect(error).toMatchObject({
    code: "swap_failed",
    message: `Cannot move room "lobby" to ${next.build.version}: state.board is undefined (rooms/r.ts:7:1)`,
  });
  expect(await asked).toMatchObject({ version: version.build.version, value: '{"count":2}' });
  expect(await stateOf(script)).toMatchObject({ count: 2, seen: ["1", "2"] });
  expect(hosts.hosts()[0]).toMatchObject({ sandboxes: 1, scripts: 1 });
});

test("a swap whose snapshot fails rejects, and the old version goes on", async () => {
  const { hosts, script } = await start();
  await ask(script, "mark", "no-snapshot");
  const error = await script.swap(await hosts.load(buildOf())).catch((error) => error);
  expect(error.message).toEndWith(": the state is too large");
  expect((await ask(script, "count")).value).toBe('{"count":1}');
});

test("swaps of one script follow one another", async () => {
  const { hosts, script } = await start();
  const versions = await Promise.all([1, 2, 3].map(() => hosts.load(buildOf())));
  const order: string[] = [];
  const swaps = versions.map((version) => script.swap(version).then(() => order.push(script.version)));
  await Promise.all(swaps);
  expect(order).toEqual(versions.map(({ build }) => build.version));
  expect((await stateOf(script)).seen).toHaveLength(3);
});

test("a host that dies during a swap of many scripts leaves each in the new version, with nothing lost", async () => {
  const { hosts } = startHosts();
  const [old, next] = [await hosts.load(buildOf()), await hosts.load(buildOf())];
  const rooms = Array.from({ length: 20 }, (_, n) => new Room(`room ${n}`));
  const scripts = rooms.map((room) => hosts.open(old, room));
  const swaps: Promise<number>[] = [];
  let answered = 0;
  for (const room of rooms) {
    room.onOutcome = () => {
      // Some are before their snapshot then, some after it, some in the new version.
      if (++answered % 900 === 0) process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
    };
  }
  for (const n of numbers) {
    for (const [index, script] of scripts.entries()) {
      script.dispatch(message("count", n));
      if (n === index * 5) swaps.push(script.swap(next));
    }
  }
  await Promise.all(swaps);
  for (const [index, script] of scripts.entries()) {
    const { count, seen, version } = await stateOf(script);
    expect(count).toBe(100);
    expect(version).toBe(next.build.version);
    expect(seen.filter((one) => !one.startsWith("from"))).toEqual(numbers.map(String));
    const values = rooms[index]?.outcomes.slice(0, 100).map(([, { value }]) => value);
    expect(values).toEqual(numbers.map((n) => `{"count":${n + 1}}`));
  }
  expect(hosts.hosts()[0]?.restarts).toBeGreaterThan(0);
});

test("a swap during a recovery waits for it", async () => {
  const { hosts, script } = await start();
  await ask(script, "count", 1);
  const next = await hosts.load(buildOf());
  process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
  await script.swap(next);
  expect(await stateOf(script)).toMatchObject({ version: next.build.version, count: 1 });
});

test("a host that is killed while the new version is set up repeats the setting up", async () => {
  const { hosts, script } = await start();
  await ask(script, "count", 1);
  const next = await hosts.load(buildOf(`open-dies:${freshPath()}`));
  const swapped = script.swap(next);
  const asked = ask(script, "count", 2);
  await swapped;
  expect(await asked).toMatchObject({ version: next.build.version, value: '{"count":2}' });
  expect(hosts.hosts()[0]?.restarts).toBe(1);
});

test("a new version that hangs while it is set up is not taken; the old one goes on with its state", async () => {
  const { hosts, room, version, script } = await start();
  await ask(script, "count", 1);
  const next = await hosts.load(buildOf("open-hangs", { limits: { cpuHard: 100, load: 100 } }));
  const error = await script.swap(next).catch((error) => error);
  expect(error.code).toBe("swap_failed");
  expect(await ask(script, "count", 2)).toMatchObject({
    version: version.build.version,
    value: '{"count":2}',
  });
  expect(room.failures).toEqual([]);
});

test("a script that has swapped comes back in its new version after its host was killed", async () => {
  const { hosts, version, script } = await start();
  await ask(script, "count", 1);
  const next = await hosts.load(buildOf());
  await script.swap(next);
  await ask(script, "count", 2);
  process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
  expect(await stateOf(script)).toEqual({
    version: next.build.version,
    count: 2,
    seen: ["1", `from ${version.build.version}`, "2"],
  });
});

test("a closed script does not swap", async () => {
  const { hosts, script } = await start();
  script.close();
  const error = await script.swap(await hosts.load(buildOf())).catch((error) => error);
  expect(error.message).toEndWith(": it is closed.");
});
