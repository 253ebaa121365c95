import { expect, test } from "bun:test";
import type { Outcome } from "../../../../src/core/ports/outcome.ts";
import type { Script } from "../../../../src/core/ports/script.ts";
import type { ScriptHosts } from "../../../../src/script/server/script_hosts.ts";
import { ask, buildOf, freshPath, message, Room, startHosts, stateOf } from "../harness.ts";

function kill(hosts: ScriptHosts, index = 0): void {
  const pid = hosts.hosts()[index]?.pid;
  if (pid) process.kill(pid, "SIGKILL");
}

async function open(
  hosts: ScriptHosts,
  names: string[],
  code = "",
): Promise<{ rooms: Room[]; scripts: Script[] }> {
  const version = await hosts.load(buildOf(code));
  const rooms = names.map((name) => new Room(name));
  return { rooms, scripts: rooms.map((room) => hosts.open(version, room)) };
}

test("[R1] a killed host loses no event, repeats none, and mixes up none: 10,000 events over 50 scripts", async () => {
  const { hosts } = startHosts();
  const names = Array.from({ length: 50 }, (_, n) => `room ${n}`);
  const { rooms, scripts } = await open(hosts, names);
  let answered = 0;
  const all = Promise.withResolvers<void>();
  for (const room of rooms) {
    room.onOutcome = () => {
      if (++answered === 3000) kill(hosts);
      if (answered === 10_000) all.resolve();
    };
  }
  for (let n = 0; n < 200; n++) for (const script of scripts) script.dispatch(message("count", n));
  await all.promise;
  const numbers = Array.from({ length: 200 }, (_, n) => n);
  for (const room of rooms) {
    expect(room.outcomes.map(([, { value }]) => value)).toEqual(numbers.map((n) => `{"count":${n + 1}}`));
    expect(room.outcomes.map(([event]) => "data" in event && event.data)).toEqual(numbers.map(String));
  }
  const control = { count: 200, seen: numbers.map(String) };
  for (const script of scripts) expect(await stateOf(script)).toMatchObject(control);
  expect(hosts.hosts()[0]?.restarts).toBe(1);
});

test("hosts that are killed again and again fail nobody", async () => {
  const { hosts } = startHosts({ hosts: 2 });
  const { rooms, scripts } = await open(hosts, ["a", "b", "c", "d"]);
  let answered = 0;
  const all = Promise.withResolvers<void>();
  for (const room of rooms) {
    room.onOutcome = () => {
      if (++answered % 700 === 0) kill(hosts, (answered / 700) % 2);
      if (answered === 4000) all.resolve();
    };
  }
  for (let n = 0; n < 1000; n++) for (const script of scripts) script.dispatch(message("count", n));
  await all.promise;
  for (const room of rooms) expect(room.outcomes.every(([, { failure }]) => !failure)).toBe(true);
  for (const script of scripts) expect((await stateOf(script)).count).toBe(1000);
});

/** Dispatches `type` among other events of two scripts and expects it alone to fail, once. */
async function expectOnlyCulpritFails(type: string, data?: unknown): Promise<string[]> {
  const { hosts, log } = startHosts();
  const { rooms, scripts } = await open(hosts, ["guilty", "innocent"]);
  const [guilty, innocent] = scripts as [Script, Script];
  const asked: Promise<Outcome>[] = [];
  for (let n = 0; n < 20; n++) {
    asked.push(ask(guilty, "count", n), ask(innocent, "count", n));
    if (n === 9) asked.push(ask(guilty, type, data));
  }
  const outcomes = await Promise.all(asked);
  const failed = outcomes.filter(({ failure }) => failure);
  expect(failed).toHaveLength(1);
  expect(failed[0]).toMatchObject({
    failure: { code: "handler_failed", message: `Cannot handle "${type}": its handler failed.` },
    effects: [],
  });
  expect(rooms[0]?.outcomes.findIndex(([, { failure }]) => failure)).toBe(10);
  for (const room of rooms) {
    const values = room.outcomes.filter(([, { failure }]) => !failure).map(([, { value }]) => value);
    expect(values).toEqual(Array.from({ length: 20 }, (_, n) => `{"count":${n + 1}}`));
    expect(room.failures).toEqual([]);
  }
  const seen = Array.from({ length: 20 }, (_, n) => String(n));
  for (const script of scripts) expect(await stateOf(script)).toMatchObject({ count: 20, seen });
  return log;
}

test("an event that hangs in code that can't be interrupted is the only one that fails", async () => {
  const log = await expectOnlyCulpritFails("hang");
  expect(log.join("\n")).toContain("ms of CPU time without an answer");
});

test("progress that names the same event again and again is none", async () => {
  await expectOnlyCulpritFails("spin", { ms: 1e9, same: true });
});

test("an event that ends its host by itself is the only one that fails", async () => {
  await expectOnlyCulpritFails("exit");
});

test("an event that poisons its sandbox and is named is the only one that fails", async () => {
  const log = await expectOnlyCulpritFails("poison", "named");
  expect(log.join("\n")).toContain("out of memory");
});

test("an event that poisons its sandbox without being named is found, and is the only one that fails", async () => {
  await expectOnlyCulpritFails("poison", "");
});

/** Header and bodies: the number of outcomes, then status, length, ms and number of effects of each, and its effects. */
const malformed: Record<string, string> = {
  "no header": "nothing",
  "text that is no JSON": "[[\n",
  "a header that is no list": "{}\n",
  "fewer outcomes than events": "[0]\n",
  "more outcomes than events": "[9999,0,-1,0,0,0,-1,0,0]\n",
  "a header that ends early": "[1,0,-1,0]\n",
  "a header that goes on": "[1,0,-1,0,0,0]\n",
  "an unknown status": "[1,9,-1,0,0]\n",
  "a time before its event": "[1,0,-1,-5,0]\n",
  "a body beyond the end": "[1,0,5,0,0]\n{}",
  "a body left over": "[1,0,-1,0,0]\n{}",
  "a value that is no JSON": "[1,0,2,0,0]\n}{",
  "an effect of no kind": '[1,0,-1,0,1,99,"now"]\n',
  "an effect named after a prototype": '[1,0,-1,0,1,"constructor","x",0,-1]\n',
  "an effect that lacks a part": '[1,0,-1,0,1,1,"x",0]\n',
  "more effects than there are": '[1,0,-1,0,9,1,"x",0,-1]\n',
  "a type that is no name": '[1,0,-1,0,1,1,"__proto__",0,-1]\n',
  "recipients that are no strings": '[1,0,-1,0,1,2,"x",[1],-1]\n',
  "a length that is no number": "[1,0,-1.5,0,0]\n",
  "bytes that are not there": "[1,0,-5,0,0]\n\0ab",
  "no bytes though some were named": "[1,0,-5,0,0]\n",
  "bytes left over": "[1,0,-1,0,0]\n\0ab",
  "bytes in the place of an emit's data": '[1,0,-1,0,1,10,"x",0,-4]\n\0ab',
  "bytes in the place of a failure": "[1,4,-4,0,0]\n\0ab",
  "bytes that are too many": `[1,0,-1,0,1,1,"x",0,-1100002]\n\0${"x".repeat(1_100_000)}`,
  "a schedule in no time": '[1,0,-1,0,1,11,"x",null,-1]\n',
  "more effects than allowed": `[1,0,-1,0,201${',12,"x"'.repeat(201)}]\n`,
  "a message that is too large": `[1,0,-1,0,1,1,"x",0,1100002]\n"${"x".repeat(1_100_000)}"`,
  "too much output": `[1,0,-1,0,5${',1,"x",0,900002'.repeat(5)}]\n${`"${"x".repeat(900_000)}"`.repeat(5)}`,
  "a log that is too long": `[1,0,-1,0,1,0,"info",20000]\n${"x".repeat(20_000)}`,
  "a failure without a message": "[1,4,2,0,0]\n{}",
  "a refusal whose data is no JSON": '[1,1,26,0,0]\n{"message":"x","data":"{"}',
  "a refusal whose data is no text": '[1,1,24,0,0]\n{"message":"x","data":1}',
  "a refusal whose data is too large": `[1,1,1100030,0,0]\n{"message":"x","data":"${"1".repeat(1_100_005)}"}`,
  "a failure with effects": '[1,4,15,0,1,12,"x"]\n{"message":"x"}',
};
for (const [what, text] of Object.entries(malformed)) {
  test(`an answer with ${what} fails its event and nothing else`, async () => {
    const log = await expectOnlyCulpritFails("malformed", text);
    expect(log.join("\n")).toContain("malformed answer");
  });
}

test("an event that uses much CPU time but gets on is left alone", async () => {
  const { hosts } = startHosts();
  const { scripts } = await open(hosts, ["a"]);
  const [script] = scripts as [Script];
  expect((await ask(script, "spin", { ms: 1500, same: false })).failure).toBeUndefined();
  expect(hosts.hosts()[0]?.restarts).toBe(0);
});

test("[B6] a machine that sleeps fails nobody: only the host's CPU time counts", async () => {
  const { hosts } = startHosts();
  const { scripts } = await open(hosts, ["a"]);
  const [script] = scripts as [Script];
  const pid = hosts.hosts()[0]?.pid ?? 0;
  const asked = ask(script, "stop");
  // Longer than the hard limit with the allowance for wall time, which must not apply here.
  await Bun.sleep(1200);
  process.kill(pid, "SIGCONT");
  expect((await asked).failure).toBeUndefined();
  expect(hosts.hosts()[0]).toMatchObject({ pid, restarts: 0 });
});

test("[B7] an event whose host is stopped, even while it runs by itself, is delivered again", async () => {
  const { hosts, log } = startHosts();
  const { rooms, scripts } = await open(hosts, ["a"]);
  const [script] = scripts as [Script];
  for (let n = 1; n <= 2; n++) {
    process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGSTOP");
    expect((await ask(script, "count")).value).toBe(`{"count":${n}}`);
    expect(hosts.hosts()[0]?.restarts).toBe(n);
  }
  expect(rooms[0]?.failures).toEqual([]);
  expect(log.filter((line) => line.includes("it does not run: a signal has stopped it"))).toHaveLength(2);
});

test("an event whose host is killed by somebody else, even while it runs by itself, is delivered again", async () => {
  const { hosts } = startHosts();
  const { scripts } = await open(hosts, ["a"]);
  const [script] = scripts as [Script];
  await ask(script, "count");
  expect(await ask(script, "die", freshPath())).toMatchObject({ effects: [] });
  expect(await stateOf(script)).toMatchObject({ count: 2 });
  expect(hosts.hosts()[0]?.restarts).toBe(1);
});

test("[B5] a script that kills its host three times in a minute is closed; the other goes on", async () => {
  const { hosts } = startHosts();
  const { rooms, scripts } = await open(hosts, ["guilty", "innocent"]);
  const [guilty, innocent] = scripts as [Script, Script];
  for (let n = 1; n <= 3; n++) {
    await ask(innocent, "count", n);
    expect((await ask(guilty, "hang")).failure?.code).toBe("handler_failed");
  }
  expect(rooms[0]?.failures).toHaveLength(1);
  expect(rooms[0]?.failures[0]).toStartWith('Cannot go on with room "guilty": it took its script host');
  expect((await ask(guilty, "count")).failure?.code).toBe("handler_failed");
  expect(await stateOf(innocent)).toMatchObject({ count: 3, seen: ["1", "2", "3"] });
  expect(rooms[1]?.failures).toEqual([]);
});

test("replayed and repeated events see the time that they saw first", async () => {
  const { hosts } = startHosts();
  const { scripts } = await open(hosts, ["a"]);
  const [script] = scripts as [Script];
  const times = [(await ask(script, "time")).value, (await ask(script, "time")).value];
  await Bun.sleep(5);
  kill(hosts);
  expect((await stateOf(script)).seen).toEqual(times as string[]);
});

test("[R4] an event that a limit has cut short is not replayed", async () => {
  const { hosts } = startHosts();
  const { scripts } = await open(hosts, ["a"]);
  const [script] = scripts as [Script];
  await ask(script, "count");
  expect((await ask(script, "limit")).failure?.code).toBe("handler_failed");
  await ask(script, "count");
  kill(hosts);
  expect((await stateOf(script)).count).toBe(2);
});

test("where no snapshot can be taken after a failure by a limit, the script comes back without that event", async () => {
  const { hosts } = startHosts();
  const { scripts } = await open(hosts, ["a"]);
  const [script] = scripts as [Script];
  await ask(script, "mark", "no-snapshot");
  await ask(script, "limit");
  await ask(script, "count");
  kill(hosts);
  expect((await stateOf(script)).count).toBe(1);
});

test("the only event of another sandbox is not held responsible for what runs before it on the same host", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf("", { roomsPerSandbox: 1 }));
  const [guilty, innocent] = [
    hosts.open(version, new Room("guilty")),
    hosts.open(version, new Room("other")),
  ];
  await Promise.all([ask(guilty, "count"), ask(innocent, "count")]);
  const [hung, counted] = await Promise.all([ask(guilty, "hang"), ask(innocent, "count")]);
  expect(hung.failure?.code).toBe("handler_failed");
  expect(counted.value).toBe('{"count":2}');
  expect((await stateOf(guilty)).count).toBe(1);
});

test("[R3] a long journal is cut by a snapshot: the replay is short, the state is whole", async () => {
  const { hosts, log } = startHosts();
  const { scripts } = await open(hosts, ["a"]);
  const [script] = scripts as [Script];
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 600 }, (_, n) => ask(script, "count", n)));
  }
  await ask(script, "mark", "end");
  kill(hosts);
  expect(await stateOf(script)).toMatchObject({ count: 3000 });
  expect(log.filter((line) => line.includes("replay"))).toEqual([]);
});

test("[R3] many short journals are cut, too: together their replays would keep everybody waiting", async () => {
  const { hosts } = startHosts();
  const { scripts } = await open(
    hosts,
    Array.from({ length: 20 }, (_, n) => `room ${n}`),
  );
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      scripts.flatMap((script) => Array.from({ length: 50 }, (_, n) => ask(script, "count", n))),
    );
  }
  const rehearsed = await Promise.all(
    scripts.map(async (script) => script.rehearse(await hosts.load(buildOf()))),
  );
  // The fake host says that each took 0.01 ms: a journal that nobody cuts would have all 500.
  for (const { events } of rehearsed) expect(events).toBeLessThan(500);
  kill(hosts);
  for (const script of scripts) expect(await stateOf(script)).toMatchObject({ count: 500 });
});

test("[R3] few events are not worth a snapshot, however little it would take", async () => {
  const { hosts } = startHosts();
  const { scripts } = await open(hosts, ["a"]);
  const [script] = scripts as [Script];
  await Promise.all(Array.from({ length: 900 }, (_, n) => ask(script, "count", n)));
  expect((await script.rehearse(await hosts.load(buildOf()))).events).toBe(900);
});

test("a script whose state can't be written goes on, and is brought back by all its events", async () => {
  const { hosts, log } = startHosts();
  const { scripts } = await open(hosts, ["a"]);
  const [script] = scripts as [Script];
  await ask(script, "mark", "no-snapshot");
  await Promise.all(Array.from({ length: 2500 }, () => ask(script, "count")));
  kill(hosts);
  expect((await stateOf(script)).count).toBe(2500);
  expect(
    log.filter((line) => line.includes("Cannot take a snapshot: the state is too large")).length,
  ).toBeLessThan(4);
});

test("a snapshot that hangs costs the host, not the script", async () => {
  const { hosts } = startHosts();
  const { rooms, scripts } = await open(hosts, ["a", "b"]);
  const [script, other] = scripts as [Script, Script];
  await ask(other, "count");
  await ask(script, "mark", "snapshot-hangs");
  await ask(script, "limit");
  expect((await ask(script, "count")).failure).toBeUndefined();
  expect((await ask(other, "count")).value).toBe('{"count":2}');
  expect(rooms.flatMap(({ failures }) => failures)).toEqual([]);
});

test("a script whose setting up hangs fails; the others of its host go on", async () => {
  const { hosts } = startHosts();
  const { scripts } = await open(hosts, ["a"]);
  const [other] = scripts as [Script];
  await ask(other, "count");
  const limits = { cpuHard: 100, load: 100 };
  const room = new Room("b");
  const script = hosts.open(await hosts.load(buildOf("open-hangs", { limits })), room);
  expect((await ask(script, "count")).failure?.code).toBe("handler_failed");
  expect(room.failures).toHaveLength(1);
  expect((await ask(other, "count")).value).toBe('{"count":2}');
});
