import { expect, test } from "bun:test";
import type { ScriptEvent } from "../../../../src/core/ports/event.ts";
import { Call } from "../../../../src/script/server/sandbox/call.ts";
import { JournalEntries } from "../../../../src/script/server/recovery/journal_entries.ts";

/** An answered event, as a script has them. */
function answered(task: ScriptEvent, seq: number): Call {
  const call = new Call(task, seq, () => {});
  call.time = 1_700_000_000_000 + seq;
  return call;
}

const tasks: ScriptEvent[] = [
  { kind: "message", user: "u1", type: "say", reply: true, data: '{"text":"é\\u0000"}' },
  { kind: "message", user: "u2", type: "wave", reply: false },
  { kind: "tick", elapsed: 0.05 },
  { kind: "join", user: { id: "u3", name: "ann" } },
  { kind: "message", user: "", type: "say", reply: false, data: '""' },
  { kind: "emit", type: "over", data: "1", hops: 3 },
  { kind: "tick", elapsed: 0 },
];

test("calls come back as they were, in their order, whatever they are kept as", () => {
  const entries = new JournalEntries();
  const calls = tasks.map((task, at) => answered(task, 2 * at + 1));
  calls.forEach((call, at) => {
    entries.add(call, at % 5);
    expect(entries.length).toBe(at + 1);
  });
  const back = entries.all();
  expect(back.map(({ call }) => call.task)).toEqual(tasks.map((task) => ({ data: undefined, ...task })));
  expect(back.map(({ call }) => [call.seq, call.time, call.weight])).toEqual(
    calls.map(({ seq, time, weight }) => [seq, time, weight]),
  );
  expect(back.map(({ status }) => status)).toEqual([0, 1, 2, 3, 4, 0, 1]);
  // Nobody is told of an outcome twice.
  expect(back.map(({ call }) => call.takeDone()).slice(0, 3)).toEqual([undefined, undefined, undefined]);
});

test("who has seen the calls finds the same ones again, and new ones behind them", () => {
  const entries = new JournalEntries();
  for (const [at, task] of tasks.entries()) entries.add(answered(task, at + 1), 0);
  const first = entries.all().map(({ call }) => call);
  entries.add(answered({ kind: "tick", elapsed: 1 }, 100), 0);
  const again = entries.all().map(({ call }) => call);
  expect(again.length).toBe(first.length + 1);
  for (const [at, call] of first.entries()) expect(again[at]).toBe(call);
});

test("a call that is suspected of something, or that another version answered, is kept itself", () => {
  const entries = new JournalEntries();
  const [plain, suspect, foreign] = [1, 2, 3].map((seq) => answered({ kind: "tick", elapsed: 1 }, seq));
  if (!plain || !suspect || !foreign) throw new Error("There are no calls.");
  suspect.suspect().ownSandbox = true;
  entries.add(plain, 0);
  entries.add(suspect, 0);
  entries.addForeign(foreign, 0);
  const kept = entries.unfolded.map(({ call }) => call);
  expect(kept.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(kept[1]).toBe(suspect);
  expect(kept[2]).toBe(foreign);
});

test("of who leaves only the handler is left out, and nothing of other news about who is there", () => {
  const entries = new JournalEntries();
  const update = { users: { remove: ["u2"], add: [] }, rooms: { remove: [], add: [] } };
  const [leave, news] = [
    answered({ kind: "leave", user: "u1" }, 1),
    answered({ kind: "directory", update }, 2),
  ];
  for (const call of [leave, news]) entries.addForeign(call, 0);
  expect([entries.leaveOut(leave), entries.leaveOut(news)]).toEqual([true, false]);
  expect(entries.all().map(({ call: { task, seq, time } }) => [task, seq, time])).toEqual([
    [{ kind: "directory", update: { ...update, users: { remove: ["u1"], add: [] } } }, 1, leave.time],
    [news.task, 2, news.time],
  ]);
});

test("what another version answered is left out, once, and everything is forgotten", () => {
  const entries = new JournalEntries();
  const calls = [1, 2, 3, 4].map((seq) => answered({ kind: "tick", elapsed: seq }, seq));
  for (const call of calls) {
    if (call.seq === 3) entries.addForeign(call, 0);
    else entries.add(call, 0);
  }
  expect([3, 3, 2].map((seq) => entries.leaveOut(calls[seq - 1] as Call))).toEqual([true, false, false]);
  expect(entries.all().map(({ call }) => call.seq)).toEqual([1, 2, 4]);
  entries.add(answered({ kind: "tick", elapsed: 5 }, 5), 0);
  entries.clear();
  expect([entries.length, entries.all()]).toEqual([0, []]);
});

test("what is kept with an event is there again with its call, and only with that", () => {
  const entries = new JournalEntries();
  for (const [at, task] of tasks.entries()) {
    const call = new Call(task, at + 1, undefined, at % 2 === 0 ? { origin: `"${at}"` } : undefined);
    call.time = 1;
    entries.add(call, 0);
  }
  expect(entries.all().map(({ call }) => call.kept?.origin)).toEqual(
    tasks.map((_, at) => (at % 2 === 0 ? `"${at}"` : undefined)),
  );
});
