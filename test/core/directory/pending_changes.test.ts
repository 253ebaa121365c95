import { expect, test } from "bun:test";
import { PendingChanges } from "../../../src/core/directory/pending_changes.ts";

test("of each thing the last change is told, once, in the order in which the things first changed", () => {
  const changes = new PendingChanges<number>();
  changes.added("a", 1);
  changes.added("b", 1);
  changes.changed("a", 2);
  expect(changes.take()).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
  expect(changes.take()).toEqual([]);
  changes.changed("b", 3);
  changes.removed("a");
  expect(changes.take()).toEqual([
    ["b", 3],
    ["a", undefined],
  ]);
});

test("what came and went between two tellings is not told, however much of it there is", () => {
  const changes = new PendingChanges<number>();
  for (let n = 0; n < 1000; n++) {
    changes.added(`room ${n}`, n);
    changes.changed(`room ${n}`, n + 1);
    changes.removed(`room ${n}`);
  }
  expect(changes.size).toBe(0);
});

test("what was told and has gone is told to be gone, also where another one came and went in its place", () => {
  const changes = new PendingChanges<number>();
  changes.added("a", 1);
  changes.take();
  changes.removed("a");
  changes.added("a", 2);
  changes.removed("a");
  expect(changes.take()).toEqual([["a", undefined]]);
  changes.added("a", 3);
  expect(changes.take()).toEqual([["a", 3]]);
});
