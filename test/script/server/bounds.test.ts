/** What the server keeps for scripts is bounded, whatever they and their clients do. */
import { expect, test } from "bun:test";
import type { Outcome } from "../../../src/core/ports/outcome.ts";
import type { Script } from "../../../src/core/ports/script.ts";
import type { ScriptEvent } from "../../../src/core/ports/event.ts";
import { ask, buildOf, message, Room, startHosts, stateOf } from "./harness.ts";

function dispatch(script: Script, event: ScriptEvent): Promise<Outcome> {
  return new Promise((done) => script.dispatch(event, done));
}

test("past the queue's limit what there can be any number of is refused; who is there is always told", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf("", { limits: { queue: 3 } }));
  /** What clients, connections and scripts make, as many of each as may wait. */
  const many: ScriptEvent[][] = [
    [
      message("count"),
      { kind: "login", connection: "c1" },
      { kind: "join", user: { id: "u2", name: "ben" } },
    ],
    [
      { kind: "connect", connection: "c1" },
      { kind: "disconnect", connection: "c1" },
      { kind: "connect", connection: "c2" },
    ],
    [
      { kind: "emit", type: "x", data: "1" },
      { kind: "timer", name: "x" },
      { kind: "emit", type: "y", data: "1" },
    ],
  ];
  const own: ScriptEvent[] = [
    { kind: "leave", user: "u1" },
    { kind: "disconnect", connection: "c1", user: "u1" },
    { kind: "logout", user: { id: "u1", name: "ann" } },
    { kind: "tick", elapsed: 50 },
    { kind: "close", reason: "" },
  ];
  const codes = async (script: Script, events: ScriptEvent[]) =>
    (await Promise.all(events.map((event) => dispatch(script, event)))).map(({ failure }) => failure?.code);
  for (const kinds of many) {
    // What the server itself makes fills nobody's queue, before and after.
    const script = hosts.open(version, new Room());
    const more = Array.from({ length: 4 }, () => own).flat();
    const answers = [more, kinds, kinds, ...many.filter((others) => others !== kinds), more];
    const [before, first, second, one, other, after] = await Promise.all(
      answers.map((events) => codes(script, events)),
    );
    expect(second).toEqual(kinds.map(() => "busy"));
    for (const taken of [before, first, one, other, after])
      expect(taken?.filter((code) => code === "busy")).toEqual([]);
    expect((await stateOf(script)).seen.slice(-own.length)).toEqual(own.map(({ kind }) => kind));
  }
});

test("an event that may not wait any more is told the setting that says so", async () => {
  const { hosts } = startHosts();
  const crowded = hosts.open(await hosts.load(buildOf("", { limits: { queue: 1 } })), new Room());
  const [, second] = await Promise.all([ask(crowded, "count"), ask(crowded, "count")]);
  expect(second?.failure?.message).toBe(
    'Cannot handle "count": 1 event is waiting, the most that may (limits.queue).',
  );
  const full = hosts.open(await hosts.load(buildOf("", { limits: { held: 1000 } })), new Room());
  const held = await ask(full, "count", "x".repeat(2000));
  expect(held.failure?.message).toBe(
    'Cannot handle "count": it would be more than is kept for the application\'s scripts, 1000 bytes (limits.held).',
  );
});

test("past the time that the oldest event may wait messages are refused, and nothing else is", async () => {
  const { hosts } = startHosts();
  const script = hosts.open(await hosts.load(buildOf("", { limits: { wait: 50 } })), new Room());
  const working = ask(script, "spin", { ms: 500, same: false });
  const early = ask(script, "count");
  await Bun.sleep(100);
  const [late, joined, ticked] = [
    ask(script, "count"),
    dispatch(script, { kind: "join", user: { id: "u2", name: "ben" } }),
    dispatch(script, { kind: "tick", elapsed: 50 }),
  ];
  expect((await late).failure).toMatchObject({
    code: "busy",
    message: expect.stringMatching(
      /^Cannot handle "count": events have been waiting for \d+ ms, longer than \d+ \(limits\.wait\)\.$/,
    ),
  });
  const others = await Promise.all([working, early, joined, ticked]);
  expect(others.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined, undefined]);
  // Once the oldest has been handled the room is as good as new.
  expect((await ask(script, "count")).value).toBe('{"count":2}');
});

test("what waits for all of an application's scripts is bounded by its size, and makes room again", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf("", { limits: { held: 1_000_000 } }));
  const scripts = Array.from({ length: 4 }, (_, n) => hosts.open(version, new Room(`room ${n}`)));
  const round = () =>
    Promise.all(
      scripts.flatMap((script) => Array.from({ length: 10 }, () => ask(script, "move", "x".repeat(50_000)))),
    );
  for (let n = 0; n < 3; n++) {
    const codes = (await round()).map(({ failure }) => failure?.code);
    expect(codes.filter((code) => code === "invalid_data").length).toBeWithin(5, 25);
    expect(codes.filter((code) => code === "busy").length).toBe(
      40 - codes.filter((code) => code !== "busy").length,
    );
    // Snapshots shorten the journals once they are answered.
    while ((await ask(scripts[0] as Script, "state")).failure) await Bun.sleep(1);
  }
});

test("journals are shortened before they take what waiting events need", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf("", { limits: { held: 500_000 } }));
  const scripts = Array.from({ length: 10 }, (_, n) => hosts.open(version, new Room(`room ${n}`)));
  for (let n = 0; n < 50; n++) {
    const outcomes = await Promise.all(scripts.map((script) => ask(script, "move", "x".repeat(10_000))));
    expect(outcomes.map(({ failure }) => failure?.code)).toEqual(scripts.map(() => "invalid_data"));
  }
});

test("what can't be kept fails where it comes from; the room goes on with the state before, and nobody else is worse off", async () => {
  const { hosts, log } = startHosts();
  const room = new Room("large");
  const version = await hosts.load(buildOf("", { limits: { held: 200_000 } }));
  const large = hosts.open(version, room);
  const small = hosts.open(version, new Room("small"));
  let kept = 0;
  for (let n = 0; n < 60; n++) {
    const { failure } = await ask(large, "count", "x".repeat(10_000));
    if (!failure) kept++;
    else expect([failure.code, failure.message]).toEqual(["busy", expect.stringContaining("(limits.held)")]);
    expect((await ask(small, "count")).failure).toBeUndefined();
  }
  expect(kept).toBeWithin(5, 20);
  expect(log.join("\n")).toContain("the application's scripts hold too much already");
  process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
  expect((await ask(small, "count")).value).toBe('{"count":61}');
  // What is small is taken, as a word to let go may be.
  expect((await ask(large, "count")).value).toBe(`{"count":${kept + 1}}`);
  expect(room.failures).toEqual([]);
});

test("closed scripts give back what was kept for them", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf("", { limits: { held: 100_000 } }));
  for (let n = 0; n < 20; n++) {
    const script = hosts.open(version, new Room(`room ${n}`));
    const outcomes = [ask(script, "count", "x".repeat(15_000)), ask(script, "count", "x".repeat(15_000))];
    script.dispatch(message("count"));
    expect((await Promise.all(outcomes)).map(({ failure }) => failure)).toEqual([undefined, undefined]);
    script.close();
    await ask(script, "count");
  }
});

test("[B5] rooms that take turns at taking a host down are closed for what their application does", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf("", { roomsPerSandbox: 1 }));
  const rooms = Array.from({ length: 4 }, (_, n) => new Room(`room ${n}`));
  const scripts = rooms.map((room) => hosts.open(version, room));
  for (let n = 0; n < 8; n++) await ask(scripts[n % 4] as Script, "poison", "named");
  // Each has done it twice: the sixth time and those after it were too often for the application.
  expect(rooms.map(({ failures }) => failures.length)).toEqual([0, 1, 1, 1]);
  expect(rooms[2]?.failures[0]).toContain("its application took its script host or sandbox down too often");
  expect(rooms.map(({ killers }) => killers)).toEqual([[], [true], [true], [true]]);
});
