import { expect, test } from "bun:test";
import { BuildError } from "../../../src/core/errors.ts";
import { reportOn } from "../../../src/source/compile/module_report.ts";

const imports = (code: string) =>
  reportOn("a.js", code).imports.map(({ specifier, line, column }) => `${line}:${column} ${specifier}`);
const warnings = (code: string) =>
  reportOn("a.js", code).warnings.map(
    ({ message, line, column }) => `${line}:${column} ${message.match(/"(.*?)"/)?.[1]}`,
  );

test("static imports are told with the place of the specifier, in the order of the source", () => {
  const code = [
    "#!/usr/bin/env hotroom",
    'import "./a.js"; import b, { c as d } from "./b.js";',
    "export * as e from './e.js'; export { f } from \"./f.js\";\r",
    'import { from } from "./g\\u002ejs" with { type: "json" };',
    'const later = import("./later.js"), text = `import "./no.js"`; /x/.test("import \'./no.js\'");',
    "export default import.meta.url; // import './no.js'",
  ].join("\n");
  expect(imports(code)).toEqual(["2:8 ./a.js", "2:44 ./b.js", "3:20 ./e.js", "3:48 ./f.js", "4:22 ./g.js"]);
});

test("columns count UTF-16 units, lines end at line feeds", () => {
  expect(imports('"\u2028😀\r"; import "./a.js";')).toEqual([]);
  expect(imports('`\u2028😀\r`; import "./a.js";')).toEqual(["1:16 ./a.js"]);
});

test("of what does not parse nothing is told: the engine tells the error", () => {
  for (const code of ['import "./a.js"; b c', "a/*", "let a = /[/", "`${", "let a; let a;"])
    expect(reportOn("a.js", code)).toEqual({ code, imports: [], warnings: [] });
});

test("what the engine would tell without a place, or in no words that help, is an error here", () => {
  const cases: Record<string, [message: string, column: number]> = {
    "const x = /(unclosed/;": [
      "SyntaxError: Invalid regular expression: /(unclosed/: Unterminated group",
      13,
    ],
    "delete x": ["SyntaxError: Deleting local variable in strict mode", 3],
    "a = { __proto__: 1, __proto__: 2 };": ["SyntaxError: Redefinition of __proto__ property", 23],
    "export default 1; export default 2;": ["SyntaxError: Duplicate export 'default'", 28],
    "const x = /a/gg;": ["SyntaxError: Duplicate regular expression flag", 13],
    "const x = /a/q;": ["SyntaxError: Invalid regular expression flag", 13],
    "export { Card };": ['Cannot export "Card": the file has no such variable. A type is exported', 12],
    "a.#b;": ["SyntaxError: Private field '#b' must be declared in an enclosing class", 5],
    "@log class A {}": ["Cannot use decorators: ", 3],
    "class A { @log run() {} }": ["Cannot use decorators: ", 13],
    "class A { @log() static x = 1 }": ["Cannot use decorators: ", 13],
    "f((@log a) => 1);": ["Cannot use decorators: ", 6],
    "class A { accessor hp = 10 }": ['Cannot use "accessor": ', 13],
    "class A { static accessor hp }": ['Cannot use "accessor": ', 20],
    "using file = open();": ['Cannot use "using": ', 3],
    "function f() { { using a = b, c = d; } }": ['Cannot use "using": ', 20],
    "await using file = open();": ['Cannot use "using": ', 3],
    "for (using file of files) {}": ['Cannot use "using": ', 8],
  };
  for (const [code, [message, column]] of Object.entries(cases)) {
    let thrown: unknown;
    try {
      reportOn("a.js", `const é = 1;\n  ${code}`);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(BuildError);
    expect((thrown as BuildError).message).toStartWith(message);
    expect((thrown as BuildError).position).toEqual({ file: "a.js", line: 2, column });
  }
});

test("names like the words of syntax that is not known are names", () => {
  const code =
    "const using = 1, accessor = using; class A { accessor; using() {} static accessor = 1 } // @log";
  expect(reportOn("a.js", code).imports).toEqual([]);
});

test.each([
  ["parentheses", `let a =\n  ${"(".repeat(100_000)}`],
  ["templates", `let a =\n  ${"`${".repeat(100_000)}`],
  ["blocks", `let a;\n  ${"{".repeat(100_000)}`],
])("%s that are nested too deeply are an error with a place in the line", (_, code) => {
  let thrown: unknown;
  try {
    reportOn("deep.js", code);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(BuildError);
  const { message, position, sourceLine } = thrown as BuildError;
  expect(message).toBe("Cannot parse deep.js: it is nested too deeply.");
  expect(position).toMatchObject({ file: "deep.js", line: 2 });
  expect(sourceLine?.length).toBeLessThan(210);
});

test("a thousand imports are told, and a hundred warnings, with names that are cut", () => {
  expect(imports('import "a";'.repeat(2000))).toHaveLength(1000);
  const many = Array.from({ length: 200 }, (_, n) => `let a${n};\n`).join("");
  expect(warnings(many)).toHaveLength(100);
  const [long] = reportOn("a.js", `let ${"a".repeat(10_000)};`).warnings;
  expect(long?.message.length).toBeLessThan(300);
});

test("every variable of a declaration is looked at, and a list of 100,000 holes is one", () => {
  expect(warnings("const a = 1, b = [], c = {}, d = new WeakSet(); let e = 1, [f = 2, , ...g] = h;")).toEqual(
    ["1:14 b", "1:22 c", "1:30 d", "1:53 e", "1:61 f", "1:73 g"],
  );
  expect(warnings(`let [${",".repeat(100_000)}a] = b;`)).toEqual(["1:100006 a"]);
});

test("calls are told of functions that nothing else can be, whatever else uses their names", () => {
  const code = [
    "export default async function main() {}",
    "export async function save() { later(save); }",
    "export const load = async () => {}, other = async function* () {};",
    "main(); save(); load(); other(); save?.(); (0, save)(); a.save();",
    "const all = [save, load], { save: renamed, x: { load: y } } = all;",
    "save: for (;;) break save;",
  ].join("\n");
  expect(warnings(code)).toEqual(["4:1 main()", "4:9 save()", "4:17 load()"]);
});

test.each([
  "class save {}",
  "(class save {})",
  "(function save() {})",
  "for (save of []);",
  "for (const save of []);",
  "[save] = [];",
  "({ save } = {});",
  "({ x: [save = 1] } = {});",
  "save++;",
  "(...save) => {};",
  "try {} catch ({ save }) {}",
])("a second meaning of a name keeps its calls from being told: %s", (code) => {
  const call = "async function save() {} save();";
  expect(warnings(call)).toEqual(["1:26 save()"]);
  expect(warnings(`${call} { ${code} }`)).toEqual([]);
});

test("a refuse behind a change of the state is warned of, where it is certain that the change has come before", () => {
  const late = (body: string, head = 'import { refuse as no } from "hotroom";') =>
    reportOn("a.js", `${head}\nexport default { h(room, user, data) {\n${body}\n} };`)
      .warnings.filter(({ message }) => message.startsWith("This refuse"))
      .map(({ line, column }) => `${line}:${column}`);
  const told = [
    'room.state.n = 1;\nno("x");',
    'room.state.list.push(1);\nif (data) no("x");',
    'delete room.state.players[user.id];\nfor (;;) { no("x"); }',
    'const { state } = room; state.n++;\nno("x");',
    'const { list, deep: { a } } = room.state; a.b = 1;\nno("x");',
    'const players = room.state.players; const mine = players[user.id]; mine.n -= 1;\nno("x");',
    'if (data) { room.state.n = 1;\nno("x"); }',
    'room.state.n = 1;\nconst it = data ?? no("x");',
  ];
  for (const body of told) expect([body, late(body)]).toEqual([body, [expect.stringMatching(/^4:\d+$/)]]);
  const silent = [
    'if (data) no("x");\nroom.state.n = 1;',
    'if (data) room.state.n = 1;\nno("x");',
    'if (data) { room.state.n = 1; } else {\nno("x"); }',
    'let { n } = room.state; n = 1;\nno("x");',
    'const copy = [...room.state.list]; copy.push(1);\nno("x");',
    'room.state.n = 1;\nconst later = () => no("x");',
    'other.state.n = 1;\nno("x");',
    'room.state.list.includes(1);\nno("x");',
  ];
  for (const body of silent) expect([body, late(body)]).toEqual([body, []]);
  expect(late('room.state.n = 1;\nno("x");', "const no = () => {};")).toEqual([]);
});

test("a measured time in the state is warned of, where it is certain that it gets there", () => {
  const told = (body: string) =>
    reportOn("a.js", `export default { h(room, user) {\n${body}\n} };`)
      .warnings.filter(({ message }) => message.startsWith("performance.now()"))
      .map(({ line, column }) => `${line}:${column}`);
  expect(told("room.state.at = performance.now();")).toEqual(["2:17"]);
  expect(told("if (user) { room.state.all[user.id].times.push(1, performance.now() - 5); }")).toHaveLength(1);
  expect(told("const { players } = room.state; players.x += performance.now();")).toHaveLength(1);
  expect(
    told("const began = performance.now(); room.state.n++; console.log(performance.now() - began);"),
  ).toEqual([]);
  expect(told("room.state.at = Date.now();")).toEqual([]);
});

test("what a variable of the module does to a durable room is told where there is one", () => {
  const told = (definition: string) => {
    const code = `let calls = 0; export default ${definition};`;
    return reportOn("a.js", code).warnings.map(({ message }) =>
      message.includes("a durable room comes back"),
    );
  };
  expect(told("defineRoom({ durable: true, messages: {} })")).toEqual([true]);
  expect(told("defineApplication({ state, durable: true })")).toEqual([true]);
  for (const other of [
    "defineRoom({ durable: false })",
    "defineRoom({ ...durable })",
    "durable(true)",
    "{ durable: true }",
  ])
    expect(told(other)).toEqual([false]);
});

test("a literal name of a timer, a fetch or an emit that the definition does not handle is told", () => {
  const told = (handlers: string, define = "defineRoom", head = `import { ${define} } from "hotroom";`) =>
    reportOn("a.js", `${head}\nexport default ${define}({\n${handlers}\n});`)
      .warnings.filter(({ message }) => message.startsWith("There is no "))
      .map(({ line, column, message }) => `${line}:${column} ${message}`);
  const timers = "timers: { round(room) {} },";
  expect(told(`${timers} messages: { go(room) { room.schedule("rund", 1); } }`)).toEqual([
    '3:66 There is no timers.rund to run: this call fails its event. Did you mean "round"?',
  ]);
  expect(told("timers: { round(room) { if (x) room.cancel(`gone`); } }")).toEqual([
    "3:44 There is no timers.gone: this call cancels nothing.",
  ]);
  expect(told('fetches: {}, events: { join: { schema, handle: (room) => room.fetch("x", url) } }')).toEqual([
    "3:69 There is no fetches.x: nobody hears what comes of this fetch.",
  ]);
  expect(told('tick(room) { [1].forEach(() => room.emit("x")); }')).toEqual([
    "3:42 There is no emits.x, and no events.emit: nobody hears this.",
  ]);
  expect(told('events: { init(app) { app.schedule("x", 1); } }', "defineApplication")).toHaveLength(1);

  const silent = [
    'timers: { round: { schema, handle(room) {} }, "two words"(room) {} }, tick(room) { room.schedule("round", 1); room.cancel("two words"); }',
    'timers: { [NAME](room) {} }, tick(room) { room.schedule("x", 1); }',
    'timers: { ...shared }, tick(room) { room.schedule("x", 1); }',
    'timers: { __proto__: shared }, tick(room) { room.schedule("x", 1); }',
    'timers, tick(room) { room.schedule("x", 1); }',
    '...shared, tick(room) { room.schedule("x", 1); }',
    `${timers} tick(room) { room.schedule(name, 1); room.schedule(\`\${x}\`, 1); room["schedule"]("x", 1); }`,
    'tick(room) { other.schedule("x", 1); others.forEach((room) => room.schedule("x", 1)); }',
    'tick(room) { if (y) room = y; room.schedule("x", 1); }',
    'tick(room) { { const { room } = y; room.schedule("x", 1); } }',
    'tick({ room }) { room.schedule("x", 1); }',
    'tick: helper, messages: { go: guarded((room) => room.schedule("x", 1)) }',
    'events: { reload(room) { room.cancel("x"); } }',
    'events: { emit() {}, join(room) { room.emit("x"); } }',
    'events: { ...shared, join(room) { room.emit("x"); } }',
    'tick(room) { room.application.emit("x"); room.application.room("y").emit("x"); }',
  ];
  for (const body of silent) expect([body, told(body)]).toEqual([body, []]);
  expect(told('tick(app) { app.emit("x"); }', "defineApplication")).toEqual([]);
  expect(told('tick(room) { room.schedule("x", 1); }', "defineRoom", "")).toEqual([]);

  const many = Array.from({ length: 20_000 }, (_, n) => `room.schedule("x${n}", 1);`).join("");
  expect(told(`${timers} tick(room) {${many}}`)).toHaveLength(100);
});
