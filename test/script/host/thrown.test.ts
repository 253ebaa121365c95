import { expect, test } from "bun:test";
import { message, Stage } from "./stage.ts";

/** What the log is told of each statement that throws. */
async function details(statements: readonly string[], before = ""): Promise<string[]> {
  const handlers = statements.map((statement, index) => `${index}() {\n${statement}\n}`);
  const stage = await Stage.room(`messages: { ${handlers.join()} }`, {}, before);
  const told: string[] = [];
  for (const index of statements.keys()) {
    const { failure } = await stage.message(String(index));
    // Where it stands is the subject of positions.test.ts.
    told.push((failure?.detail ?? "").replaceAll(/ \(rooms\/m\.ts:\d+:\d+\)/g, ""));
  }
  return told;
}

test("what caused an error is told with it", async () => {
  const cause = 'new TypeError("the real reason")';
  expect(
    await details([
      `throw new Error("cannot save", { cause: ${cause} });`,
      `throw new Error("cannot save", { cause: { code: 7, tries: [1, 2] } });`,
      `throw new Error("cannot save", { cause: "a text" });`,
      `throw new Error("cannot save", { cause: undefined });`,
      `throw new Error("a", { cause: new Error("b", { cause: new Error("c") }) });`,
      `const e = new Error("round"); e.cause = e; throw e;`,
      `const e = new Error("own"); Object.defineProperty(e, "cause", { get() { throw 1; } }); throw e;`,
    ]),
  ).toEqual([
    "Error: cannot save\n    at 0\ncause: TypeError: the real reason\n    at 0",
    "Error: cannot save\n    at 1\ncause: { code: 7, tries: [1, 2] }",
    'Error: cannot save\n    at 2\ncause: "a text"',
    "Error: cannot save\n    at 3\ncause: undefined",
    "Error: a\n    at 4\ncause: Error: b\n    at 4\ncause: Error: c\n    at 4",
    "Error: round\n    at 5\ncause: [circular]",
    "Error: own\n    at 6",
  ]);
});

test("an AggregateError is told with its errors", async () => {
  expect(
    await details([
      `throw new AggregateError([new Error("one"), "two", { code: 3 }], "all of them");`,
      `return Promise.any([Promise.reject(new RangeError("far"))]);`,
      `throw new AggregateError(Array.from({ length: 50 }, (_, i) => i));`,
    ]),
  ).toEqual([
    'AggregateError: all of them\n    at 0\n1 of 3: Error: one\n    at 0\n2 of 3: "two"\n3 of 3: { code: 3 }',
    expect.stringMatching(/^AggregateError: .*\n1 of 1: RangeError: far\n/s),
    expect.stringMatching(/^AggregateError: .*\n1 of 50: 0\n.*\n10 of 50: 9$/s),
  ]);
});

test("an object that was thrown is shown", async () => {
  expect(
    await details([
      "throw { code: 7 };",
      "throw { code: 7, inner: { list: [1, 'two'] } };",
      "throw [1, 2];",
      "throw new Map([[1, 2]]);",
      "throw { message: 'like an error', code: 7 };",
      "throw 'text';",
      "throw undefined;",
      "throw () => {};",
      "throw new Proxy({}, { get() { throw 1; } });",
      "const list = []; for (let i = 0; i < 1000; i++) list.push(i); throw list;",
      "class Refused { constructor() { this.reason = 'full'; } } throw new Refused();",
    ]),
  ).toEqual([
    "{ code: 7 } was thrown",
    '{ code: 7, inner: { list: [1, "two"] } } was thrown',
    "[1, 2] was thrown",
    "Map { 1 => 2 } was thrown",
    'Error: like an error\n{ message: "like an error", code: 7 }',
    '"text" was thrown',
    "undefined was thrown",
    "a function was thrown",
    "an error that can't be read was thrown",
    expect.stringMatching(/^\[0, 1, 2, .*… 900 more\] was thrown$/),
    '{ reason: "full" } was thrown',
  ]);
});

test("what was thrown and has no place is told at the handler", async () => {
  const stage = await Stage.room(`
    messages: {
      text() { throw "text"; },
      async later() {
        await null;
        throw { code: 7 };
      },
    },
    timers: {
      late() { throw undefined; },
    },
    fetches: {
      answer() { return Promise.reject(5); },
    }`);
  const results = await stage.play(
    message("text"),
    message("later"),
    { kind: "timer", name: "late" },
    { kind: "fetched", name: "answer", text: '{"response":{"status":200,"headers":{}}}\n' },
  );
  expect(results.map(({ failure }) => failure?.position)).toEqual(
    [4, 5, 11, 14].map((line) => ({ file: "rooms/m.ts", line, column: 7 })),
  );
});

test("errors of all kinds are told with their name", async () => {
  expect(
    await details(
      [
        "throw new Broken('pipe');",
        "throw new Broken();",
        "const e = new Error('x'); e.message = 5; throw e;",
        "const e = new Error('x'); e.name = ''; throw e;",
        "throw new Error();",
      ],
      "class Broken extends Error { name = 'Broken'; }",
    ),
  ).toEqual([
    "Broken: pipe\n    at 0",
    "Broken: \n    at 1",
    "Error\n    at 2",
    "Error: x\n    at 3",
    "Error: \n    at 4",
  ]);
});

test("causes are told at their own places, and are bounded", async () => {
  const stage = await Stage.room(`messages: {
    cause() {
      let inner;
      try { null.x; } catch (error) { inner = error; }
      throw new Error("outer", { cause: inner });
    },
    many() {
      let error = new Error("x".repeat(1000));
      for (let i = 0; i < 100; i++) error = new Error("y".repeat(1000), { cause: error });
      throw error;
    } }`);
  const { failure } = await stage.message("cause");
  expect(failure?.detail).toMatch(
    /^Error: outer\n {4}at cause \(rooms\/m\.ts:6:\d+\)\ncause: TypeError: .*\n {4}at cause \(rooms\/m\.ts:5:\d+\)$/,
  );
  expect(failure?.position?.line).toBe(6);
  expect((await stage.message("many")).failure?.detail?.length).toBeLessThan(8000);
});
