/** A version that fails in its first event is left for the one before, as if it had never been there. */
import { expect, test } from "bun:test";
import { ask, buildOf, freshPath, Room, startHosts, stateOf } from "../harness.ts";

async function start(code = "", settings = {}) {
  const { hosts, log } = startHosts();
  const [old, next] = [await hosts.load(buildOf()), await hosts.load(buildOf(code, settings))];
  const room = new Room();
  const script = hosts.open(old, room);
  await ask(script, "count", 0);
  return { hosts, log, old, next, room, script };
}
type Started = Awaited<ReturnType<typeof start>>;

const killHost = ({ hosts }: Started) => process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
const names = ({ room }: Started) => room.outcomes.map(([, { version }]) => version);

test("[R5] the events that were on their way are handled once, in order, by the version before", async () => {
  const started = await start("events-fail");
  const { script, room, old, next } = started;
  const swapped = script.swap(next);
  const asked = Array.from({ length: 300 }, (_, n) => ask(script, "count", n + 1));
  await swapped;
  const values = (await Promise.all(asked)).map(({ value }) => value);
  expect(values).toEqual(asked.map((_, n) => `{"count":${n + 2}}`));
  expect(room.rollbacks).toEqual([[next.build.version, 'message "count": not in this version']]);
  expect(new Set(names(started))).toEqual(new Set([old.build.version]));
  const { seen, version } = await stateOf(script);
  expect(version).toBe(old.build.version);
  expect(seen).toEqual(Array.from({ length: 301 }, (_, n) => String(n)));
});

test("a version that failed in its first event is not asked again, and a later one may be moved to", async () => {
  const { hosts, script, next, room } = await start("events-fail");
  await script.swap(next);
  await ask(script, "count", 1);
  await ask(script, "count", 2);
  expect(room.rollbacks).toHaveLength(1);
  const third = await hosts.load(buildOf());
  await script.swap(third);
  expect((await ask(script, "count", 3)).version).toBe(third.build.version);
  expect((await stateOf(script)).count).toBe(4);
});

test("[R5] refused, invalid and unheard events are no failure; the first that is heard decides", async () => {
  const { script, next, room } = await start();
  await script.swap(next);
  for (const type of ["unknown", "invalid", "refuse"]) {
    expect((await ask(script, type)).version).toBe(next.build.version);
  }
  // The refusal was a handler's word: what fails later is that event's own business.
  expect((await ask(script, "throw")).version).toBe(next.build.version);
  expect(room.rollbacks).toEqual([]);
});

test("several versions that no event has been through are left one after the other", async () => {
  const { hosts, script, old, next, room } = await start("events-fail");
  const third = await hosts.load(buildOf("events-fail"));
  await script.swap(next);
  await script.swap(third);
  expect(await ask(script, "count", 1)).toMatchObject({ version: old.build.version, value: '{"count":2}' });
  expect(room.rollbacks.map(([failed]) => failed)).toEqual([third.build.version, next.build.version]);
  expect((await stateOf(script)).seen).toEqual(["0", "1"]);
});

test("a host that dies before the first event changes nothing of that", async () => {
  const started = await start("events-fail");
  const { script, next, old } = started;
  await script.swap(next);
  killHost(started);
  expect(await ask(script, "count", 1)).toMatchObject({ version: old.build.version, value: '{"count":2}' });
  killHost(started);
  expect(await stateOf(script)).toMatchObject({ count: 2, seen: ["0", "1"], version: old.build.version });
});

test("a first event that hangs the host is handled by the version before", async () => {
  const { script, next, old, room } = await start("events-hang", { limits: { cpuHard: 100 } });
  await script.swap(next);
  expect(await ask(script, "count", 1)).toMatchObject({ version: old.build.version, value: '{"count":2}' });
  expect(room.rollbacks).toHaveLength(1);
  expect(room.failures).toEqual([]);
});

test("[B4] what an event did to one version is not held against it in the version before, whose host dies meanwhile", async () => {
  const { script, next, old, room } = await start("events-hang", { limits: { cpuHard: 100 } });
  await script.swap(next);
  // Hangs in the new version; in the old one the host is killed the first time, by somebody else.
  const outcome = await ask(script, "die", freshPath());
  expect(outcome).toMatchObject({ version: old.build.version, effects: [] });
  expect(outcome.failure).toBeUndefined();
  expect((await stateOf(script)).count).toBe(2);
  expect(room.failures).toEqual([]);
});

test("[R6] going back runs the events since again, muted, on the state of that time", async () => {
  const started = await start();
  const { script, old, next, room } = started;
  await script.swap(next);
  for (const n of [1, 2, 3]) await ask(script, "count", n);
  const before = room.outcomes.length;
  const back = script.goBack(old);
  const asked = [4, 5, 6].map((n) => ask(script, "count", n));
  await back;
  expect((await Promise.all(asked)).map(({ version }) => version)).toEqual(
    asked.map(() => old.build.version),
  );
  expect(room.outcomes.length).toBe(before + 3);
  const state = { version: old.build.version, count: 7, seen: ["0", "1", "2", "3", "4", "5", "6"] };
  expect(await stateOf(script)).toEqual(state);
  killHost(started);
  expect(await stateOf(script)).toEqual(state);
});

test("[R6] what was answered with an error is not done after all on the way back", async () => {
  const { script, old, next } = await start();
  await script.swap(next);
  await ask(script, "count", 1);
  // Fails, and has changed the count by 10.
  await ask(script, "throw");
  script.dispatch({ kind: "leave", user: "u1" });
  await script.goBack(old);
  expect(await stateOf(script)).toMatchObject({ count: 2, seen: ["0", "1", "leave"] });
});

test.each([
  ["once the version has proven itself", 1, true],
  ["after more events than can be run again in a moment", 1001, false],
])("%s, going back takes the state as it is", async (_, events, settles) => {
  const { script, old, next } = await start();
  await script.swap(next);
  await Promise.all(Array.from({ length: events }, () => ask(script, "count", 1)));
  if (settles) script.settle();
  await script.goBack(old);
  const { seen, count, version } = await stateOf(script);
  expect(version).toBe(old.build.version);
  expect(count).toBe(events + 1);
  expect(seen.at(-1)).toBe(`from ${next.build.version}`);
});

test("the way back has the state of the moment, also where the application's scripts hold too much for a snapshot more", async () => {
  const { hosts } = startHosts();
  const settings = { limits: { held: 100_000 } };
  const old = await hosts.load(buildOf("", settings));
  const next = await hosts.load(buildOf("events-fail", settings));
  const others = Array.from({ length: 11 }, (_, n) => hosts.open(old, new Room(`room ${n}`)));
  await Promise.all(others.map((other) => ask(other, "mark", "x".repeat(7_000))));
  const script = hosts.open(old, new Room());
  for (const n of [1, 2, 3]) await ask(script, "count", n);
  await script.swap(next);
  expect(await ask(script, "count", 4)).toMatchObject({ version: old.build.version, value: '{"count":4}' });
  expect((await stateOf(script)).seen).toEqual(["1", "2", "3", "4"]);
});

test("a version that nothing has happened in can be left however long ago it came", async () => {
  const { script, old, next } = await start("events-fail");
  await script.swap(next);
  script.settle();
  expect(await ask(script, "count", 1)).toMatchObject({ version: old.build.version, value: '{"count":2}' });
});

test("a rehearsal whose snapshot hangs the host is given up; the script goes on", async () => {
  const { script, next, room } = await start("", {});
  await ask(script, "mark", "snapshot-hangs");
  const error = await script.rehearse(next).catch((error) => error);
  expect(error).toMatchObject({ code: "state_not_written" });
  expect((await ask(script, "count", 1)).value).toBe('{"count":2}');
  expect(room.failures).toEqual([]);
});
