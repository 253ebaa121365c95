/** An event whose failure nobody is told of is handled by the version before, while the way back to it is open. */
import { expect, test } from "bun:test";
import type { Outcome } from "../../../../src/core/ports/outcome.ts";
import type { Script } from "../../../../src/core/ports/script.ts";
import type { ScriptEvent } from "../../../../src/core/ports/event.ts";
import { ask, buildOf, Room, startHosts, stateOf } from "../harness.ts";

const start = (...codes: string[]) => startWith({ cpuHard: 100 }, codes);

/** A room in the first of some versions; `move` takes it to the next. */
async function startWith(limits: { cpuHard?: number; held?: number }, codes: string[]) {
  const { hosts } = startHosts();
  const builds = codes.map((code) => buildOf(code, { limits }));
  const versions = await Promise.all(builds.map((build) => hosts.load(build)));
  const names = builds.map(({ version }) => version);
  const room = new Room();
  const [first, ...others] = versions;
  if (!first) throw new Error("there is no version");
  const script = hosts.open(first, room);
  await ask(script, "count", 0);
  const move = async () => {
    const next = others.shift();
    if (next) await script.swap(next);
  };
  const kill = () => {
    const pid = hosts.hosts()[0]?.pid;
    if (pid) process.kill(pid, "SIGKILL");
  };
  return { room, script, names, move, kill, versions };
}

const posted = (n: number): ScriptEvent => ({ kind: "emit", type: "posted", data: String(n) });

function emit(script: Script, n: number): Promise<Outcome> {
  return new Promise((done) => script.dispatch(posted(n), done));
}

/** What an emit comes to where its handler has run: it is told to all once. */
const heard = (version: string | undefined, n: number) => ({
  version,
  effects: [{ kind: "broadcast", type: "posted", except: undefined, data: String(n) }],
});

/** What the room was told of emits, by their numbers. */
const told = ({ outcomes }: Room) =>
  outcomes.flatMap(([event, { effects }]) =>
    event.kind === "emit" && effects.length > 0 ? [event.data] : [],
  );

test("[R8] an emit whose handler fails is handled by the version before, though a message came first", async () => {
  const { room, script, names, move } = await start("", "fails:emits.posted");
  await move();
  expect(await ask(script, "count", 1)).toMatchObject({ version: names[1], value: '{"count":2}' });
  const asked = [1, 2, 3].map((n) => emit(script, n));
  expect(await Promise.all(asked)).toEqual([1, 2, 3].map((n) => expect.objectContaining(heard(names[0], n))));
  expect(room.rollbacks).toEqual([[names[1] ?? "", 'emit "posted": not in this version']]);
  const { seen, count, version } = await stateOf(script);
  expect({ seen, count, version }).toEqual({
    seen: ["0", "1", "posted 1", "posted 2", "posted 3"],
    count: 2,
    version: names[0] ?? "",
  });
  expect(told(room)).toEqual(["1", "2", "3"]);
});

test("so is one that hangs the host", async () => {
  const { script, names, move, room } = await start("", "hangs:emits.posted");
  await move();
  await ask(script, "count", 1);
  expect(await emit(script, 1)).toMatchObject(heard(names[0], 1));
  expect((await stateOf(script)).seen).toEqual(["0", "1", "posted 1"]);
  expect(room.failures).toEqual([]);
});

test("a timer and a departure are handled by the version before, too", async () => {
  for (const [event, name] of [
    [{ kind: "timer", name: "ring" }, "timers.ring"],
    [{ kind: "leave", user: "u1" }, "events.leave"],
  ] satisfies [ScriptEvent, string][]) {
    const { script, names, move, room } = await start("", `has:${name} fails:${name}`);
    await move();
    await ask(script, "count", 1);
    const outcome = await new Promise<Outcome>((done) => script.dispatch(event, done));
    expect(outcome).toMatchObject({ version: names[0], effects: [] });
    expect(outcome.failure).toBeUndefined();
    expect(room.rollbacks).toHaveLength(1);
    expect((await stateOf(script)).seen).toEqual(["0", "1", event.kind]);
  }
});

test("a message whose handler fails behind another event is answered with that", async () => {
  const { script, names, move, room } = await start("", "has:messages.other fails:messages.other");
  await move();
  await ask(script, "count", 1);
  const { version, failure } = await ask(script, "other");
  expect({ version, code: failure?.code }).toEqual({ version: names[1] ?? "", code: "handler_failed" });
  expect(room.rollbacks).toEqual([]);
});

test("once its handler has been through an event, what fails in it is that event's own business", async () => {
  const { script, names, move, room } = await start("", "fails:emits.posted:13");
  await move();
  expect(await emit(script, 1)).toMatchObject(heard(names[1], 1));
  expect((await emit(script, 13)).failure?.code).toBe("handler_failed");
  expect(room.rollbacks).toEqual([]);
});

test("[R9] an event that the version before fails at as well is no reason to go back there", async () => {
  for (const fault of ["fails:emits.posted", "hangs:emits.posted", "lacks:emits.posted"]) {
    const { script, names, move, room, kill } = await start(fault, "fails:emits.posted", "");
    await move();
    await ask(script, "count", 1);
    const [failed, counted] = await Promise.all([emit(script, 2), ask(script, "count", 3)]);
    expect(failed).toMatchObject({
      version: names[1],
      failure: { detail: "not in this version" },
      effects: [],
    });
    expect(counted).toMatchObject({ version: names[1], value: '{"count":3}' });
    expect(room.rollbacks).toEqual([]);
    expect(room.failures).toEqual([]);
    const state = { version: names[1] ?? "", count: 3, seen: ["0", `from ${names[0]}`, "1", "3"] };
    expect(await stateOf(script)).toEqual(state);
    kill();
    expect(await stateOf(script)).toEqual(state);
    await move();
    expect(await emit(script, 4)).toMatchObject(heard(names[2], 4));
  }
});

test("a move that waits while the version before is tried starts from where the script is then", async () => {
  for (const [before, handles] of [
    ["", 0],
    ["fails:emits.posted", 1],
  ] as const) {
    const { script, names, move, room } = await start(before, "fails:emits.posted", "");
    await move();
    await ask(script, "count", 1);
    const emitted = emit(script, 2);
    const moved = move();
    const counted = ask(script, "count", 3);
    expect((await emitted).version).toBe(names[handles] ?? "");
    await moved;
    expect((await counted).value).toBe('{"count":3}');
    expect(room.rollbacks).toHaveLength(1 - handles);
    const { version, seen } = await stateOf(script);
    expect({ version, from: seen.filter((one) => one.startsWith("from")).at(-1) }).toEqual({
      version: names[2] ?? "",
      from: `from ${names[handles]}`,
    });
  }
});

test("[R9] a room does not go back to a version that can't do what was answered since", async () => {
  for (const { failing, code } of [
    { failing: "lacks:messages.mark", code: "no_handler" },
    { failing: "fails:messages.mark", code: "handler_failed" },
    { failing: "hangs:messages.mark", code: "handler_failed" },
  ]) {
    const { script, names, move, room, kill } = await start(failing, "fails:emits.posted");
    expect((await ask(script, "mark", "a")).failure?.code).toBe(code as "no_handler");
    await move();
    await ask(script, "mark", "b");
    await ask(script, "count", 1);
    const [failed, counted] = await Promise.all([emit(script, 1), ask(script, "count", 2)]);
    expect(failed).toMatchObject({ version: names[1], failure: { code: "handler_failed" }, effects: [] });
    expect(counted).toMatchObject({ version: names[1], value: '{"count":3}' });
    const state = { version: names[1] ?? "", count: 3, seen: ["0", `from ${names[0]}`, "b", "1", "2"] };
    expect(await stateOf(script)).toEqual(state);
    expect(room.rollbacks).toEqual([]);
    kill();
    expect(await stateOf(script)).toEqual(state);
    // It is not tried again: what the handler fails at now is the event's own business.
    expect((await emit(script, 2)).failure?.code).toBe("handler_failed");
    expect(room.failures).toEqual([]);
  }
});

test("[R9] a room that could not come back to the version that it is in does not leave it on trial", async () => {
  const { script, names, move, room } = await start("", "fails:emits.posted");
  await move();
  // No snapshot can be taken, and the events are too many: neither could bring the room back.
  await ask(script, "mark", "no-snapshot");
  for (let n = 0; n < 9; n++) await ask(script, "mark", "x".repeat(1_000_000));
  await ask(script, "count", 1);
  expect(await emit(script, 1)).toMatchObject({ version: names[1], failure: { code: "handler_failed" } });
  expect(room.failures).toEqual([]);
  expect(await ask(script, "count", 2)).toMatchObject({ version: names[1], value: '{"count":3}' });
});

test("a version that fails at what was done in a later one is passed by on the way back from that", async () => {
  const { script, names, move, room } = await start(
    "",
    "fails:emits.posted",
    "fails:timers.ring has:timers.ring",
  );
  await move();
  await ask(script, "count", 1);
  await move();
  expect(await emit(script, 2)).toMatchObject(heard(names[2], 2));
  const outcome = await new Promise<Outcome>((done) =>
    script.dispatch({ kind: "timer", name: "ring" }, done),
  );
  expect(outcome).toMatchObject({ version: names[0], effects: [] });
  expect(room.rollbacks).toEqual([[names[2] ?? "", 'timer "ring": not in this version']]);
  expect((await stateOf(script)).seen).toEqual(["0", "1", "posted 2", "timer"]);
  expect(told(room)).toEqual(["2"]);
});

test("a handler that several versions in a row fail in takes the room back through all of them", async () => {
  const { script, names, move, room } = await start("", "fails:emits.posted", "fails:emits.posted fails:x");
  for (const n of [1, 2]) {
    await move();
    expect((await ask(script, "count", n)).version).toBe(names[n] ?? "");
  }
  expect(await emit(script, 3)).toMatchObject(heard(names[0], 3));
  expect(room.rollbacks.map(([failed]) => failed)).toEqual([names[2] ?? ""]);
  expect((await stateOf(script)).seen).toEqual(["0", "1", "2", "posted 3"]);
});

test("the way back closes once the version has proven itself, through all versions that an event was heard in", async () => {
  const { script, names, move, room } = await start("", "fails:emits.posted", "fails:emits.posted fails:x");
  await move();
  await ask(script, "count", 1);
  await move();
  script.settle();
  // No event has been heard in the last one: it can be left still, but not the one before it.
  expect(await emit(script, 2)).toMatchObject({ version: names[1], failure: { code: "handler_failed" } });
  expect(room.rollbacks.map(([failed]) => failed)).toEqual([names[2] ?? ""]);
});

test("going back by hand past a version runs the events of both again", async () => {
  const { script, names, move, versions } = await start("", "", "");
  for (const n of [1, 2]) {
    await move();
    await ask(script, "count", n);
    await emit(script, n);
  }
  if (versions[0]) await script.goBack(versions[0]);
  expect(await stateOf(script)).toEqual({
    version: names[0] ?? "",
    count: 3,
    seen: ["0", "1", "posted 1", "2", "posted 2"],
  });
});

test("[R9] nobody's wish takes a room back to a version that can't do what was answered since, but further if it may", async () => {
  const { room, script, names, move, versions } = await start("", "fails:emits.posted", "");
  await move();
  await ask(script, "count", 1);
  await move();
  await emit(script, 2);
  if (versions[1]) await script.goBack(versions[1]);
  expect(script.version).toBe(names[0] ?? "");
  expect(room.rollbacks).toEqual([[names[1] ?? "", 'emit "posted": not in this version']]);
  expect((await stateOf(script)).seen).toEqual(["0", "1", "posted 2"]);
});

test("[R9] a room that can't go back keeps its version and its state, and whoever wanted it is told", async () => {
  const { room, script, names, move, versions, kill } = await start("fails:emits.posted", "");
  await move();
  await emit(script, 1);
  const error = await (versions[0] && script.goBack(versions[0]).catch((error) => error));
  expect(error).toMatchObject({
    code: "swap_failed",
    message: `Cannot move room "lobby" to ${names[0]}: emit "posted": not in this version`,
  });
  expect(await emit(script, 2)).toMatchObject(heard(names[1], 2));
  expect(room.rollbacks).toEqual([]);
  const state = {
    version: names[1] ?? "",
    count: 1,
    seen: ["0", `from ${names[0]}`, "posted 1", "posted 2"],
  };
  expect(await stateOf(script)).toEqual(state);
  kill();
  expect(await stateOf(script)).toEqual(state);
});

test("a host that dies between the answer that emits and the emit's own loses neither and repeats neither", async () => {
  const { room, script, kill } = await start("");
  const answers: Promise<Outcome>[] = [];
  room.onOutcome = (event) => {
    if (event.kind !== "message" || !("data" in event)) return;
    answers.push(emit(script, Number(event.data)));
    kill();
  };
  for (const n of [1, 2, 3]) {
    await ask(script, "count", n);
    await answers.at(-1);
  }
  room.onOutcome = undefined;
  expect(told(room)).toEqual(["1", "2", "3"]);
  expect((await stateOf(script)).seen).toEqual(["0", "1", "posted 1", "2", "posted 2", "3", "posted 3"]);
});

test("hosts that die at any of an emit's outcomes lose none and repeat none, there and back", async () => {
  const { room, script, move, kill, names } = await start(
    "",
    "fails:emits.posted",
    "",
    "fails:emits.posted fails:x",
  );
  let events = 0;
  room.onOutcome = () => {
    if (++events % 5 === 0) kill();
  };
  const asked: Promise<Outcome>[] = [];
  for (let n = 1; n <= 90; n++) {
    if (n % 30 === 0) void move();
    asked.push(ask(script, "count", n), emit(script, n));
    if (n % 7 === 0) await asked.at(-1);
  }
  const outcomes = await Promise.all(asked);
  room.onOutcome = undefined;
  expect(outcomes.filter(({ failure }) => failure)).toEqual([]);
  const { seen, count } = await stateOf(script);
  expect(count).toBe(91);
  const numbers = Array.from({ length: 90 }, (_, n) => `posted ${n + 1}`);
  expect(seen.filter((one) => one.startsWith("posted"))).toEqual(numbers);
  expect(told(room).map((n) => `posted ${n}`)).toEqual(numbers);
  expect(room.rollbacks.map(([failed]) => failed)).toEqual([names[1] ?? "", names[3] ?? ""]);
});
