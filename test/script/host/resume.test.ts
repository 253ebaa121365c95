/** What becomes of a batch where the engine is interrupted at every place around the end of an event. */
import { afterEach, expect, spyOn, test } from "bun:test";
import { Deadline } from "../../../src/script/host/engine/deadline.ts";
import { message, Stage } from "./stage.ts";

/** The engine asks whether to go on every so many calls and turns of loops. */
const POLL = 10_000;

afterEach(() => {
  for (const spy of spies.splice(0)) spy.mockRestore();
});
const spies: { mockRestore(): void }[] = [];

/** Time that passes by a second each time somebody looks: whatever is asked about twice in one event has taken too long. */
function hurriedTime(): void {
  let now = 1_000_000;
  const later = () => {
    now += 1000;
    return now;
  };
  spies.push(spyOn(performance, "now").mockImplementation(later));
  const usage = () => ({ user: later() * 1000, system: 0 });
  spies.push(spyOn(process, "threadCpuUsage").mockImplementation(usage));
}

test("an interrupt costs the event that runs, and none where it comes between two", async () => {
  const stage = await Stage.room(`
    state: () => ({ done: [] }),
    messages: {
      turn(room, user, n) { for (let i = 0; i < n; i++); room.state.done.push(n); return n; },
      done: (room) => room.state.done,
      spin() { for (;;); },
    },
  `);
  // After the first events the state is no longer looked at behind each: that takes longer the more is in it.
  for (let n = 0; n < 3; n++) await stage.play(...Array.from({ length: 100 }, () => message("done")));
  hurriedTime();
  const isOver = spyOn(Deadline.prototype, "isOver");
  spies.push(isOver);
  const play = async (turns: number) => {
    // The engine counts on from batch to batch; it begins anew where it interrupts.
    await stage.message("spin");
    isOver.mockClear();
    const results = await stage.play(message("turn", turns), message("turn", 1), message("turn", 2));
    const wasInterrupted = isOver.mock.results.some(({ value }) => value === true);
    return { results, failed: results.filter(({ status }) => status !== "ok").length, wasInterrupted };
  };

  // With so many turns the second look comes at the end of the handler; with fewer it comes behind it.
  let fails = 2 * POLL;
  for (let fits = POLL / 2; fails - fits > 1; ) {
    const turns = Math.floor((fits + fails) / 2);
    if ((await play(turns)).failed > 0) fails = turns;
    else fits = turns;
  }
  const between: number[] = [];
  for (let turns = fails + 5; turns > fails - 30; turns--) {
    const { results, failed, wasInterrupted } = await play(turns);
    expect(failed).toBeLessThanOrEqual(1);
    if (failed > 0) {
      expect(results[0]?.failure?.limit).toBe("cpu");
      expect(results.slice(1).map(({ value }) => value)).toEqual([1, 2]);
    } else {
      expect(results.map(({ value }) => value)).toEqual([turns, 1, 2]);
      if (wasInterrupted) between.push(turns);
    }
  }
  expect(between.length).toBeGreaterThan(0);
  for (const spy of spies.splice(0)) spy.mockRestore();
  // Each of them has run once, in order.
  const done = (await stage.message("done")).value as number[];
  const first = done.lastIndexOf(between[0] as number);
  expect(done.slice(first, first + 3)).toEqual([between[0] as number, 1, 2]);
});
