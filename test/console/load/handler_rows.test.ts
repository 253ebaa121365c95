import { expect, test } from "bun:test";
import { eachOf, HandlerRows } from "../../../src/console/load/handler_rows.ts";
import type { HandlerView } from "../../../src/core/trace/handler_times.ts";

const view = (handler: string, version: string, events: number, cpu: number): HandlerView => ({
  type: "arena",
  handler,
  version,
  events,
  cpu,
  worst: cpu,
  failures: 0,
});

test("the handler that uses the most now comes first, beside what it used before the edit", () => {
  const rows = new HandlerRows();
  const first = rows.look(
    [view("a", "v2", 10, 50), view("b", "v2", 10, 9), view("a", "v1", 4, 8), view("gone", "v1", 1, 1)],
    "v2",
    1000,
  );
  expect(first.map(({ handler, load }) => [handler, load])).toEqual([
    ["a", undefined],
    ["b", undefined],
    ["gone", undefined],
  ]);
  expect([eachOf(first[0]?.before), eachOf(first[0]?.now), eachOf(first[2]?.now)]).toEqual([
    2000,
    5000,
    undefined,
  ]);
  const next = rows.look([view("a", "v2", 12, 52), view("b", "v2", 30, 29)], "v2", 3000);
  expect(next.map(({ handler, load, rate }) => [handler, load, rate])).toEqual([
    ["b", 10, 10],
    ["a", 1, 1],
  ]);
  // The server was started again.
  expect(rows.look([view("a", "v2", 4, 4)], "v2", 4000)[0]).toMatchObject({ load: 4, rate: 4 });
});
