/** What tests of scripts can do, and what is told of those that fail. */
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { ceilingsOf } from "../../src/core/application/ceilings.ts";
import type { TestResult } from "../../src/kit/test_file_run.ts";
import { runTests } from "../../src/kit/tests.ts";
import { makeFolder } from "../e2e/harness.ts";
import { folderOfTests } from "./folder_of_tests.ts";

setDefaultTimeout(60_000);

const results = new Map<string, TestResult>();

beforeAll(async () => {
  const folder = makeFolder(folderOfTests);
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
    ["logs users in by claims in the place of tokens", "tokens"],
    ["sends bytes and is sent some", "bytes"],
    ["gives an application another configuration", "config"],
    ["gives an application variables, those that its settings name", "variables"],
    ["has stages that know nothing of one another", "the other stages of a test are others"],
    ["edits, and is told the place where that fails", "edits"],
    ["answers fetches in the place of other servers", "fetches"],
    ["asks an application by HTTP", "asked by HTTP"],
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
      /:39:9: There is no application "gone", only "club", "counter", "good"\./,
    ],
    ["what users are sent is bounded", "is sent too much", /more than .*16 MiB at once/],
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
    expect(lines.join("\n")).toContain('error r: The handler of message "fail" failed (counter.ts:17:');
  });

  test("a timer whose handler an edit has taken out is dropped with a warning", () => {
    const lines = results.get("has a timer without a handler")?.lines.map(({ text }) => text) ?? [];
    expect(lines).toContain('r: Timer "late" is dropped: there is no timers.late.');
  });

  test("chance comes to the same each time", () => {
    const [first, again] = ["has luck", "has luck again"].map((name) => results.get(name)?.lines[0]?.text);
    expect(first).toMatch(/0\.\d+.*-.*0\.\d+/);
    expect(again).toBe(first as string);
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
