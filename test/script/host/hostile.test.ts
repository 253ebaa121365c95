import { expect, test } from "bun:test";
import { MADE, ToServer } from "../../../src/script/wire/frame_kinds.ts";
import { message, open, Stage } from "./stage.ts";

const mebibyte = 1024 * 1024;

/** Code that never ends but can be interrupted. */
const endless: Record<string, string> = {
  "a loop": "for (;;);",
  "a loop in finally": "try { for (;;); } finally { for (;;); }",
  "a loop that catches": "for (;;) { try { for (;;); } catch {} }",
  "a getter": "const o = { get x() { for (;;); } }; o.x;",
  toJSON: "room.broadcast('x', { toJSON() { for (;;); } });",
  "toJSON of the result": "return { toJSON() { for (;;); } };",
  "a proxy": "const p = new Proxy({}, { get() { for (;;); } }); JSON.stringify(p);",
  "a proxy thrown": "throw new Proxy({}, { get() { for (;;); }, getPrototypeOf() { for (;;); } });",
  "a getter of the error": "throw { get message() { for (;;); } };",
  "a proxy logged": "console.log(new Proxy({}, { ownKeys() { for (;;); } }));",
  "a sort": "[3, 1, 2].sort(() => { for (;;); });",
  "a pattern": "/^(a+)+$/.test('a'.repeat(50) + 'b');",
  "a generator": "function* g() { for (;;) yield 1; } for (const x of g());",
  "a generator's return":
    "function* g() { try { yield 1; } finally { for (;;); } } for (const x of g()) break;",
};

for (const [name, code] of Object.entries(endless)) {
  test(`${name} that never ends fails its event, not its neighbours`, async () => {
    const stage = await Stage.room(`state: () => ({ n: 0 }), messages: {
      add(room) { room.broadcast("added", ++room.state.n); }, bad(room) { room.broadcast("lost"); console.log("kept"); ${code} } }`);
    const results = await stage.play(
      message("add"),
      message("bad"),
      message("add"),
      message("bad"),
      message("add"),
    );
    expect(results.map(({ status }) => status)).toEqual([
      "ok",
      "handler_failed",
      "ok",
      "handler_failed",
      "ok",
    ]);
    expect(results[1]).toMatchObject({ failure: { limit: "cpu" }, effects: [], logs: [["info", "kept"]] });
    expect(results[4]?.effects).toEqual([["broadcast", "added", 3, 0]]);
    expect((await stage.snapshot()).state).toEqual({ n: 3 });
  });
}

test("an endless loop after an await fails its event alone", async () => {
  const stage = await Stage.room(
    `messages: { ok: () => 1, async bad(room) { await 0; room.broadcast("lost"); for (;;); } }`,
  );
  const [a, bad, b] = await stage.play(message("ok"), message("bad"), message("ok"));
  expect([a?.value, bad?.status, bad?.failure?.limit, bad?.effects, b?.value]).toEqual([
    1,
    "handler_failed",
    "cpu",
    [],
    1,
  ]);
});

test("a loop in a promise's executor fails its event although the promise takes the interrupt", async () => {
  const stage = await Stage.room(
    `messages: { ok: () => 1, bad() { try { new Promise(() => { for (;;); }).catch(() => {}); } catch {} return 1; } }`,
  );
  const [a, bad, b] = await stage.play(message("ok"), message("bad"), message("ok"));
  expect([a?.value, bad?.status, bad?.failure?.limit, b?.value]).toEqual([1, "handler_failed", "cpu", 1]);
});

test("chains of jobs that go on after an interrupt poison the sandbox and name their event", async () => {
  const stage = await Stage.room(`messages: { ok: () => 1,
    bad() { const next = () => Promise.resolve().then(next); for (let i = 0; i < 1000; i++) next(); } }`);
  await expect(stage.play(message("ok"), message("bad"), message("ok"))).rejects.toThrow("no answer");
  const { text, id } = stage.last(ToServer.poisoned) ?? { text: "{}", id: 0 };
  expect(id).toBe(1);
  expect(JSON.parse(text)).toMatchObject({
    reason: "the engine failed: jobs that never end",
    culprit: [1, 5],
  });
  const before = stage.sent.length;
  await expect(stage.play(message("ok"))).rejects.toThrow("no answer: []");
  expect(stage.sent.length).toBe(before);
});

/** Recursion through the engine's C code, where the stack is deepest for each frame. */
const deep: Record<string, string> = {
  calls: "const f = () => f() + 1; f();",
  map: "const f = () => [1].map(f); f();",
  "JSON both ways": "let o = {}; for (let i = 0; i < 100000; i++) o = { o }; JSON.stringify(o);",
  "JSON.parse": "JSON.parse('['.repeat(100000));",
  toJSON: "const o = { toJSON() { return JSON.stringify(o); } }; JSON.stringify(o);",
  "proxy chain": "let p = {}; for (let i = 0; i < 100000; i++) p = new Proxy(p, {}); p.x;",
  "bound chain": "let f = () => {}; for (let i = 0; i < 2000; i++) f = f.bind(); f();",
  toString: "const o = { toString() { return String(o); } }; String(o);",
  replace: "const f = () => 'a'.replace(/a/, f); f();",
  sort: "const f = () => [1, 2].sort(f); f();",
  "reflect apply": "const f = () => Reflect.apply(f, null, []); f();",
  "instance of": "const o = { [Symbol.hasInstance]: (x) => x instanceof o }; 1 instanceof o;",
  "broadcast in toJSON": "const o = { toJSON() { room.broadcast('x', o); } }; room.broadcast('x', o);",
  "a pattern": "new RegExp('('.repeat(50000) + ')'.repeat(50000));",
};

for (const [name, code] of Object.entries(deep)) {
  test(`recursion by ${name} fails its event and leaves the sandbox whole`, async () => {
    const stage = await Stage.room(`messages: { ok: () => 1, bad(room) { ${code} } }`, {
      limits: { ...(await import("./stage.ts")).limits, cpuPerEvent: 2000 },
    });
    const [a, bad, b] = await stage.play(message("ok"), message("bad"), message("ok"));
    expect([a?.value, bad?.status, bad?.effects, b?.value]).toEqual([1, "handler_failed", [], 1]);
  });
}

test("a stack that is full is told as a limit, with the place", async () => {
  const stage = await Stage.room("messages: { bad() {\n  const f = () => f() + 1;\n  f(); } }");
  const { failure } = await stage.message("bad");
  expect(failure?.limit).toBe("stack");
  expect(failure?.position).toMatchObject({ file: "rooms/m.ts", line: 3 });
});

test("memory is capped, the event fails and the sandbox goes after its answer", async () => {
  const { limits } = await import("./stage.ts");
  const growing: Record<string, string> = {
    arrays: "const a = []; for (;;) a.push(new Array(1000).fill(1));",
    strings: "const a = []; for (let i = 0; ; i++) a.push(String(i).repeat(1000));",
    buffers: "const a = []; for (;;) a.push(new ArrayBuffer(1000000));",
    state: "for (let i = 0; ; i++) room.state['k' + i] = 'x'.repeat(1000);",
  };
  for (const [name, code] of Object.entries(growing)) {
    const stage = await Stage.room(`messages: { ok: () => 1, bad(room) { ${code} } }`, {
      limits: { ...limits, memory: 20 * mebibyte, cpuPerEvent: 2000 },
    });
    const results = await stage.play(message("ok"), message("bad")).catch(() => undefined);
    const poisoned = JSON.parse(stage.sent.at(-1)?.text ?? "");
    // Where even the failure can't be written down, nothing of the batch counts and its event is named.
    if (results === undefined) expect([name, poisoned.culprit]).toEqual([name, [1, 5]]);
    else expect([name, results[0]?.value, results[1]?.status]).toEqual([name, 1, "handler_failed"]);
    if (results !== undefined) expect(poisoned).toEqual({ reason: "memory ran out", cpu: 0, full: true });
    expect(stage.sent.at(-1)).toMatchObject({ kind: ToServer.poisoned, id: 1 });
  }
}, 20_000);

test("the prelude does not use what a script can replace", async () => {
  const stage = await Stage.room(
    `state: () => ({ n: 0 }), messages: { add: { schema: v.object({ n: v.number() }), handle(room, user, { n }) { room.state.n += n; room.broadcast("added", { n, by: user.name }, { except: ["u2"] }); console.log("n", { n }); return { n }; } },
      boom() { throw new Error("boom"); }, no() { refuse("no"); } }, events: { join() {}, leave() {} }`,
    {},
    `import * as v from "valibot";`,
  );
  const spoil = `events: { init() {
    const bad = () => { throw new Error("spoilt"); };
    for (const owner of [Object, Reflect, JSON, Math, Number, String, Array, Array.prototype, String.prototype, RegExp.prototype,
        Function.prototype, Map.prototype, Set.prototype, Promise, Promise.prototype, Date.prototype, Date, Error.prototype, Object.prototype]) {
      for (const key of Reflect.ownKeys(owner)) {
        const { configurable, writable } = Reflect.getOwnPropertyDescriptor(owner, key);
        if (key === "constructor" || key === "prototype" || key === Symbol.hasInstance) continue;
        if (configurable || writable) all.push([owner, key]);
      }
    }
    const { defineProperty } = Object;
    for (let i = 0; i < all.length; i++) { try { defineProperty(all[i][0], all[i][1], { value: bad, configurable: true, writable: true }); } catch {} }
    for (const key in { data: 1, user: 1, script: 1, limit: 1, issues: 1, failure: 1, get: 1, enumerable: 1 }) { try { defineProperty(Object.prototype, key, { get: bad, set: bad, configurable: true }); } catch {} }
    globalThis.JSON = globalThis.Reflect = globalThis.Float64Array = undefined;
  } },`;
  const spoilt = await Stage.room(
    `${spoil} state: () => ({ n: 0 }), messages: { add(room, user, data) { room.state.n += data.n; room.broadcast("added", data, { except: others }); console.log("n", data); return data; },
      who: (room) => room.users[0].name + " of " + room.users.length,
      boom() { throw new Error("boom"); }, no() { refuse("no"); } }`,
    {},
    "const all = []; const others = ['u2'];",
  );
  const events = [
    message("add", { n: 2 }),
    message("boom"),
    message("no"),
    message("nope"),
    { kind: "leave", user: "u2" },
    { kind: "snapshot" },
  ];
  const results = await spoilt.play({ kind: "init" }, ...events);
  expect(results.map(({ status }) => status)).toEqual([
    "ok",
    "ok",
    "handler_failed",
    "refused",
    "no_handler",
    "ok",
    "ok",
  ]);
  expect(results[1]).toMatchObject({
    value: { n: 2 },
    effects: [["broadcast", "added", { n: 2 }, ["u2"]]],
    logs: [["info", "n { n: 2 }"]],
  });
  expect(results[2]?.failure?.detail).toContain("boom");
  expect(results[6]?.value).toEqual({ state: { n: 2 } });
  expect((await spoilt.message("who")).value).toBe("ann of 1");
  expect((await stage.message("add", { n: 1 })).status).toBe("ok");
});

test("there is no code from strings", async () => {
  const stage = await Stage.room(`messages: { run(room, user, code) {
    const ways = { eval: () => eval("1"), indirect: () => (0, eval)("1"), Function: () => Function("1"), new: () => new Function("1"),
      arrow: () => (() => {}).constructor("1"), async: () => (async () => {}).constructor("1"), generator: () => (function* () {}).constructor("1"),
      asyncGenerator: () => (async function* () {}).constructor("1"), reflect: () => Reflect.construct((class {}).constructor, ["1"]),
      extend: () => new (class extends (() => {}).constructor {})("1"), room: () => room.broadcast.constructor("1"), refuse: () => refuse.constructor("1"),
      prototype: () => Object.getPrototypeOf(async () => {}).constructor.prototype.constructor("1") };
    try { return ways[code]() ?? "ran"; } catch (error) { return error.message; } } }`);
  for (const way of [
    "eval",
    "indirect",
    "Function",
    "new",
    "arrow",
    "async",
    "generator",
    "asyncGenerator",
    "reflect",
    "extend",
    "room",
    "refuse",
    "prototype",
  ]) {
    expect([way, (await stage.message("run", way)).value]).toEqual([
      way,
      "Code from strings is not allowed.",
    ]);
  }
});

test("the API is frozen and the prelude is out of reach", async () => {
  const stage = await Stage.room(`messages: { look(room, user) {
    const tries = [() => { room.extra = 1; }, () => { room.broadcast = 1; }, () => { Object.getPrototypeOf(room).send = 1; }, () => { room.application.emit = 1; },
      () => { user.name = "x"; }, () => { room.users.push(1); }, () => { Object.getPrototypeOf(room.application.room("x")).close = 1; }, () => { Object.getPrototypeOf(user).toString = 1; }];
    return [tries.map((attempt) => { try { attempt(); return "changed"; } catch (error) { return error.constructor.name; } }),
      Reflect.ownKeys(room), typeof WeakRef, typeof FinalizationRegistry, typeof SharedArrayBuffer, typeof drain];
  } }`);
  const kinds = Array(8).fill("TypeError");
  expect((await stage.message("look")).value).toEqual([
    kinds,
    [],
    "undefined",
    "undefined",
    "undefined",
    "undefined",
  ]);
});

test("no text breaks the crossing", async () => {
  const stage =
    await Stage.room(`messages: { echo(room, user, data) { console.log(data); room.broadcast("x", data); return data; }, cut: () => "\\ud83d", nul: () => "a\\0b",
    logs() { console.log("a\\0b\\ud800c"); console.log("\\udfff"); }, no() { refuse("\\0\\ud800"); }, boom() { throw new Error("\\ud800\\0"); }, snap(room) { room.state.x = "\\ud800\\0"; room.broadcast("\\ud800"); } }`);
  const text = '\u0000\u0001\u001f"\\\u2028é€\u{1F600}\u007f\n';
  const [echo] = await stage.play(message("echo", text));
  expect([echo?.value, echo?.effects[0]?.[2]]).toEqual([text, text]);
  const results = await stage.play(
    message("cut"),
    message("nul"),
    message("logs"),
    message("no"),
    message("boom"),
    message("snap"),
    { kind: "snapshot" },
  );
  expect(results.map(({ value }) => value).slice(0, 2)).toEqual(["\ud83d", "a\0b"]);
  expect(results[2]?.logs).toEqual([
    ["info", "a\u2400b\ufffdc"],
    ["info", "\ufffd"],
  ]);
  expect(results[3]?.failure?.message).toBe("\u2400\ufffd");
  expect(results[4]?.failure?.detail).toContain("Error: \ufffd\u2400");
  expect(results[6]?.value).toMatchObject({ state: { x: "\ud800\0" } });
});

test("progress tells that the sandbox is made, then names the event that runs, from the interrupt handler", async () => {
  const { limits } = await import("./stage.ts");
  const stage = await Stage.room("messages: { slow() { for (;;); }, ok: () => 1 }", {
    limits: { ...limits, cpuPerEvent: 180 },
  });
  const began = performance.now();
  await stage.play(message("ok"), message("slow"), message("ok"));
  const took = performance.now() - began;
  const reports = stage.sent
    .filter(({ kind }) => kind === ToServer.progress)
    .map(({ id, text }) => [id, text]);
  expect(reports.length).toBeGreaterThanOrEqual(2);
  // One in 50 ms, and a first one.
  expect(reports.length).toBeLessThanOrEqual(took / 50 + 1);
  expect(new Set(reports.map(String))).toEqual(new Set([`1,${MADE}`, "1,[1,5]"]));
});

test("a handler may be async, its value is what it settles to", async () => {
  const stage =
    await Stage.room(`messages: { async ok(room) { await 0; await new Promise((done) => done()); room.broadcast("late", 1); return 5; }, async no() { await 0; refuse("Async no."); },
    async boom() { await 0; throw new Error("late boom"); }, never: () => new Promise(() => {}), thenable: () => ({ then(done) { done(7); } }), stray(room) { Promise.resolve().then(() => room.broadcast("stray")); } }`);
  const [ok, no, boom, never, thenable, stray] = await stage.play(
    ...["ok", "no", "boom", "never", "thenable", "stray"].map((type) => message(type)),
  );
  expect(ok).toMatchObject({ value: 5, effects: [["broadcast", "late", 1, 0]] });
  expect(no).toMatchObject({ status: "refused", failure: { message: "Async no." } });
  expect(boom?.failure?.position?.file).toBe("rooms/m.ts");
  expect(never?.failure?.detail).toContain("did not settle");
  expect(thenable?.value).toBe(7);
  expect(stray?.effects).toEqual([["broadcast", "stray", undefined, 0]]);
});

test("jobs of code that hides its promises are found", async () => {
  const stage = await Stage.room(
    `state: () => ({ n: 0 }), messages: { hide(room) { const P = globalThis["Pro" + "mise"]; P.resolve()["th" + "en"](() => { room.state.n++; room.broadcast("x"); }); } }`,
  );
  const first = await stage.message("hide");
  const second = await stage.message("hide");
  expect([first.effects, second.effects]).toEqual([[], [["broadcast", "x", undefined, 0]]]);
  expect((await stage.snapshot()).state).toEqual({ n: 2 });
});

test("garbage that is thrown is told as well as it can be", async () => {
  const stage =
    await Stage.room(`messages: { bad(room, user, i) { const things = [() => undefined, () => null, () => "text", () => 5, () => Symbol("s"), () => ({}), () => [], () => ({ message: {} }), () => Object.create(null),
    () => { const e = new Error("x"); Object.defineProperty(e, "message", { get() { throw 1; } }); return e; }, () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; }, () => ({ stack: "    at x (rooms/m.ts:99999999999:1)", message: "m" })];
    throw things[i](); } }`);
  for (let i = 0; i < 12; i++) {
    const { status, failure } = await stage.message("bad", i);
    expect([i, status, typeof failure?.detail]).toEqual([i, "handler_failed", "string"]);
  }
  await stage.play(open({}, 2));
});
