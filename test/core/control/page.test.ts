import { expect, test } from "bun:test";
import { pageOf } from "../../../src/core/control/page.ts";

const self = (text: string) => text;

/** Goes through a list page by page; `between` is called after each page. */
function walk(list: Set<string>, limit: number, between: (page: number) => void = () => {}): string[] {
  const seen: string[] = [];
  let cursor: string | undefined;
  let page = 0;
  do {
    const found = pageOf(list, self, { limit, cursor });
    expect(found.items.length).toBeLessThanOrEqual(limit);
    seen.push(...found.items);
    cursor = found.next;
    between(++page);
  } while (cursor !== undefined);
  return seen;
}

test.each([1, 2, 3, 7, 100, 1000])("pages of %i bring all, each once, in the order of the keys", (limit) => {
  // In no order: each step leads to another one.
  const list = new Set(
    Array.from({ length: 101 }, (_, i) => `room ${String((i * 37) % 101).padStart(3, "0")}`),
  );
  expect(walk(list, limit)).toEqual([...list].sort());
});

test("an empty list is one page, and so is one that fits exactly", () => {
  expect(pageOf([], self, { limit: 2 })).toEqual({ items: [] });
  expect(pageOf(["b", "a"], self, { limit: 2 })).toEqual({ items: ["a", "b"] });
});

test("what stays is in exactly one page, whatever comes and goes between two", () => {
  const list = new Set(Array.from({ length: 20 }, (_, i) => `s${String(i).padStart(2, "0")}`));
  const stays = [...list];
  const seen = walk(list, 3, (page) => {
    list.add(`a${page}`).add(`z${page % 2}`);
    list.delete(`a${page - 1}`);
  });
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((each) => each.startsWith("s"))).toEqual(stays);
});

test("a cursor that names nothing is a place in the order, and one behind the end brings nothing", () => {
  expect(pageOf(["a", "c"], self, { limit: 5, cursor: "b" })).toEqual({ items: ["c"] });
  expect(pageOf(["a", "c"], self, { limit: 5, cursor: "\uffff" })).toEqual({ items: [] });
});
