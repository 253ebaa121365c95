/** Records that wait to be put into rows are changed as if they were in them already. */
import { expect, test } from "bun:test";
import { AppendedRecords } from "../../../src/store/database/appended_records.ts";
import type { Place, Write } from "../../../src/core/ports/journal_store.ts";

const rooms: Place[] = [
  { application: "a", room: "x" },
  { application: "a", room: "y" },
  { application: "b", room: "x" },
];

function waiting(): AppendedRecords {
  const appended = new AppendedRecords();
  for (const at of rooms)
    for (const number of [1, 2, 3]) appended.add({ kind: "append", at, log: "events", number, record: "{}" });
  return appended;
}

/** What is left of each room: numbers by `application/room`. */
function left(appended: AppendedRecords): Record<string, number[]> {
  return Object.fromEntries(
    appended
      .take()
      .map(({ at, records }) => [`${at.application}/${at.room}`, records.map(({ number }) => number)]),
  );
}

const [x] = rooms as [Place];
const all = [1, 2, 3];
const changes: readonly (readonly [Write, Record<string, number[]>])[] = [
  [
    { kind: "trim", at: { ...x }, log: "events", upTo: 2 },
    { "a/x": [3], "a/y": all, "b/x": all },
  ],
  [
    { kind: "trim", at: x, log: "events", upTo: 3 },
    { "a/y": all, "b/x": all },
  ],
  [
    { kind: "trim", at: x, log: "frames", upTo: 3 },
    { "a/x": all, "a/y": all, "b/x": all },
  ],
  [
    { kind: "cut", at: x, log: "events", from: 2 },
    { "a/x": [1], "a/y": all, "b/x": all },
  ],
  [
    { kind: "forget", at: x },
    { "a/y": all, "b/x": all },
  ],
  [{ kind: "forget", at: { application: "a" } }, { "b/x": all }],
];

test.each(changes)("%j", (write, expected) => {
  const appended = waiting();
  appended.shorten(write);
  expect(left(appended)).toEqual(expected);
});

test("what is appended behind a trim stays, and what was taken does not come again", () => {
  const appended = waiting();
  appended.shorten({ kind: "trim", at: x, log: "events", upTo: 3 });
  appended.add({ kind: "append", at: x, log: "events", number: 4, record: "{}" });
  expect(left(appended)).toEqual({ "a/x": [4], "a/y": all, "b/x": all });
  expect(left(appended)).toEqual({});
});
