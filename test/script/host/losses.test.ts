/** What JSON would change: an error of what makes a state, a warning of what is left in one, or gets lost of what is sent. */
import { expect, test } from "bun:test";
import { join, message, open, Stage } from "./stage.ts";

/** A value, and what is told of it in a state at the path `.a`, or, in `sent`, of one that is sent. */
const values: Record<string, { code: string; path?: string; told?: string; sent?: string | null }> = {
  infinity: { code: "({ a: Infinity })", told: "Infinity, which JSON makes null" },
  "minus infinity": { code: "({ a: -Infinity })", told: "-Infinity, which JSON makes null" },
  "not a number": { code: "({ a: NaN })", told: "NaN, which JSON makes null" },
  "minus zero": { code: "({ a: -0 })" },
  nothing: { code: "({ a: undefined, b: null })" },
  "nothing in a list": {
    code: "({ a: [1, undefined] })",
    path: ".a[1]",
    told: "undefined, which JSON makes null",
  },
  "a hole in a list": { code: "({ a: [1, , 2] })", path: ".a[1]", told: "undefined, which JSON makes null" },
  "a map": { code: "({ a: new Map([[1, 2]]) })", told: "a Map, which JSON makes {}" },
  "a set": { code: "({ a: new Set([1]) })", told: "a Set, which JSON makes {}" },
  "a date": { code: "({ a: new Date(0) })", told: "a Date, which JSON makes a text", sent: null },
  "a typed array": {
    code: "({ a: new Int16Array(2) })",
    told: "an Int16Array, which JSON makes another object",
  },
  "an object of a class": {
    code: "({ a: new (class Player { name = 'x'; })() })",
    told: "a Player, which JSON makes another object",
    sent: null,
  },
  "an error": { code: "({ a: new Error('x') })", told: "an Error, which JSON makes another object" },
  "an expression": { code: "({ a: /x/ })", told: "a RegExp, which JSON makes another object" },
  // Of what is sent only what leaves a mark in the text is looked for.
  "a function": { code: "({ a: () => 1 })", told: "a function, which JSON leaves out" },
  "a symbol in a list": {
    code: "({ a: [Symbol()] })",
    path: ".a[0]",
    told: "a symbol, which JSON makes null",
  },
  toJSON: {
    code: "({ a: { toJSON: () => 5 } })",
    path: ".a.toJSON",
    told: "a function, which JSON leaves out",
    sent: null,
  },
  "an object without a prototype": { code: "({ a: Object.assign(Object.create(null), { b: 1 }) })" },
  "what lies deep": {
    code: "({ a: { players: [{ 'my best': Infinity }] } })",
    path: '.a.players[0]["my best"]',
    told: "Infinity, which JSON makes null",
  },
  "a getter": { code: "({ get a() { throw new Error('never read'); }, b: 1 })", sent: null },
};
const unwritable: typeof values = {
  bytes: { code: "({ a: new Uint8Array(2) })", told: "a Uint8Array, which JSON can't write" },
  "a big integer": { code: "({ a: 1n })", told: "a BigInt, which JSON can't write" },
  "a circle": {
    code: "(() => { const a = { b: {} }; a.b.a = a; return a; })()",
    path: ".b.a",
    told: "a circle, which JSON can't write",
  },
};

const roomOf = (definition: string) =>
  `import { defineRoom, refuse } from "hotroom";\nexport default defineRoom({ ${definition} });`;
const of = (type: string, script = 1) => open({ room: { name: "r", type, maxUsers: 1 } }, script);

test.each(Object.entries({ ...values, ...unwritable }))(
  "state() and migrate() fail with the path where they return %s, if JSON changes that",
  async (name, { code, path = ".a", told }) => {
    if (name === "a getter") return;
    const stage = await Stage.of({
      "rooms/m.ts": roomOf(`state: () => ${code}`),
      "rooms/n.ts": roomOf(`migrate: () => ${code}`),
    });
    const moved = open(
      { room: { name: "r", type: "n", maxUsers: 1 }, snapshot: { state: {} }, from: "v0" },
      2,
    );
    const results = await stage.play(of("m"), moved);
    const details = results.map(({ failure }) => failure?.detail?.split("\n")[0]);
    const expected = ["state()", "migrate()"].map((what) =>
      told
        ? `TypeError: ${what}${path} is ${told} (rooms/${what[0] === "s" ? "m.ts:2:36" : "n.ts:2:38"})`
        : undefined,
    );
    expect(details).toEqual(expected);
  },
);

test.each(Object.entries({ ...values, ...unwritable }))(
  "a handler that leaves %s in the state is warned of once, with the path and the event",
  async (_, { code, path = ".a", told }) => {
    const stage = await Stage.room(`messages: { set(room) { room.state = ${code}; } }`);
    const logs = [];
    for (let n = 0; n < 3; n++) logs.push(...(await stage.message("set")).logs);
    const line = `room.state${path} is ${told} (seen after message "set", rooms/m.ts:2:41).`;
    expect(logs).toEqual(told ? [["warn", line]] : []);
  },
);

test.each(Object.entries(values))(
  "what is sent and gets lost is warned of once, with the path and the line: %s",
  async (name, { code, path = ".a", told, sent }) => {
    if (name === "a getter") return;
    const calls = { "room.broadcast": "room.broadcast('x', it)", "room.send": "room.send(user, 'x', it)" };
    const more = {
      "room.emit": "room.emit('x', it)",
      "room.schedule": "room.schedule('t', 1, it)",
      refuse: "refuse('no', it)",
    };
    for (const [what, call] of Object.entries({ ...calls, ...more })) {
      const stage = await Stage.room(
        `timers: { t() {} }, messages: { send(room, user) {\nconst it = ${code};\n${call};\n} }`,
      );
      const logs = [];
      for (let n = 0; n < 3; n++) logs.push(...(await stage.message("send")).logs);
      const isTold = told !== undefined && sent !== null;
      const line = expect.stringMatching(/ \(rooms\/m\.ts:4:\d+\)\.$/);
      expect(logs).toEqual(isTold ? [["warn", line]] : []);
      if (isTold) expect(logs[0]?.[1]).toStartWith(`${what}: data${path} is ${told} (`);
    }
  },
);

test("a reply that gets lost is warned of, and data of one that is none is not", async () => {
  const stage = await Stage.room(
    "messages: { lap: () => ({ best: Infinity }), none: () => ({ best: null, of: {} }) }",
  );
  expect((await stage.message("lap")).logs).toEqual([
    ["warn", 'The result of "lap": data.best is Infinity, which JSON makes null (rooms/m.ts:2:46).'],
  ]);
  expect((await stage.message("none")).logs).toEqual([]);
});

test("paths that differ in numbers are told as one, and no more than a hundred of a sandbox", async () => {
  const stage = await Stage.room(
    `state: () => ({ list: [] }), messages: { add(room, user, at) { room.state.list[at] = NaN; for (let n = 0; n < at; n++) room.state.list[n] = 0; },
    key(room, user, key) { room.state = { [key]: NaN }; } }`,
  );
  const logs = [];
  for (let at = 0; at < 5; at++) logs.push(...(await stage.message("add", at)).logs);
  expect(logs).toHaveLength(1);
  const key = (n: number) =>
    String.fromCharCode(97 + (n % 26)) + String.fromCharCode(97 + Math.floor(n / 26));
  for (let n = 0; n < 150; n++) logs.push(...(await stage.message("key", key(n))).logs);
  expect(logs).toHaveLength(100);
});

test("each path of a state and of what is sent is warned of, also what comes behind others", async () => {
  const stage = await Stage.room(
    `messages: { set(room, user, names) { for (const name of names) room.state[name] = name.startsWith("m") ? new Map() : NaN; },
    send(room) { room.broadcast("x", { a: NaN, b: [Infinity, Infinity], c: new Map() }); } }`,
  );
  const pathsOf = ({ logs }: { logs: [string, string][] }) =>
    logs.map(([, line]) => line.slice(0, line.indexOf(" is ")));
  expect(pathsOf(await stage.message("set", ["x", "m"]))).toEqual(["room.state.x", "room.state.m"]);
  for (let n = 0; n < 60; n++) expect((await stage.message("set", [])).logs).toEqual([]);
  expect(pathsOf(await stage.message("set", ["y", "mm"]))).toEqual(["room.state.y", "room.state.mm"]);
  expect(pathsOf(await stage.message("send"))).toEqual(
    ["a", "b[0]", "c"].map((of) => `room.broadcast: data.${of}`),
  );
  expect((await stage.message("send")).logs).toEqual([]);
});

test("a snapshot warns of what no event was seen to leave, and a replay of nothing", async () => {
  const stage = await Stage.of({
    "rooms/m.ts": roomOf("messages: { set(room) { room.state.best = Infinity; }, no() {} }"),
  });
  await stage.play(of("m"), join("u1", "ann"));
  for (let n = 0; n < 4; n++) await stage.play(...Array.from({ length: 100 }, () => message("no")));
  expect((await stage.message("set")).logs).toEqual([]);
  const [result] = await stage.play({ kind: "snapshot" });
  expect(result?.logs).toEqual([["warn", "room.state.best is Infinity, which JSON makes null."]]);
  const other = await Stage.room("messages: { set(room) { room.state.best = Infinity; } }");
  const [muted] = await other.play({ ...message("set"), flags: 2 });
  expect(muted?.logs).toEqual([]);
  expect((await other.message("set")).logs).toHaveLength(1);
});

test("a look at what can't be read fails no event", async () => {
  const stage = await Stage.room(
    "messages: { set(room) { room.state.p = new Proxy({}, { ownKeys() { throw 1; } }); return 1; } }",
  );
  expect(await stage.message("set")).toMatchObject({ status: "ok", value: 1, logs: [] });
});
