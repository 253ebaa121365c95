import { expect, test } from "bun:test";
import { ToHost, ToServer } from "../../../src/script/wire/frame_kinds.ts";
import { reportOn } from "../../../src/source/compile/module_report.ts";
import { directory, limits, loadRequest, message, open, SEED, Stage } from "./stage.ts";

const room = (definition: string) =>
  `import { defineRoom } from "hotroom";\nexport default defineRoom(${definition});`;

async function failure(files: Record<string, string>, changes = {}) {
  const loaded = await new Stage().load(loadRequest(files, changes));
  return loaded.ok ? undefined : loaded;
}

test("a version's definitions are what its default exports declare", async () => {
  const loaded = await new Stage().load(
    loadRequest({
      "app.ts": `import { defineApplication } from "hotroom"; export default defineApplication({ events: { init() {}, login() {} }, migrate: (s) => s });`,
      "rooms/m.ts": room(
        "{ maxUsers: 2, tick() {}, tickRate: 5, messages: { move() {}, constructor() {} }, timers: { round() {} }, emits: { x() {} } }",
      ),
      "rooms/plain.ts": room("{ tick() {}, durable: true }"),
      "lib/other.ts": "export const x = 1;",
    }),
  );
  expect(loaded).toEqual({
    ok: true,
    extension: { kind: "application", hasMigrate: true, handlers: ["events.init", "events.login"] },
    rooms: [
      [
        "m",
        {
          kind: "room",
          maxUsers: 2,
          tickRate: 5,
          hasMigrate: false,
          handlers: ["messages.move", "messages.constructor", "emits.x", "timers.round"],
        },
      ],
      ["plain", { kind: "room", tickRate: 20, hasMigrate: false, isDurable: true, handlers: [] }],
    ],
  });
});

test("messages are told with the fields that a form for them has, where their schema is an object of plain values", async () => {
  const loaded = await new Stage().load(
    loadRequest({
      "rooms/m.ts": `import * as v from "valibot"; import { defineRoom } from "hotroom";
        const handle = () => {};
        const taken = (schema) => ({ schema, handle });
        const many = Object.fromEntries(Array.from({ length: 25 }, (_, i) => ["f" + i, v.string()]));
        export default defineRoom({ messages: {
          say: taken(v.object({ text: v.pipe(v.string(), v.minLength(1)), to: v.optional(v.string()), loud: v.boolean() })),
          move: taken(v.pipe(v.strictObject({ x: v.number(), colour: v.picklist(["red", 7]) }), v.check(() => true))),
          deep: taken(v.object({ at: v.object({ x: v.number() }) })),
          bare: taken(v.string()), many: taken(v.object(many)), nan: taken(v.object({ x: v.picklist([NaN]) })),
          long: taken(v.object({ ["x".repeat(65)]: v.string() })),
          other: taken({ "~standard": { version: 1, vendor: "x", validate: (value) => ({ value }) }, get type() { throw 1; } }),
          plain() {},
        } });`,
    }),
  );
  expect(loaded.ok && loaded.rooms[0]?.[1].forms).toEqual([
    [
      "say",
      [
        { name: "text", type: "text" },
        { name: "to", type: "text", isOptional: true },
        { name: "loud", type: "flag" },
      ],
    ],
    [
      "move",
      [
        { name: "x", type: "number" },
        { name: "colour", type: "choice", choices: ["red", 7] },
      ],
    ],
  ]);
});

test("files import each other, hotroom and valibot", async () => {
  const stage = await Stage.of({
    "rooms/m.ts": `import { one } from "../lib/one.ts"; import * as v from "valibot"; import { defineRoom } from "hotroom";
      export default defineRoom({ messages: { sum: () => one + v.parse(v.number(), 1) } });`,
    "lib/one.ts": `import { two } from "./two.js"; import { three } from "./three"; import { four } from "./four.js"; export const one = two + three + four;`,
    "lib/two.ts": "export const two = 2;",
    "lib/three.ts": `import "./one.ts"; export const three = 3;`,
    "lib/four.js": "export const four = 4;",
  });
  await stage.play(open());
  expect((await stage.message("sum")).value).toBe(10);
});

test("imports that lead elsewhere are refused where they stand", async () => {
  const only = `only "hotroom", "valibot", files of the application and packages that are installed can be imported.`;
  const cases: Record<string, string> = {
    fs: `Cannot import "fs": ${only}`,
    "node:fs": `Cannot import "node:fs": ${only}`,
    "https://x/y.js": `Cannot import "https://x/y.js": ${only}`,
    "/etc/passwd": `Cannot import "/etc/passwd": ${only}`,
    "hotroom:dispatcher.js": `Cannot import "hotroom:dispatcher.js": ${only}`,
    "../../secret.ts": `Cannot import "../../secret.ts": it is outside of the application's folder.`,
    "../lib/../../x.ts": `Cannot import "../lib/../../x.ts": it is outside of the application's folder.`,
    "./gone.ts": `Cannot import "./gone.ts": there is no file rooms/gone.ts.`,
  };
  for (const [specifier, problem] of Object.entries(cases)) {
    const loaded = await failure({
      "rooms/m.ts": `const a = 1;\n  import x from "${specifier}";\n${room("{}")}`,
    });
    expect(loaded).toEqual({
      ok: false,
      message: problem,
      position: { file: "rooms/m.ts", line: 2, column: 17 },
    });
  }
});

test("what can't be loaded is told with its place", async () => {
  const position = (line: number, column: number, file = "rooms/m.ts") => ({ file, line, column });
  expect(await failure({ "rooms/m.ts": "\n\nlet x = = 1;" })).toMatchObject({
    message: expect.stringContaining("SyntaxError"),
    position: { file: "rooms/m.ts", line: 3 },
  });
  expect(await failure({ "rooms/m.ts": `${room("{}")}\n  null.x;` })).toMatchObject({
    message: "TypeError: cannot read property 'x' of null",
    position: { line: 3 },
  });
  expect(
    await failure({ "rooms/m.ts": `import "../lib/a.ts"; ${room("{}")}`, "lib/a.ts": "\nfoo();" }),
  ).toMatchObject({ message: "ReferenceError: foo is not defined", position: position(2, 1, "lib/a.ts") });
  expect(
    await failure({ "rooms/m.ts": `import { gone } from "../lib/a.ts"; ${room("{}")}`, "lib/a.ts": "" }),
  ).toMatchObject({ message: expect.stringContaining("gone") });
  expect(await failure({ "rooms/m.ts": "export const x = 1;" })).toEqual({
    ok: false,
    message: "rooms/m.ts: the default export must be defineRoom({…}).",
    position: position(1, 1),
  });
  expect(await failure({ "rooms/m.ts": "export default { maxUsers: 2 };" })).toMatchObject({
    message: "rooms/m.ts: the default export must be defineRoom({…}).",
  });
  expect(await failure({ "app.ts": room("{}") })).toMatchObject({
    message: "app.ts: the default export must be defineApplication({…}).",
  });
  expect(await failure({ "rooms/m.ts": "await new Promise(() => {});" })).toMatchObject({
    message: "The top level awaits what never comes.",
  });
  expect(await failure({ "rooms/m.ts": "for (;;);" }, { limits: { ...limits, load: 50 } })).toMatchObject({
    message: "Loading took longer than 50 ms of CPU time (limits.load).",
  });
  expect(await failure({ "rooms/m.ts": "throw new Error('plain')" })).toMatchObject({ message: "plain" });
});

test("a definition that has what no room has is told by the key", async () => {
  const cases: Record<string, string> = {
    "{ evnts: {} }": 'unknown key "evnts"; there is state, maxUsers, maxWatchers, events,',
    "{ events: { joim() {} } }": 'unknown key "events.joim"; there is events.init, events.join,',
    "{ events: { tick() {} } }": "tick belongs beside events",
    "{ events: { join: 5 } }": "events.join must be a function or { schema, handle }, not 5",
    "{ events: { leave: { schema: 1, handle() {} } } }":
      "events.leave must be a function, not an object: it takes no schema",
    "{ messages: { 'a ': () => {} } }": '"a " is not a name',
    "{ messages: { move: 5 } }": "messages.move must be a function or { schema, handle }, not 5",
    "{ messages: { move: { schema: {}, handle() {} } } }": "messages.move.schema must be a schema of valibot",
    "{ timers: { x: { handle() {} } } }": "timers.x.schema must be a schema of valibot",
    "{ emits: { x: { handle() {} } } }": "emits.x must be a function, not an object",
    "{ messages: { x: { schema: { async: true, '~standard': { validate() {} } }, handle() {} } } }":
      "messages.x.schema must not be asynchronous",
    "{ sends: [] }": "sends must be an object, not an array",
    "{ sends: { said: 'text' } }":
      'sends.said must be a schema of valibot (or another Standard Schema), not "text"',
    "{ sends: { 'a ': {} } }": '"a " is not a name',
    "{ maxUsers: 0 }": "maxUsers must be a whole number from 1, not 0",
    "{ maxUsers: 1.5 }": "maxUsers must be a whole number from 1, not 1.5",
    "{ tick() {}, tickRate: 61 }": "tickRate must be a number from 1 to 60, not 61",
    "{ tickRate: 5 }": "there is a tickRate but no tick",
    "{ durable: 1 }": "durable must be a boolean, not 1",
    "{ durable: 'strict' }": 'durable must be a boolean, not "strict"',
    "{ state: {} }": "state must be a function, not an object",
    "5": "a definition must be an object, not 5",
  };
  for (const [definition, problem] of Object.entries(cases)) {
    const loaded = await failure({ "rooms/m.ts": room(definition) });
    expect(loaded?.message).toContain(`TypeError: defineRoom: `);
    expect(loaded?.message).toContain(problem);
    expect(loaded?.position).toMatchObject({ file: "rooms/m.ts", line: 2 });
  }
});

test("import() works while loading and is refused while running", async () => {
  const stage = await Stage.of({
    "rooms/m.ts": `import { defineRoom } from "hotroom"; const { x } = await import("../lib/x.ts");
      export default defineRoom({ messages: { x: () => x, late: async () => { try { await import("../lib/x.ts"); } catch (error) { return error.message; } } } });`,
    "lib/x.ts": "export const x = 4;",
  });
  await stage.play(open());
  expect((await stage.message("x")).value).toBe(4);
  expect((await stage.message("late")).value).toContain("while running: use import at the top of the file");
});

test("the place of a syntax error and of a missing export is found", async () => {
  const cases: [source: string, message: string, line: number, column: number][] = [
    ["const a = 1;\nlet b = ;", "SyntaxError: unexpected token in expression: ';'", 2, 9],
    ["const x = {\n  a: 1,\n  b 2 };", "SyntaxError: Unexpected number", 3, 10],
    ["\n\n  foo bar", "SyntaxError: expecting ';'", 3, 3],
    ["a => { yield }", "SyntaxError: unexpected 'yield' keyword", 1, 8],
    [
      "const nope = 1;\nimport {\n  defineRoom,\n  nope as no } from 'hotroom';",
      'SyntaxError: "hotroom" has no export "nope"',
      4,
      3,
    ],
    [
      "import { defineRoom, Room } from 'hotroom';",
      'SyntaxError: "hotroom" has no export "Room"; if it is a type, import "type Room"',
      1,
      22,
    ],
    ["import { x } from '../lib/x.ts';\nexport { x };", 'SyntaxError: "lib/x.ts" has no export "x"', 1, 10],
  ];
  for (const [source, message, line, column] of cases) {
    const loaded = await failure({ "rooms/m.ts": source, "lib/x.ts": "export const y = 1;" });
    expect(loaded).toMatchObject({ message, position: { file: "rooms/m.ts", line, column } });
  }
});

test("errors of the syntax that the engine tells without a place have one", async () => {
  const cases: Record<string, [message: string, column: number]> = {
    "x = /(unclosed/;": ["expecting ')': /(unclosed/", 7],
    "x = a / b / c, /[b-a]/;": ["invalid class range: /[b-a]/", 18],
    "x = /a/q;": ["invalid regular expression flags: /a/q", 7],
    "x = /(?i:a)b/;": ["invalid group: /(?i:a)b/", 7],
    "x = /(?<a>x)|(?<a>y)/;": ["duplicate group name: /(?<a>x)|(?<a>y)/", 7],
    "x = /[\\p{L}--[a-z]]/v;": ["invalid class range: /[\\p{L}--[a-z]]/v", 7],
    "export { Card };": ["exported variable 'Card' does not exist", 12],
    "x.#secret;": ["undefined private field '#secret'", 5],
    "export * from './a.js'; export * from './b.js'; import { twice } from './x.js';": [
      '"lib/x.js" exports "twice" from more than one module',
      60,
    ],
  };
  for (const [source, [message, column]] of Object.entries(cases)) {
    const loaded = await failure({
      "rooms/m.ts": `import "../lib/x.js";\n${room("{}")}`,
      "lib/x.js": `export let x;\n  ${source}`,
      "lib/a.js": "export const twice = 1;",
      "lib/b.js": "export const twice = 2;",
    });
    const position = { file: "lib/x.js", line: 2, column };
    expect(loaded).toEqual({ ok: false, message: `SyntaxError: ${message}`, position });
  }
});

test("places that are searched for are those of the author", async () => {
  const x = reportOn("x.js", 'export let x;\n/* é */ x = x.y; await import("node:fs"); x = /(?i:a)b/;');
  const loaded = await failure({ "rooms/m.ts": `import "../lib/x.js";`, "lib/x.js": x.code });
  expect(loaded?.position).toEqual({ file: "lib/x.js", line: 2, column: 47 });
  const code = 'const a = {};\n\tconst b = a.b, c = await import("node:fs");';
  const refused = await failure({ "rooms/m.ts": reportOn("m.js", code).code });
  expect(refused?.position).toEqual({ file: "rooms/m.ts", line: 2, column: 34 });
});

test("an import that failed and was caught is not taken for the error that comes later", async () => {
  const source = `import { defineRoom } from "hotroom";
    try { await import("node:fs"); } catch {}
    const missing = undefined; missing.x;
    export default defineRoom({});`;
  const loaded = await failure({ "rooms/m.ts": source });
  expect(loaded?.message).toContain("TypeError: cannot read property 'x' of undefined");
  expect(loaded?.position).toMatchObject({ file: "rooms/m.ts", line: 3 });
  const uncaught = await failure({ "rooms/m.ts": source.replace("try {", "{").replace("catch {}", "") });
  expect(uncaught?.message).toStartWith('Cannot import "node:fs": only "hotroom"');
  expect(uncaught?.position).toMatchObject({ file: "rooms/m.ts", line: 2, column: 20 });
});

test("a trusted version answers at once and its sandboxes work; one that is not loaded poisons them", async () => {
  const stage = new Stage();
  expect(
    await stage.load(loadRequest({ "rooms/m.ts": room("{ messages: { x: () => 1 } }") }, { trusted: true })),
  ).toEqual({ ok: true, rooms: [] });
  await stage.frame(ToHost.sandbox, 1, '{"version":1}');
  await stage.play(open());
  expect((await stage.message("x")).value).toBe(1);
  await stage.frame(ToHost.sandbox, 2, '{"version":9}');
  expect(stage.sent.at(-1)).toMatchObject({ kind: ToServer.poisoned, id: 2 });
});

test("an application's extension hears its events and knows users and rooms from the directory", async () => {
  const stage = await Stage.of({
    "rooms/hall.ts": `import { defineRoom } from "hotroom"; export default defineRoom({});`,
    "app.ts": `import { defineApplication, refuse } from "hotroom";
      export default defineApplication({
        events: { init(app) { app.createRoom("hall", { type: "hall", keep: true }); }, connect(app, connection) { app.broadcast("c", String(connection)); },
          disconnect(app, connection, user) { app.broadcast("d", [connection.id, user?.name]); }, login(app, { data, connection }) { if (data.token !== "t") refuse("Wrong token."); return { name: data.name, data: { id: connection.id } }; },
          logout(app, user) { app.broadcast("o", user); }, create(app, request, user) { if (request.name === "no") refuse("Not that one."); app.send(user, "made", request); } },
        messages: { look: (app, user) => ({ by: user.name, users: app.users, rooms: app.rooms, name: app.name, version: app.version, ann: app.user("ann")?.id }) } });`,
  });
  const [, init, connect, yes, no, , look, logout, create, refused, disconnect] = await stage.play(
    { kind: "open", data: { application: "game", version: "v1", seed: SEED } },
    { kind: "init" },
    { kind: "connect", name: "c1" },
    { kind: "login", name: "c1", data: { data: { name: "ann", token: "t" }, headers: {} }, flags: 0 },
    { kind: "login", name: "c2", data: { data: { name: "ben" }, headers: {} } },
    directory({
      users: {
        add: [
          { id: "u1", name: "ann", data: { a: 1 } },
          { id: "u2", name: "ben" },
        ],
      },
      rooms: { add: [{ name: "hall", type: "hall", users: 1, maxUsers: null, keep: true }] },
    }),
    { ...message("look") },
    { kind: "logout", user: "u1", data: { id: "u1", name: "ann" } },
    {
      kind: "create",
      user: "u1",
      data: { user: { id: "u1", name: "ann" }, request: { name: "x", type: "hall" } },
    },
    {
      kind: "create",
      user: "u1",
      data: { user: { id: "u1", name: "ann" }, request: { name: "no", type: "hall" } },
    },
    { kind: "disconnect", user: "u2", name: "c2" },
  );
  expect(init?.effects).toEqual([["createRoom", "hall", { type: "hall", keep: true }]]);
  expect(connect?.effects).toEqual([["broadcast", "c", "c1", 0]]);
  expect(yes?.value).toEqual({ name: "ann", data: { id: "c1" } });
  expect(no?.failure?.message).toBe("Wrong token.");
  const users = [
    { id: "u1", name: "ann", data: { a: 1 } },
    { id: "u2", name: "ben" },
  ];
  const rooms = [{ name: "hall", type: "hall", users: 1, maxUsers: null, keep: true }];
  expect(look?.value).toEqual({ by: "ann", users, rooms, name: "game", version: "v1", ann: "u1" });
  expect(logout?.effects).toEqual([["broadcast", "o", { id: "u1", name: "ann" }, 0]]);
  expect(create?.effects).toEqual([["send", "made", { name: "x", type: "hall" }, ["u1"]]]);
  expect(refused).toMatchObject({ status: "refused", failure: { message: "Not that one." } });
  expect(disconnect?.effects).toEqual([["broadcast", "d", ["c2", "ben"], 0]]);
  const [, left] = await stage.play(
    directory({ users: { remove: ["u1"] }, rooms: { remove: ["hall"] } }),
    message("look"),
  );
  expect(left?.value).toMatchObject({ users: [{ id: "u2", name: "ben" }], rooms: [] });
  expect(await stage.snapshot()).toEqual({ state: {} });
});
