import { expect, test } from "bun:test";
import { limits, message, open, Stage } from "./stage.ts";

/** What is logged by statements in one handler: the level where it is not info, and the text. */
async function logged(statements: string): Promise<string[]> {
  const stage = await Stage.room(`messages: { x(room) {\n${statements}\n} }`);
  const { logs, failure } = await stage.message("x");
  expect(failure).toBeUndefined();
  return logs.map(([level, text]) => (level === "info" ? text : `${level}: ${text}`));
}

test("values are separated by blanks, texts are as they are", async () => {
  expect(
    await logged(`
      console.log("user", "ann", 5, null, undefined, true, 7n, Symbol("s"), { a: [1, "b"] });
      console.info(); console.warn("careful"); console.error("bad"); console.debug("detail");`),
  ).toEqual([
    'user ann 5 null undefined true 7n Symbol(s) { a: [1, "b"] }',
    "",
    "warn: careful",
    "error: bad",
    "debug: detail",
  ]);
});

test("letters behind a percent sign say where values stand", async () => {
  expect(
    await logged(`
      console.log("user %s joined", "ann");
      console.log("%s is %d of %i, %f: %j", "ann", "4", 4.9, "1.5x", { a: 1 }, "and more", 2);
      console.log("%o and %O%c!", { a: { b: 1 } }, [1], "color: red");
      console.log("100%% of %s", "all");
      console.log("100%% alone");
      console.log("%s and %s", "one");
      console.log("%x %s %", 1, 2);
      console.log("%s", { a: 1 }, "%s", "x");
      console.log("%d %d %i %f %d", {}, Symbol("s"), "x", [], 5n);
      console.log("%s %s %s", 5n, Symbol("s"), () => 1);
      const round = {}; round.round = round;
      console.log("%j %j", round, undefined);
      console.log(5, "%s", 6);`),
  ).toEqual([
    "user ann joined",
    'ann is 4 of 4, 1.5: {"a":1} and more 2',
    "{ a: { b: 1 } } and [1]!",
    "100% of all",
    "100%% alone",
    "one and %s",
    "%x 1 % 2",
    "{ a: 1 } %s x",
    "NaN NaN NaN NaN 5n",
    "5n Symbol(s) [function]",
    "[circular reference] undefined",
    "5 %s 6",
  ]);
});

test("an error is shown with the lines of the script, without the prelude's, and with its cause", async () => {
  const [line] = await logged(`
    function save() { throw new TypeError("no disk"); }
    try { save(); } catch (cause) {
      console.error("It failed:", new Error("cannot save", { cause }));
    }`);
  expect(line).toMatch(
    /^error: It failed: Error: cannot save\n {4}at x \(rooms\/m\.ts:6:\d+\)\ncause: TypeError: no disk\n {4}at save \(rooms\/m\.ts:4:\d+\)\n {4}at x \(rooms\/m\.ts:5:\d+\)$/,
  );
});

test("trace, assert, dir and table write what they are given", async () => {
  const [trace, ...others] = await logged(`
    console.trace("here %d", 5);
    console.assert(true, "no"); console.assert(0 > 1, "%s is not", 5, 6); console.assert(false);
    console.dir({ a: 1 }, { depth: 0 }); console.dirxml("a", "b"); console.table([{ a: 1 }, { a: 2 }], ["a"]);`);
  expect(trace).toMatch(/^debug: Trace: here 5\n {4}at x \(rooms\/m\.ts:4:\d+\)$/);
  expect(others).toEqual([
    "error: Assertion failed: 5 is not 6",
    "error: Assertion failed",
    "{ a: 1 }",
    "a b",
    "[{ a: 1 }, { a: 2 }]",
  ]);
});

test("groups indent until they end, at the latest with the event", async () => {
  const stage = await Stage.room(`messages: { x() {
    console.group("out", 1); console.log("a"); console.groupCollapsed(); console.warn("b");
    console.groupEnd(); console.log("c"); console.groupEnd(); console.groupEnd(); console.log("d"); console.group("open");
  }, deep() { for (let i = 0; i < 100; i++) console.group(); console.log("x"); } }`);
  const [first, second, deep] = await stage.play(message("x"), message("x"), message("deep"));
  const texts = ["out 1", "  a", "    b", "  c", "d", "open"];
  expect(first?.logs.map(([, text]) => text)).toEqual(texts);
  expect(second?.logs.map(([, text]) => text)).toEqual(texts);
  expect(deep?.logs).toEqual([["info", `${" ".repeat(40)}x`]]);
});

test("counts and times are each script's own, by label", async () => {
  // Much of it takes about as long as an event may in an engine that has not warmed up: here it may take longer.
  const longer = { limits: { ...limits, cpuPerEvent: 1000 } };
  const definition = `messages: {
    count() { console.count(); console.count("b"); console.countReset("b"); console.count("b"); },
    start() { console.time(); console.time("round"); },
    end() { console.timeLog("round", "so %s", "far"); console.timeEnd("round"); console.timeEnd("round"); console.timeEnd(); },
    many() { for (let i = 0; i < 300; i++) { console.time("t" + i); console.countReset("c" + i); } console.count("c299"); } }`;
  const stage = await Stage.room(definition, longer);
  await stage.play(open({}, 2));
  const texts = (results: { logs: [string, string][] }[]) =>
    results.map(({ logs }) => logs.map(([, text]) => text));
  const one = [message("count"), message("count"), { ...message("count"), script: 2 }];
  expect(texts(await stage.play(...one))).toEqual([
    ["default: 1", "b: 1", "b: 1"],
    ["default: 2", "b: 2", "b: 1"],
    ["default: 1", "b: 1", "b: 1"],
  ]);
  const times = [
    { ...message("start"), time: 1000 },
    { ...message("end"), time: 1250 },
  ];
  expect(texts(await stage.play(...times))[1]).toEqual([
    "round: 250 ms so far",
    "round: 250 ms",
    "There is no time round",
    "default: 250 ms",
  ]);
  const [many] = await stage.play(message("many"));
  expect(many?.status).toBe("ok");
});

test("what means nothing in a log does nothing, and nothing can be changed", async () => {
  expect(
    await logged(`
      console.clear(); console.timeStamp("x"); console.profile(); console.profileEnd();
      try { console.log = 1; } catch (error) { console.log(error.name); }`),
  ).toEqual(["TypeError"]);
});

test("what scripts have replaced is not used", async () => {
  const spoil = `for (const key of ["a", "s", "default", "size", "of"]) Object.defineProperty(Object.prototype, key, { set() { throw 1; } });
    String.prototype.slice = Array.prototype[Symbol.iterator] = Number = parseInt = parseFloat = undefined;`;
  const stage = await Stage.room(
    `messages: { x() { console.log("%s %d %i %f %j", "a", 1, 2, 3, 4); console.count(); console.time(); console.timeEnd(); console.group("g"); console.assert(false, "x"); console.trace(); } }`,
    {},
    spoil,
  );
  const { logs, failure } = await stage.message("x");
  expect(failure).toBeUndefined();
  expect(logs.map(([, text]) => text.split("\n")[0])).toEqual([
    "a 1 2 3 4",
    "default: 1",
    "default: 0 ms",
    "g",
    "  Assertion failed: x",
    "  Trace",
  ]);
});

test("the limit counts what all of them write", async () => {
  const stage = await Stage.room(
    `messages: { count() { for (;;) console.count("x".repeat(200)); }, wide() { console.log("%s".repeat(100), ...Array(100).fill("x".repeat(9000))); }, table() { for (;;) console.table([]); } }`,
    { limits: { ...(await import("./stage.ts")).limits, cpuPerEvent: 1000 } },
  );
  for (const type of ["count", "wide", "table"]) {
    const { failure } = await stage.message(type);
    expect([type, failure?.limit]).toEqual([type, "output"]);
  }
});
