/** What tests of scripts can do, and what is told of those that fail. */
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { ceilingsOf } from "../../src/core/application/ceilings.ts";
import { runTests, type TestResult } from "../../src/kit/tests.ts";
import { makeFolder } from "../e2e/harness.ts";

setDefaultTimeout(60_000);

const counter = `
import { defineRoom, refuse } from "hotroom";
export default defineRoom({
  state: () => ({ count: 0, log: [] as string[] }),
  events: {
    join: (room, user) => void room.state.log.push(user.name + " came"),
    leave: (room, user) => void room.state.log.push(user.name + " left"),
  },
  tick: (room) => { room.state.count += 1; },
  tickRate: 10,
  timers: { late: (room, data) => room.broadcast("late", { data, at: Date.now() }) },
  messages: {
    wait(room, user, ms: number) { room.schedule("late", ms, ms); },
    later(room, user, ms: number) { room.schedule("late", ms + 1, "more"); },
    no: () => refuse("Never.", { why: 1 }),
    fail() { console.log("about to fail"); null!.x; },
    greet: (room) => room.application.config.greeting,
    luck: () => Math.random(),
    binary: (room, user, data) => data,
  },
});`;

const passing = `
import { expect, open, test } from "hotroom/test";
import { twice } from "./lib/twice.ts";
interface Typed { x: number }
const enter = async (stage: Awaited<ReturnType<typeof open>>, name: string) =>
  (await stage.user(name)).join("r");

test("matchers", async () => {
  expect(twice(2)).toBe(4);
  expect({ a: [1, { b: undefined }], d: new Date(0), s: new Set([1]) } as unknown).toEqual({ a: [1, {}], d: new Date(0), s: new Set([1]) });
  expect({ a: 1, b: { c: 2, d: 3 } }).toMatchObject({ b: { c: 2 } });
  expect(NaN).toBe(NaN);
  expect([1, 2]).toContain(2);
  expect("abc").toContain("b");
  expect([1]).not.toEqual([1, 2]);
  expect({ a: 1 }).not.toEqual({ a: 1, b: 2 });
  expect(() => { throw new TypeError("no way"); }).toThrow("no");
  expect(() => { throw new TypeError("no way"); }).toThrow(TypeError);
  expect(() => { throw new TypeError("no way"); }).toThrow(/^no/);
  expect(() => {}).not.toThrow();
  await expect(Promise.reject({ code: "x" })).toThrow({ code: "x" });
  await expect(Promise.resolve(1)).not.toThrow();
});

test("time", async () => {
  const stage = await open("counter", { room: "r" });
  const ann = await enter(stage, "ann");
  const began = Date.now();
  await ann.send("wait", 86_400_000);
  await ann.send("later", 5000);
  await stage.advance(4999);
  expect(ann.received).toEqual([]);
  await stage.advance(2);
  expect(await ann.next("late")).toEqual({ data: "more", at: began + 5001 });
  expect(Date.now()).toBe(began + 5001);
});

test("ticks", async () => {
  const stage = await open("counter", { room: "r" });
  await stage.advance(1000);
  expect((await stage.state("r")).count).toBe(10);
});

test("coming back", async () => {
  const stage = await open("counter", { room: "r" });
  const [ann, bob] = [await stage.user("ann"), await stage.user("bob")];
  const [a] = [await ann.join("r"), await bob.join("r")];
  await bob.drop();
  await expect(bob.send("x")).toThrow("its connection was dropped");
  await stage.advance(29_999);
  expect(await bob.resume()).toMatchObject({ outcome: "resumed", user: { name: "bob" } });
  await bob.drop();
  await stage.advance(30_000);
  await expect(bob.resume()).toThrow("session_expired");
  expect((await stage.state("r")).log).toEqual(["ann came", "bob came", "bob left"]);
  expect(a.received.map(({ event }) => event)).toEqual(["join", "disconnect", "reconnect", "disconnect", "leave"]);
});

test("refused", async () => {
  const stage = await open("counter", { room: "r" });
  const ann = await enter(stage, "ann");
  await expect(ann.request("no")).toThrow({ code: "refused", message: "Never.", data: { why: 1 } });
  await ann.leave();
  await expect(ann.request("no")).toThrow("not_in_room");
  await expect(stage.user("ann")).toThrow("name_taken");
});

test("config", async () => {
  const stage = await open("counter", { room: "r", config: { greeting: "hi" } });
  expect(await (await enter(stage, "ann")).request("greet")).toBe("hi");
});

test("the other stages of a test are others", async () => {
  const [one, other] = [await open("counter", { room: "r" }), await open("counter", { room: "r" })];
  await enter(one, "ann");
  expect((await other.state("r")).log).toEqual([]);
});

test("edits", async () => {
  const stage = await open("counter", { room: "r" });
  const ann = await enter(stage, "ann");
  await stage.edit({ "counter.ts": \`import { defineRoom } from "hotroom";
    export default defineRoom({ migrate: (old) => ({ was: old.log }) });\` });
  expect(await stage.state("r")).toEqual({ was: ["ann came"] });
  await expect(stage.edit({ "counter.ts": "export default {" })).toThrow("counter.ts:1:17");
  await expect(stage.edit({ "counter.ts": "export default 1;" })).toThrow("must be defineRoom");
  await expect(stage.edit({ "counter.ts": \`import { defineRoom } from "hotroom";
    export default defineRoom({ migrate() { throw new Error("lost"); } });\` })).toThrow(/rolled back.*lost \\(counter.ts:2:/s);
  expect(await stage.state("r")).toEqual({ was: ["ann came"] });
});

test("a version that fails later", async () => {
  const stage = await open("counter", { room: "r" });
  const ann = await enter(stage, "ann");
  await stage.edit({ "counter.ts": \`import { defineRoom } from "hotroom";
    export default defineRoom({ messages: { luck() { throw new Error("unlucky"); } } });\` });
  await expect(ann.request("luck")).toThrow(/rolled back.*unlucky/s);
  await ann.request("luck");
});
`;

const failing = `
import { expect, open, test } from "hotroom/test";
interface Typed { x: number }
let broken = false; const made = (x: number): Typed => ({ x });
const enter = async () => (await (await open("counter", { room: "r" })).user("ann")).join("r");

test("differs", async () => {
  expect({ list: [made(1)] }).toEqual({ list: [{ x: 2 }] });
});
test("loops", () => {
  for (;;) made(1);
});
test("loops later", async () => {
  await enter();
  while (true) made(1);
});
test("takes all memory", () => {
  const all: unknown[] = [];
  for (;;) all.push(new Array(100_000).fill(0));
});
test("is refused", async () => {
  const ann = await enter();
  await ann.request("no");
});
test("waits for a message", async () => {
  const ann = await enter();
  await ann.next("never");
});
test("waits for nothing", async () => {
  await new Promise(() => {});
});
test("forgets an await", async () => {
  expect(Promise.resolve(1)).toThrow();
});
test("has no such matcher", () => {
  (expect(1) as any).toBeGreaterThan(0);
});
test("opens nothing", async () => {
  await open("gone");
});
test("logs", async () => {
  const ann = await enter();
  console.log("mine", [1]);
  await ann.request("fail");
});
test("lets too much time pass", async () => {
  await (await open("counter")).advance(1e12);
});
test("breaks what it runs in", () => {
  broken = true;
  Array.prototype.push = () => 0;
});
test("still runs", () => {
  expect(broken).toBe(false);
});
`;

const results = new Map<string, TestResult>();

beforeAll(async () => {
  const folder = makeFolder({
    "counter.ts": counter,
    "counter.test.ts": failing,
    "good/rooms/hall.ts": `import { defineRoom } from "hotroom"; export default defineRoom({});`,
    "good/lib/twice.ts": "export const twice = (x: number) => 2 * x;",
    "good/all.test.ts": passing,
    "good/rooms/describe.test.ts": `import { describe } from "hotroom/test";\ndescribe("x", () => {});`,
    "good/lib/syntax.test.ts": `import { test } from "hotroom/test";\ntest("x", () => {`,
    "good/node.test.js": `import fs from "node:fs";`,
  });
  await runTests({ extensions: folder, ceilings: ceilingsOf() }, (result) =>
    results.set(result.name ?? result.file, result),
  );
});

/** Why a test has failed; undefined where it has passed. */
function failureOf(name: string): string | undefined {
  const result = results.get(name);
  if (!result) throw new Error(`No test "${name}" was run, only ${[...results.keys()].join(", ")}.`);
  return result.failure?.toString();
}

describe("a test", () => {
  test.each([
    ["compares what is and what should be", "matchers"],
    ["lets time pass, by itself none does", "time"],
    ["has all ticks run that fall due", "ticks"],
    ["drops users and has them come back", "coming back"],
    ["is told what is refused, and why", "refused"],
    ["gives an application another configuration", "config"],
    ["has stages that know nothing of one another", "the other stages of a test are others"],
    ["edits, and is told the place where that fails", "edits"],
    ["is told that a version was left", "a version that fails later"],
  ])("%s", (_, name) => {
    expect(failureOf(name)).toBeUndefined();
  });
});

describe("of a test that fails", () => {
  test("the values are shown, and where they differ", () => {
    expect(failureOf("differs")).toBe(
      [
        "counter.test.ts:8:31: expect(received).toEqual(expected)",
        "  expected: { list: [{ x: 2 }] }",
        "  received: { list: [{ x: 1 }] }",
        "  at .list[0].x:",
        "    expected: 2",
        "    received: 1",
        "8 |   expect({ list: [made(1)] }).toEqual({ list: [{ x: 2 }] });",
        "                                  ^",
      ].join("\n"),
    );
  });

  test.each([
    [
      "an endless loop is ended at its line",
      "loops",
      /^counter\.test\.ts:1[01]:.*took longer than its 1000 ms/,
    ],
    ["one after an await is, too", "loops later", /^counter\.test\.ts:15:.*took longer than its 1000 ms/],
    ["memory is bounded", "takes all memory", /^counter\.test\.ts:19:.*out of memory/],
    ["a refusal is told where it was asked for", "is refused", /^counter\.test\.ts:23:13: Never\./],
    [
      "a message that does not come is told",
      "waits for a message",
      /:27:13: ann got no message "never" in room "r"; /,
    ],
    ["what never comes is told", "waits for nothing", /^The test waits for a promise that nothing settles\./],
    [
      "an expectation without await counts",
      "forgets an await",
      /:33:\d+: expect\(received\)\.toThrow\(\)\n {2}nothing was thrown/,
    ],
    [
      "what expect lacks is told with what it has",
      "has no such matcher",
      /:36:\d+: .*no "toBeGreaterThan": it has toBe, toEqual/,
    ],
    [
      "the applications are named where one is missing",
      "opens nothing",
      /:39:9: There is no application "gone", only "counter", "good"\./,
    ],
    [
      "what ends no more is ended",
      "breaks what it runs in",
      /^The test does nothing any more, and does not end\./,
    ],
    ["what can't be asked for is named", "lets too much time pass", /Cannot advance: ms: /],
  ])("%s", (_, name, shown) => {
    expect(failureOf(name)).toMatch(shown);
  });

  test("what was logged is told", () => {
    const lines = results.get("logs")?.lines.map(({ level, text }) => `${level} ${text}`) ?? [];
    expect(lines).toContain("info mine [1]");
    expect(lines).toContain("info r: about to fail");
    expect(lines.join("\n")).toContain('error r: The handler of message "fail" failed (counter.ts:16:');
  });

  test("those behind it run, and find nothing of it", () => {
    expect(failureOf("still runs")).toBeUndefined();
  });
});

test.each([
  [
    "has an import that is not there",
    "rooms/describe.test.ts",
    /^good\/rooms\/describe\.test\.ts:1:10: .*"hotroom\/test" has no export "describe"/,
  ],
  ["does not parse", "lib/syntax.test.ts", /^good\/lib\/syntax\.test\.ts:2:/],
  ["imports what only a host has", "node.test.js", /^good\/node\.test\.js:1:16: Cannot import "node:fs"/],
])("a file that %s is told with the place", (_, file, shown) => {
  expect(failureOf(file)).toMatch(shown);
});
