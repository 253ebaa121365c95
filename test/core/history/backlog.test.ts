/** What a user may have missed where the server ended before all that was sent was kept. */
import { expect, test } from "bun:test";
import { Backlog } from "../../../src/core/history/backlog.ts";
import { FrameNumbers } from "../../../src/core/history/frame_numbers.ts";
import { HistoryStore } from "../../../src/core/history/history_store.ts";
import { FakeClock } from "../fake_clock.ts";

/** The backlog of a user after the start of a server whose last one has kept the numbers up to 40. */
function afterEnd(isExact: boolean): { backlog: Backlog; numbers: FrameNumbers } {
  const numbers = new FrameNumbers();
  numbers.goOn({ last: 40, gaps: [], again: [] }, isExact);
  const store = new HistoryStore(new FakeClock(), 1e9);
  const owner = { limits: { frames: 10, bytes: 1e6 } };
  return { backlog: new Backlog("user", { numbers, store, owner }), numbers };
}

test("[P148] who has seen a number that was not kept, of which nothing is made again, is told that something is missing", () => {
  const { backlog } = afterEnd(false);
  backlog.resumeAfter(43);
  expect([...backlog.lostAfter(43)]).toEqual([null]);
});

test("[P148] who has seen only numbers that were kept has missed nothing", () => {
  for (const isExact of [true, false]) {
    const { backlog } = afterEnd(isExact);
    backlog.resumeAfter(40);
    expect([...backlog.lostAfter(40)]).toEqual([]);
  }
});

test("[P148] where it is known which rooms' frames are made again, these are named alone", () => {
  const { backlog, numbers } = afterEnd(false);
  numbers.beginAgain();
  backlog.keep(numbers.next(), "{}", "hall");
  numbers.endAgain();
  backlog.resumeAfter(43);
  expect([...backlog.lostAfter(43)]).toEqual(["hall"]);
});
