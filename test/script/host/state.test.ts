/** What becomes of a room's state: in snapshots, in `migrate`, and past its limit. */
import { expect, test } from "bun:test";
import { ToServer } from "../../../src/script/wire/frame_kinds.ts";
import { directory, limits, message, open, Stage } from "./stage.ts";

const room = (definition: string) =>
  `import { defineRoom } from "hotroom";\nexport default defineRoom(${definition});`;

test("state survives in a snapshot, goes through migrate, and starts from state()", async () => {
  const files = {
    "rooms/m.ts": room(
      "{ state: () => ({ n: 1, gone: undefined }), messages: { set(room, user, s) { room.state = s; }, get: (room) => [room.state, room.users] }, migrate: (s, from) => ({ ...s, from }) }",
    ),
  };
  const stage = await Stage.of(files);
  await stage.play(open(), {
    kind: "join",
    user: "u1",
    data: { user: { id: "u1", name: "ann", data: { team: 1 } } },
  });
  const snapshot = await stage.snapshot();
  expect(snapshot).toEqual({ state: { n: 1 } });
  const users = [{ id: "u1", name: "ann", data: { team: 1 } }];
  const there = directory({ users: { add: users } });
  await stage.play(open({ snapshot }, 2), { ...there, script: 2 }, open({ snapshot, from: "v0·000" }, 3), {
    ...there,
    script: 3,
  });
  const [same, moved] = await stage.play({ ...message("get"), script: 2 }, { ...message("get"), script: 3 });
  expect(same?.value).toEqual([{ n: 1 }, users]);
  expect(moved?.value).toEqual([{ n: 1, from: "v0·000" }, users]);
  await stage.message("set", ["now", "a", "list"]);
  expect((await stage.snapshot()).state).toEqual(["now", "a", "list"]);
  const { failure } = await stage.message("set", 5);
  expect(failure?.detail).toContain("the state must be a plain object or an array, not 5");
  expect((await stage.snapshot()).state).toEqual(["now", "a", "list"]);
});

test("an open that fails leaves no script behind", async () => {
  const stage = await Stage.of({
    "rooms/m.ts": room("{ state: () => { throw new Error('no state'); }, migrate: () => { for (;;); } }"),
    "rooms/five.ts": room("{ state: () => 5 }"),
    "rooms/loop.ts": room("{ state: () => { const a = {}; a.a = a; return a; } }"),
  });
  const of = (type: string, changes = {}) => open({ room: { name: "r", type, maxUsers: 1 }, ...changes });
  const results = await stage.play(
    of("m"),
    of("five"),
    of("loop"),
    of("none"),
    of("m", { snapshot: { state: {} }, from: "v0" }),
    message("x"),
  );
  expect(results.map(({ failure: body }) => body?.detail?.split("\n")[0])).toEqual([
    "Error: no state",
    "TypeError: state() must return a plain object or an array, not 5",
    "TypeError: state().a is a circle, which JSON can't write (rooms/loop.ts:2:36)",
    'Error: there is no room type "none"',
    "It took longer than its 40 ms of CPU time (limits.migrate).",
    "Error: the script is not open",
  ]);
});

test("state over its limit can't be snapshotted", async () => {
  const stage = await Stage.room("messages: { grow(room) { room.state.x = 'x'.repeat(2000); } }", {
    limits: { ...limits, state: 1000 },
  });
  await stage.message("grow");
  const [result] = await stage.play({ kind: "snapshot" });
  expect(result?.failure?.detail).toContain("the state is larger than 1000 bytes");
});

test("a room gets no state over its limit from state(), migrate(), init, or a version whose limit was higher", async () => {
  const large = "({ x: 'x'.repeat(2000) })";
  const stage = await Stage.of(
    {
      "rooms/first.ts": room(`{ state: () => ${large} }`),
      "rooms/moved.ts": room(`{ migrate: (state) => (state.isSmall ? state : ${large}) }`),
      "rooms/plain.ts": room("{}"),
      "rooms/init.ts": room(`{ events: { init(room) { room.state = ${large}; } } }`),
    },
    { limits: { ...limits, state: 1000 } },
  );
  const of = (type: string, script: number, snapshot?: unknown) =>
    open(
      { room: { name: "r", type, maxUsers: 1 }, ...(snapshot ? { snapshot, from: "v0·000" } : {}) },
      script,
    );
  const snapshot = (state: object) => ({ state });
  const results = await stage.play(
    of("first", 1),
    of("moved", 2, snapshot({})),
    of("moved", 3, snapshot({ isSmall: true })),
    of("plain", 4, snapshot({ x: "x".repeat(2000) })),
    of("plain", 5, snapshot({ x: "é".repeat(400) })),
    of("init", 6),
    { kind: "init", script: 6 },
  );
  expect(results.map(({ failure }) => failure?.detail?.split("\n")[0] ?? "ok")).toEqual([
    "Error: the state of state() is larger than 1000 bytes: it has 2008 (limits.state)",
    "Error: the state of migrate() is larger than 1000 bytes: it has 2008 (limits.state)",
    "ok",
    "Error: the state is larger than 1000 bytes: it has 2008 (limits.state)",
    "ok",
    "ok",
    "Error: the state is larger than 1000 bytes: it has 2008 (limits.state)",
  ]);
});

test("an answer that is long enough is given, and the events behind it are not run", async () => {
  const stage = await Stage.room("messages: { say: () => 'x'.repeat(400_000) }", {
    limits: { ...limits, message: 1_000_000, output: 1_000_000, cpuPerEvent: 1000 },
  });
  const before = stage.sent.length;
  const results = await stage.play(...Array.from({ length: 5 }, () => message("say")));
  expect(results.map(({ value }) => (value as string).length)).toEqual(Array(5).fill(400_000));
  const answers = stage.sent.slice(before).filter(({ kind }) => kind === ToServer.answer);
  expect(answers.length).toBeGreaterThan(1);
  expect(Math.max(...answers.map(({ bytes }) => bytes.length))).toBeLessThan(1_300_000);
});
