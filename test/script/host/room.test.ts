import { expect, test } from "bun:test";
import { isName } from "../../../src/protocol/names.ts";
import { Flag } from "../../../src/script/wire/batch/batch.ts";
import { join, message, open, Stage } from "./stage.ts";

test("a room is what its open request says", async () => {
  const stage = await Stage.room(`messages: { show: (room, user) => ({
    name: room.name, type: room.type, version: room.version, max: room.maxUsers, app: room.application.name,
    text: \`\${room} \${room.application} \${user}\`, users: room.users, ben: room.user("ben").id, u2: room.user("u2").name }) }`);
  expect((await stage.message("show")).value).toEqual({
    name: "lobby",
    type: "m",
    version: "v1·abc",
    max: 4,
    app: "game",
    text: "lobby game ann",
    users: [
      { id: "u1", name: "ann" },
      { id: "u2", name: "ben" },
    ],
    ben: "u2",
    u2: "ben",
  });
});

test("every effect of a room becomes its tuple, in order", async () => {
  const stage = await Stage.room(`timers: { round() {} }, messages: { all(room, user) {
    room.broadcast("a", { x: "ü" }); room.broadcast("a", 1, { except: user }); room.broadcast("a", undefined, { except: ["u1", "ben"] });
    room.broadcast("a", 2, { except: [] }); room.send(user, "b", null); room.send(["u1", "u2"], "b"); room.send([], "b");
    room.emit("e", [1]); room.kick(user, "why"); room.kick("ben"); room.schedule("round", 50, 1); room.schedule("round", 0); room.cancel("round"); room.schedule("round", 5, 2, { key: "ann" }); room.cancel("round", { key: "ann" });
    room.close("done"); const app = room.application;
    app.broadcast("c", 1); app.send("u9", "d", 2); app.kick("u9", "out"); app.emit("f"); app.createRoom("x", { type: "m" }); app.createRoom("y");
    app.room("x").emit("g", 1); app.room("x").broadcast("h", 2); app.room("x").close();
    room.move(user, "x", { seat: 1 }); room.move("ben", "y"); app.join("u9", "x");
    room.update({ maxUsers: Infinity, locked: true, hidden: undefined, password: null, meta: { m: [1] } }); room.update({});
  } }`);
  expect((await stage.message("all")).effects).toEqual([
    ["broadcast", "a", { x: "ü" }, 0],
    ["broadcast", "a", 1, ["u1"]],
    ["broadcast", "a", undefined, ["u1", "ben"]],
    ["broadcast", "a", 2, 0],
    ["send", "b", null, ["u1"]],
    ["send", "b", undefined, ["u1", "u2"]],
    ["emit", "e", [1], "lobby"],
    ["kick", "u1", "why"],
    ["kick", "ben", ""],
    ["schedule", "round", 1, 50, 0],
    ["schedule", "round", undefined, 0, 0],
    ["cancel", "round", 0],
    ["schedule", "round", 2, 5, "ann"],
    ["cancel", "round", "ann"],
    ["closeRoom", 0, "done"],
    ["broadcastApplication", "c", 1],
    ["sendApplication", "d", 2, ["u9"]],
    ["kickApplication", "u9", "out"],
    ["emit", "f", undefined, 0],
    ["createRoom", "x", { type: "m" }],
    ["createRoom", "y", {}],
    ["emit", "g", 1, "x"],
    ["broadcastRoom", "h", 2, "x"],
    ["closeRoom", "x", ""],
    ["move", "u1", { seat: 1 }, "x"],
    ["move", "ben", undefined, "y"],
    ["join", "u9", undefined, "x"],
    ["updateRoom", undefined, { maxUsers: null, locked: true, password: null, meta: { m: [1] } }],
    ["updateRoom", undefined, {}],
  ]);
});

test("data is written at the time of the call", async () => {
  const stage = await Stage.room(
    `messages: { twice(room) { const d = { n: 1 }; room.broadcast("a", d); d.n = 2; room.broadcast("a", d); } }`,
  );
  expect((await stage.message("twice")).effects.map(([, , data]) => data)).toEqual([{ n: 1 }, { n: 2 }]);
});

test("[P30] the sandbox takes the names that the server takes", async () => {
  const stage = await Stage.room(`messages: { say: (room, user, type) => room.broadcast(type) }`);
  const others = ["’a", "a’", "a–", "\u200ca", "a\u200c", "a\u200c\u200db", "a_\u200db", "a\u202eb", "a😀"];
  for (const name of [
    "O’Brien",
    "‘n",
    "می\u200cخواهم",
    "क्\u200dष",
    "キム・ヨナ",
    "Col·legi",
    `𝒷${"\u200c𝒷".repeat(31)}𝒷`,
    ...others,
  ]) {
    const { failure } = await stage.message("say", name);
    expect([name, failure === undefined]).toEqual([name, isName(name)]);
  }
});

test("wrong arguments fail the event with an error that names the call", async () => {
  const stage = await Stage.room(
    `messages: { call: (room, user, code) => calls[code](room) }`,
    {},
    `const loop = {}; loop.loop = loop;
    const calls = { type: (r) => r.broadcast(5), name: (r) => r.broadcast("__proto__"), fn: (r) => r.broadcast("a", () => {}),
    cyclic: (r) => r.send("u1", "a", loop), big: (r) => r.emit("a", { n: 1n }), to: (r) => r.send(5, "a"), timer: (r) => r.schedule("nope", 5),
    ms: (r) => r.schedule("t", -1), key: (r) => r.schedule("t", 1, 0, { key: 5 }), far: (r) => r.cancel("t", { key: "a".repeat(65) }), which: (r) => r.cancel("t", "ann"), reason: (r) => r.kick("u1", {}), options: (r) => r.application.createRoom("x", 5), result: () => loop };`,
  );
  const failures: Record<string, string> = {
    type: "room.broadcast: the type must be a name, not 5",
    name: 'room.broadcast: the type must be a name, not "__proto__"',
    fn: "room.broadcast: the data can't be written as JSON: it is a function",
    cyclic: "room.send: the data can't be written as JSON: circular reference",
    big: "room.emit: the data can't be written as JSON: BigInt",
    to: "room.send: a user must be given as object, id or name, not 5",
    timer: "room.schedule: there is no timers.nope to run",
    key: "room.schedule: the key must be a name, not 5",
    far: 'room.cancel: the key must be a name, not "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"',
    which: 'room.cancel: the options must be an object, not "ann"',
    ms: "room.schedule: the time must be 0 to 2147483647 ms, not -1",
    reason: "room.kick: the reason must be a text of at most 1024 characters, not an object",
    options: "application.createRoom: the options must be an object, not 5",
    result: 'The result of "call": the data can\'t be written as JSON: circular reference',
  };
  for (const [code, detail] of Object.entries(failures)) {
    const { status, failure, effects } = await stage.message("call", code);
    expect([status, failure?.message, effects]).toEqual([
      "handler_failed",
      'Cannot handle "call": its handler failed.',
      [],
    ]);
    expect(failure?.detail).toContain(`TypeError: ${detail}`);
    if (code !== "result") expect(failure?.position?.file).toBe("rooms/m.ts");
  }
});

test("a user is frozen and the same object while it is a member", async () => {
  const stage = await Stage.room(
    `events: { leave(room, user) { room.broadcast("left", { same: user === seen, users: room.users.length }); } },
    messages: { keep(room, user) { const same = seen === user; seen = user; return [same, Object.isFrozen(user), room.users === room.users, Object.isFrozen(room.users)]; } }`,
    {},
    "let seen;",
  );
  expect((await stage.message("keep")).value).toEqual([false, true, true, true]);
  expect((await stage.message("keep")).value).toEqual([true, true, true, true]);
  const [left] = await stage.play({ kind: "leave", user: "u1" });
  expect(left?.effects).toEqual([["broadcast", "left", { same: true, users: 1 }, 0]]);
});

test("join can be refused, the user is in the room meanwhile and gone afterwards", async () => {
  const stage = await Stage.room(`events: { join(room, user, data) {
    if (data?.no) { room.send(user, "x"); refuse("Not you, " + room.users.at(-1).name + "."); }
    if (data?.boom) throw new Error("boom");
  } }, messages: { count: (room) => room.users.length }`);
  const [refused, failed, count] = await stage.play(
    join("u3", "cat", { no: 1 }),
    join("u4", "dan", { boom: 1 }),
    message("count"),
  );
  expect(refused).toMatchObject({ status: "refused", failure: { message: "Not you, cat." }, effects: [] });
  expect(failed).toMatchObject({
    status: "handler_failed",
    failure: { message: 'Cannot handle "join": its handler failed.' },
  });
  expect(count?.value).toBe(2);
});

test("messages go to their handler, then to the catch-all, else they have no handler", async () => {
  const stage = await Stage.room(`messages: { move: (room, user, data) => ["move", data] },
    events: { message: (room, user, m) => [m.type, m.data, { ...m }, JSON.stringify(m)] }`);
  expect((await stage.message("move", 1)).value).toEqual(["move", 1]);
  expect((await stage.message("other", 1)).value).toEqual([
    "other",
    1,
    { type: "other", data: 1 },
    '{"type":"other","data":1}',
  ]);
  expect((await stage.message("constructor", [2])).value).toEqual([
    "constructor",
    [2],
    { type: "constructor", data: [2] },
    '{"type":"constructor","data":[2]}',
  ]);
  expect((await stage.message("other")).value).toEqual([
    "other",
    null,
    { type: "other" },
    '{"type":"other"}',
  ]);
  const bare = await Stage.room("messages: {}");
  for (const type of ["other", "constructor", "toString"]) {
    // The server has the words for it.
    expect(await bare.message(type)).toMatchObject({ status: "no_handler", failure: undefined });
  }
});

test("a refusal has its reason, and its data as it was at the time of the call", async () => {
  const stage = await Stage.room(`messages: {
    no() { refuse("No."); },
    early() { const data = { retryAfter: 5 }; try { refuse("Too early.", data); } finally { data.retryAfter = 6; } },
    nothing() { refuse("No.", undefined); }, null() { refuse("No.", null); }, text() { refuse("No.", "\\0\\ud800\\u2028"); },
    circle() { const a = {}; a.a = a; refuse("No.", a); }, big() { refuse("No.", 1n); }, call() { refuse("No.", () => {}); },
    thrown() { refuse("No.", { toJSON() { throw new Error("from toJSON"); } }); },
    long() { refuse("x".repeat(1025)); } }`);
  const refusals: Record<string, object> = {
    no: { message: "No." },
    early: { message: "Too early.", data: '{"retryAfter":5}' },
    nothing: { message: "No." },
    null: { message: "No.", data: "null" },
    text: { message: "No.", data: '"\\u0000\\ud800\u2028"' },
  };
  for (const [type, failure] of Object.entries(refusals)) {
    expect(await stage.message(type)).toMatchObject({ status: "refused", effects: [] });
    expect((await stage.message(type)).failure).toEqual(failure as never);
  }
  const errors: Record<string, string> = {
    circle: "TypeError: refuse: the data can't be written as JSON: circular reference",
    big: "TypeError: refuse: the data can't be written as JSON: ",
    call: "TypeError: refuse: the data can't be written as JSON: it is a function",
    thrown: "Error: from toJSON",
    long: "TypeError: refuse: the reason must be a text of 1 to 1024 characters",
  };
  for (const [type, detail] of Object.entries(errors)) {
    const { status, failure } = await stage.message(type);
    expect([type, status, failure?.data]).toEqual([type, "handler_failed", undefined]);
    expect(failure?.detail).toStartWith(detail);
  }
});

test("a long body that no handler looks at is never parsed", async () => {
  const stage = await Stage.room("events: { message: (room, user, m) => m.type }");
  const [result] = await stage.play({ ...message("x"), text: `{${" ".repeat(500)}broken` });
  expect(result?.value).toBe("x");
});

test("a schema checks the data first, and the failure names the path", async () => {
  const stage = await Stage.room(
    `messages: { move: { schema: v.object({ at: v.object({ cell: v.number() }) }), handle: (room, user, { at }) => at.cell } }`,
    {},
    `import * as v from "valibot";`,
  );
  expect((await stage.message("move", { at: { cell: 3, more: 1 } })).value).toBe(3);
  expect(await stage.message("move", { at: { cell: "x" } })).toMatchObject({
    status: "invalid_data",
    failure: { message: 'Cannot handle "move": at.cell: Invalid type: Expected number but received "x".' },
  });
  expect((await stage.message("move")).status).toBe("invalid_data");
});

test("the other events reach their handlers with their arguments", async () => {
  const stage = await Stage.room(`
    events: { init(room) { room.broadcast("init"); }, leave(room, user, reason) { room.broadcast("leave", [user.name, reason]); }, disconnect(room, user) { room.broadcast("gone", user.name); },
      reconnect(room, user) { room.broadcast("back", user.name); }, emit(room, { type, data }) { room.broadcast("emit", [type, data]); }, close(room, reason) { room.broadcast("close", reason); } },
    emits: { known(room, data) { room.broadcast("known", data); } }, timers: { round(room, data) { room.broadcast("round", data); } },
    tickRate: 5, tick(room, ms) { room.broadcast("tick", ms); }`);
  const results = await stage.play(
    { kind: "init" },
    { kind: "disconnect", user: "u1" },
    { kind: "reconnect", user: "u1" },
    { kind: "leave", user: "u1", data: "bye" },
    { kind: "emit", name: "known", data: 1 },
    { kind: "emit", name: "unknown", data: 2 },
    { kind: "timer", name: "round", data: { n: 1 } },
    { kind: "timer", name: "toString" },
    { kind: "tick", text: "200.5" },
    { kind: "close", data: "over" },
  );
  expect(results.map(({ effects, status }) => (status === "ok" ? effects[0]?.slice(1, 3) : status))).toEqual([
    ["init", undefined],
    ["gone", "ann"],
    ["back", "ann"],
    ["leave", ["ann", "bye"]],
    ["known", 1],
    ["emit", ["unknown", 2]],
    ["round", { n: 1 }],
    "no_handler",
    ["tick", 200.5],
    ["close", "over"],
  ]);
});

test("a value crosses only where somebody waits for it", async () => {
  const stage = await Stage.room("messages: { f: () => () => {}, n: () => 5 }");
  const [f, n] = await stage.play({ ...message("f"), flags: 0 }, { ...message("n"), flags: 0 });
  expect([f?.status, f?.value, n?.value]).toEqual(["ok", undefined, undefined]);
});

test("time and chance come from the batch, the event's own time first", async () => {
  const definition =
    "messages: { dice: () => [Date.now(), +new Date(), new Date(5).getTime(), Math.random(), Math.random(), Date().slice(11, 15)] }";
  const [a, b] = [await Stage.room(definition), await Stage.room(definition)];
  const first = await a.message("dice");
  expect(first.value).toEqual((await b.message("dice")).value);
  const [now, date, fixed, x, y] = first.value as number[];
  expect([now, date, fixed]).toEqual([1_000_000, 1_000_000, 5]);
  expect(x).not.toBe(y);
  expect((await a.message("dice")).value).not.toEqual(first.value);
  const [late] = await a.play({ ...message("dice"), time: 42 });
  expect((late as { value: number[] }).value[0]).toBe(42);
});

test("a muted event changes the state and says nothing", async () => {
  const stage = await Stage.room(
    `state: () => ({ n: 0 }), messages: { add(room) { console.log("x"); room.broadcast("a"); return ++room.state.n; }, no() { refuse("no"); } }`,
  );
  const [add, no] = await stage.play(
    { ...message("add"), flags: Flag.muted },
    { ...message("no"), flags: Flag.muted },
  );
  expect(add).toMatchObject({ status: "ok", value: undefined, effects: [], logs: [] });
  expect(no).toMatchObject({ status: "refused", effects: [] });
  expect((await stage.snapshot()).state).toEqual({ n: 1 });
});

test("several rooms share the sandbox and can't speak for each other", async () => {
  const stage = await Stage.room(
    `messages: { keep(room) { kept = room; }, use() { kept.broadcast("x"); }, name: (room) => room.name }`,
    {},
    "let kept;",
  );
  await stage.play(open({ room: { name: "other", type: "m", maxUsers: 1 } }, 2));
  await stage.message("keep");
  const [use, name] = await stage.play({ ...message("use"), script: 2 }, { ...message("name"), script: 2 });
  expect(use?.failure?.detail).toContain(
    'room.broadcast: room "lobby" can only be used inside its own event handlers',
  );
  expect(name?.value).toBe("other");
  const [, gone] = await stage.play({ kind: "end", script: 2 }, { ...message("name"), script: 2 });
  expect(gone?.failure?.detail).toContain("the script is not open");
});
