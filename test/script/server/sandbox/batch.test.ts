/** Which of the scripts in one sandbox has its events in the next batch. */
import { expect, test } from "bun:test";
import { Call } from "../../../../src/script/server/sandbox/call.ts";
import { LoadedVersion } from "../../../../src/script/server/sandbox/loaded_version.ts";
import { Sandbox } from "../../../../src/script/server/sandbox/sandbox.ts";
import type { Slot } from "../../../../src/script/server/sandbox/slot.ts";
import { answerText, writeAnswer } from "../../encoding.ts";
import { buildOf } from "../harness.ts";

/** A sandbox of rooms, and what was answered. */
function start() {
  const host = { id: 1, countScripts() {}, wake() {}, drop() {}, spent() {} };
  const sandbox = new Sandbox(1, new LoadedVersion(1, buildOf(), undefined, new Map()), host, 100);
  const seqs = new Map<string, number>();
  const names = new Map<Slot, string>();
  const answered: string[] = [];
  /** A room of that name. */
  const room = (name: string): Slot => {
    const slot = sandbox.addSlot({
      answered: ({ posted }) => answered.push(`${name}${posted.call.seq}`),
      lost() {},
    });
    names.set(slot, name);
    return slot;
  };
  const post = (slot: Slot, count: number) => {
    const name = names.get(slot) ?? "";
    for (let n = 0; n < count; n++) {
      const seq = (seqs.get(name) ?? 0) + 1;
      seqs.set(name, seq);
      slot.post(new Call({ kind: "tick", elapsed: 1 }, seq));
    }
  };
  /** Has the next batch answered, of which the first `most` events were run, each for `costs` ms of CPU time by its room. */
  const play = (costs: Record<string, number> = {}, most = 256): string[] => {
    const { posted = [] } = sandbox.take() ?? {};
    const run = posted.slice(0, most);
    const times = run.map(({ slot }) => costs[names.get(slot) ?? ""] ?? 0.01);
    const outcomes = times.map((ms) => ({ status: 0, body: undefined, ms: ms * 100, effects: [] }));
    const cpu = times.reduce((sum, ms) => sum + ms, 0) * 1000;
    const answer = writeAnswer(answerText(outcomes), { cpu: Math.round(cpu), hasGrown: false });
    for (const result of sandbox.receive(answer, 0).results) result.posted.slot.answer(result);
    return run.map(({ slot, call }) => `${names.get(slot)}${call.seq}`);
  };
  return { sandbox, room, post, play, answered };
}

/** How many events of a room are in a list. */
const count = (events: readonly string[], name: string) =>
  events.filter((event) => event.startsWith(name)).length;

test("[F9] rooms get the same CPU time, whatever an event of theirs costs and however many wait", () => {
  const { room, post, play } = start();
  const costs = { dear: 3, cheap: 0.5 };
  post(room("dear"), 500);
  post(room("cheap"), 500);
  const events: string[] = [];
  while (events.length < 140) events.push(...play(costs, 10));
  expect(Math.abs(count(events, "dear") * 3 - count(events, "cheap") * 0.5)).toBeLessThanOrEqual(8);
});

test("a room that was idle goes before those that have more waiting than they get", () => {
  const { room, post, play } = start();
  const [busy, late] = [room("busy"), room("late")];
  post(busy, 500);
  for (let n = 0; n < 10; n++) play({ busy: 3 });
  post(late, 1);
  expect(play({ busy: 3 }).slice(0, 2)).toEqual(["late1", expect.stringMatching("busy")]);
});

test("a room's events stay in order, also those that a batch had no time for", () => {
  const { room, post, play, answered } = start();
  const rooms = ["a", "b", "c"].map(room);
  for (let n = 0; n < 20; n++) for (const slot of rooms) post(slot, 1 + (n % 3));
  while (count(answered, "a") + count(answered, "b") + count(answered, "c") < 3 * 39) play({ b: 2 }, 5);
  for (const name of ["a", "b", "c"]) {
    const own = answered.filter((event) => event.startsWith(name));
    expect(own).toEqual(Array.from({ length: 39 }, (_, n) => `${name}${n + 1}`));
  }
});

test("one room alone gets all that there is", () => {
  const { room, post, play } = start();
  post(room("only"), 300);
  play({ only: 30 }, 1);
  play({ only: 0.01 });
  expect(play({ only: 0.01 }).length).toBeGreaterThan(1);
});

test("a suspect goes by itself before whatever has come since its host was asked for empty hands", () => {
  const { sandbox, room, post } = start();
  const [suspect, other] = [room("suspect"), room("other")];
  const call = new Call({ kind: "tick", elapsed: 1 }, 1);
  call.suspect().alone = true;
  suspect.post(call);
  expect(sandbox.wantsHostAlone).toBe(true);
  suspect.credit.spend(100);
  post(other, 3);
  expect(sandbox.wantsHostAlone).toBe(true);
  expect(sandbox.take()).toMatchObject({ alone: true, posted: [{ call }] });
});

test("what a room that has left had waiting is not run, and its host is told", () => {
  const { sandbox, room, post, play } = start();
  const [left, other] = [room("left"), room("other")];
  post(other, 1);
  play();
  post(left, 3);
  post(other, 1);
  left.leave();
  const kinds = sandbox.take()?.posted.map(({ call }) => call.task.kind);
  expect(kinds?.toSorted()).toEqual(["end", "tick"]);
});
