/** What holds a durable script's answers back until they are saved, and what comes of one that can't be. */
import { expect, test } from "bun:test";
import { MOST_UNSAVED } from "../../../../src/script/server/durable/gate.ts";
import { ask, buildOf, message, Room, startHosts, stateOf } from "../harness.ts";
import { KeptScriptJournal } from "./kept_script_journal.ts";

/** Waits until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

async function openRoom(journal = new KeptScriptJournal(), code = "") {
  const started = startHosts();
  const version = await started.hosts.load(buildOf(code));
  const room = new Room();
  const script = started.hosts.open(version, room, journal);
  return { ...started, version, room, script, journal };
}

test("[D1] nothing of an answer is carried out before it is saved, and then all of it in order", async () => {
  const { script, room, journal } = await openRoom();
  journal.isHeld = true;
  const answers = ["a", "b", "c"].map((data) => ask(script, "count", data));
  await until(() => journal.waiting.length === 3);
  expect(room.outcomes).toEqual([]);
  expect(script.view.waiting).toBe(3);
  journal.commit();
  const values = (await Promise.all(answers)).map(({ value }) => JSON.parse(value ?? "").count);
  expect(values).toEqual([1, 2, 3]);
  expect(room.outcomes.map(([, { effects }]) => effects.length)).toEqual([1, 1, 1]);
  expect(journal.effects).toEqual([
    [1, undefined],
    [2, undefined],
    [3, undefined],
  ]);
});

test("[D2] an event that can't be saved has not happened: who asked is told, what waits goes on from the state before", async () => {
  const { script, room, journal } = await openRoom();
  await ask(script, "count", "a");
  journal.isHeld = true;
  const lost = ask(script, "count", "lost");
  await until(() => journal.waiting.length === 1);
  const next = ask(script, "count", "next");
  await until(() => journal.waiting.length === 2);
  // The second one is saved, but has seen what has not happened.
  const [first, second] = journal.waiting.splice(0);
  first?.[1].settled(false);
  second?.[1].settled(true);
  expect((await lost).failure).toEqual({
    code: "not_saved",
    message: `Cannot handle "count": it can't be saved now.`,
  });
  journal.isHeld = false;
  journal.commit();
  expect(JSON.parse((await next).value ?? "")).toEqual({ count: 2 });
  expect(await stateOf(script)).toMatchObject({ count: 2, seen: ['"a"', '"next"'] });
  expect(room.failures).toEqual([]);
  expect(journal.calls).toContain("remove 3");
});

test("[D3] while nothing can be saved clients are refused and ticks left out, and what others tell waits", async () => {
  const { script, journal } = await openRoom();
  await ask(script, "count", "a");
  journal.problem = "disk full at /secret/path";
  const refused = await ask(script, "count", "b");
  expect(refused.failure?.code).toBe("not_saved");
  expect(refused.failure?.message).not.toContain("secret");
  const tick = await new Promise((resolve) => script.dispatch({ kind: "tick", elapsed: 50 }, resolve));
  expect(tick).toMatchObject({ failure: { code: "not_saved" } });
  const told: string[] = [];
  script.dispatch({ kind: "emit", type: "x", data: "1" }, () => told.push("emit"));
  script.dispatch({ kind: "timer", name: "t" }, () => told.push("timer"));
  script.dispatch({ kind: "leave", user: "u1" }, () => told.push("leave"));
  await until(() => script.view.waiting === 3);
  journal.problem = undefined;
  await until(() => told.length === 3);
  expect(told).toEqual(["emit", "timer", "leave"]);
  expect(await stateOf(script)).toMatchObject({ count: 1, seen: ['"a"', "x 1", "timer", "leave"] });
});

test("[D2] a commit that fails under way refuses who can ask again, and keeps what others have told", async () => {
  const { script, journal } = await openRoom();
  journal.isHeld = true;
  const answers = [ask(script, "count", "a")];
  script.dispatch({ kind: "leave", user: "u1" });
  answers.push(ask(script, "count", "b"));
  await until(() => journal.waiting.length === 3);
  journal.problem = "disk full";
  journal.commit();
  for (const { failure } of await Promise.all(answers)) expect(failure?.code).toBe("not_saved");
  expect(script.view.waiting).toBe(1);
  journal.problem = undefined;
  journal.isHeld = false;
  expect(await stateOf(script)).toMatchObject({ count: 0, seen: ["leave"] });
});

test("what is held when its sandbox is lost is carried out once, and the script comes back behind it", async () => {
  const { script, room, journal, hosts } = await openRoom();
  await ask(script, "count", "a");
  journal.isHeld = true;
  const held = ask(script, "count", "b");
  await until(() => journal.waiting.length === 1);
  const pid = hosts.hosts()[0]?.pid;
  if (typeof pid !== "number") throw new Error("There is no host.");
  process.kill(pid, "SIGKILL");
  const after = ask(script, "count", "c");
  await until(() => hosts.hosts()[0]?.state === "ready" && hosts.hosts()[0]?.pid !== pid);
  expect(room.outcomes.length).toBe(1);
  journal.isHeld = false;
  journal.commit();
  expect(JSON.parse((await held).value ?? "")).toEqual({ count: 2 });
  expect(JSON.parse((await after).value ?? "")).toEqual({ count: 3 });
  expect(room.outcomes.length).toBe(3);
});

test("an event that fails, or that nobody handles, keeps its place among those that are saved, and is written nowhere", async () => {
  const { script, journal } = await openRoom();
  const done: string[] = [];
  for (const type of ["count", "throw", "count", "unknown", "refuse", "count"])
    script.dispatch(message(type, "x"), ({ failure }) => done.push(failure?.code ?? type));
  await until(() => done.length === 6);
  expect(done).toEqual(["count", "handler_failed", "count", "no_handler", "refused", "count"]);
  expect(journal.script.events.map(({ seq }) => seq)).toEqual([1, 3, 5, 6]);
  expect(await stateOf(script)).toMatchObject({ count: 3 });
});

test("[D6] scripts beside one that waits for the store go on, durable or not", async () => {
  const { hosts, version, script, journal } = await openRoom();
  const beside = hosts.open(version, new Room("beside"));
  const other = hosts.open(version, new Room("other"), new KeptScriptJournal());
  await ask(script, "count", "a");
  journal.isHeld = true;
  const held = ask(script, "count", "b");
  await until(() => journal.waiting.length === 1);
  for (const each of [beside, other]) expect((await ask(each, "count", "x")).value).toBe('{"count":1}');
  expect(beside.view.host).toBe(script.view.host);
  journal.commit();
  expect((await held).value).toBe('{"count":2}');
});

test("no more than some hundred events of a script wait for the store, the others in its queue; all come through", async () => {
  const { hosts, version, script, journal } = await openRoom();
  await ask(script, "count", "a");
  journal.isHeld = true;
  const answers = Array.from({ length: 3 * MOST_UNSAVED }, (_, number) => ask(script, "count", number));
  await until(() => journal.waiting.length === MOST_UNSAVED);
  // Whatever the sandbox still had would be answered before another script is.
  await ask(hosts.open(version, new Room("beside")), "count", 1);
  expect(journal.waiting.length).toBe(MOST_UNSAVED);
  journal.isHeld = false;
  journal.commit();
  const counts = (await Promise.all(answers)).map(({ value }) => JSON.parse(value ?? "").count);
  expect(counts).toEqual(Array.from(counts, (_, at) => at + 2));
});

test("a script that is abandoned has not done what was not saved, and one that is kept no more goes on without the store", async () => {
  const { script, journal } = await openRoom();
  await ask(script, "count", "a");
  journal.isHeld = true;
  const held = ask(script, "count", "b");
  await until(() => journal.waiting.length === 1);
  script.abandon("its store is gone");
  expect((await held).failure?.code).toBe("busy");
  journal.commit(true);
  expect(journal.script.events.map(({ seq }) => seq)).toEqual([1]);
  expect(journal.effects).toEqual([[1, undefined]]);

  const other = await openRoom();
  await ask(other.script, "count", "a");
  other.journal.problem = "disk full";
  const left = new Promise((resolve) => other.script.dispatch({ kind: "leave", user: "u1" }, resolve));
  other.script.keep(undefined);
  await left;
  expect(await stateOf(other.script)).toMatchObject({ seen: ['"a"', "leave"] });
  expect(other.journal.script.events.length).toBe(1);
});
