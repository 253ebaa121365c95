import { expect, test } from "bun:test";
import { differences } from "../../../src/core/version/difference.ts";

test("equal values have none, whatever the order of their keys", () => {
  expect(differences({ a: 1, b: [null, { c: "x" }] }, { b: [null, { c: "x" }], a: 1 }, 9)).toEqual({
    list: [],
    count: 0,
  });
});

test("what was added, removed and changed is named by its path", () => {
  const before = { a: 1, gone: true, list: [1, 2], "odd key": 1, deep: { er: [{ x: 1 }] } };
  const after = { a: 2, list: [1, 2, 3], "odd key": 2, deep: { er: [{ x: [] }] }, come: null };
  expect(differences(before, after, 9).list).toEqual([
    { path: "$.a", before: 1, after: 2 },
    { path: "$.gone", before: true },
    { path: "$.list[2]", after: 3 },
    { path: '$["odd key"]', before: 1, after: 2 },
    { path: "$.deep.er[0].x", before: 1, after: [] },
    { path: "$.come", after: null },
  ]);
});

test("a list is no object, and null is nothing to look into", () => {
  expect(differences([], {}, 9).list).toEqual([{ path: "$", before: [], after: {} }]);
  expect(differences({ a: null }, { a: {} }, 9).list).toEqual([{ path: "$.a", before: null, after: {} }]);
});

test("keys that objects have by nature are keys like others", () => {
  const before = JSON.parse('{"__proto__":1}');
  expect(differences(before, { constructor: 1 }, 9).list).toEqual([
    { path: "$.__proto__", before: 1 },
    { path: "$.constructor", after: 1 },
  ]);
});

test("only the first are shown, and only the start of large values; all are counted", () => {
  const before = Array.from({ length: 50 }, () => "x".repeat(1000));
  const { list, count } = differences(before, [], 3);
  expect(count).toBe(50);
  expect(list.map(({ path }) => path)).toEqual(["$[0]", "$[1]", "$[2]"]);
  expect(String(list[0]?.before)).toHaveLength(201);
});

test("only the start of a path is shown, which a script makes as long as it likes", () => {
  const state = (value: number) => ({ ["k".repeat(100_000)]: Array(50).fill(value) });
  const { list } = differences(state(1), state(2), 20);
  expect(list).toHaveLength(20);
  expect(JSON.stringify(list).length).toBeLessThan(30_000);
  expect(list[0]?.path).toEndWith("k…");
});

test("depth does not matter", () => {
  const nest = (depth: number, leaf: unknown) => {
    let value = leaf;
    for (let n = 0; n < depth; n++) value = [value];
    return value;
  };
  expect(differences(nest(20_000, 1), nest(20_000, 2), 1).count).toBe(1);
});
