import { expect, test } from "bun:test";
import { EditFeed } from "../../../src/core/edit/edit_feed.ts";
import { systemClock } from "../../../src/core/ports/clock.ts";

test("of one application's steps, and of all, the newest are kept", () => {
  const feed = new EditFeed(systemClock);
  for (let round = 0; round < 300; round++) feed.add("busy", { kind: "started", version: `v${round}` });
  feed.add("quiet", { kind: "started", version: "v1" });
  expect(feed.after(0, "busy")).toHaveLength(200);
  expect(feed.after(0, "busy").at(-1)).toMatchObject({ id: 300, version: "v299" });
  for (let round = 0; round < 1000; round++) feed.add(`a${round}`, { kind: "removed" });
  expect(feed.after(0)).toHaveLength(500);
  expect(feed.after(1300).map(({ application }) => application)).toEqual(["a999"]);
  expect(feed.after(feed.last)).toEqual([]);
});

test("texts of authors are cut", () => {
  const feed = new EditFeed(systemClock);
  feed.add("a", { kind: "failed", error: { message: "x".repeat(10_000), sourceLine: "y".repeat(10_000) } });
  feed.add("a", { kind: "room_rolled_back", version: "v1", room: null, reason: "z".repeat(10_000) });
  expect(JSON.stringify(feed.after(0)).length).toBeLessThan(7_000);
});
