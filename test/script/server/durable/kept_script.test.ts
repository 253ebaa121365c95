/** How a durable script comes back by what is kept, after whatever has happened to it. */
import { expect, test } from "bun:test";
import type { KeptEvent } from "../../../../src/core/ports/script_journal.ts";
import type { Version } from "../../../../src/core/ports/build.ts";
import type { Outcome } from "../../../../src/core/ports/outcome.ts";
import { ask, buildOf, message, Room, startHosts, stateOf } from "../harness.ts";
import { KeptScriptJournal } from "./kept_script_journal.ts";

type Started = Awaited<ReturnType<typeof open>>;

async function open(code = "", journal = new KeptScriptJournal()) {
  const { hosts, log } = startHosts();
  const build = buildOf(code);
  const version = await hosts.load(build);
  const room = new Room();
  const script = hosts.open(version, room, journal);
  return { hosts, log, build, version, room, script, journal };
}

/** Opens what is kept on hosts that know nothing, in the version that it names. */
async function comeBack({ journal }: Started, builds: Started["build"][], again: readonly KeptEvent[] = []) {
  const kept = journal.script;
  const build = builds.find(({ hash }) => hash === kept.opening.hash);
  if (!build) throw new Error(`There is no ${kept.opening.version}.`);
  const { hosts, log } = startHosts();
  const room = new Room();
  const next = new KeptScriptJournal({
    ...kept,
    events: kept.events.filter(({ seq }) => again.every((event) => event.seq !== seq)),
  });
  const script = hosts.open(await hosts.load(build), room, next);
  return { hosts, log, room, script, journal: next };
}

const messageOf = (journal: KeptScriptJournal) => journal.script.events.length;

test("[D4] a script comes back with its state, its time and its numbers, and carries nothing out again", async () => {
  const one = await open();
  for (const data of ["a", "b"]) await ask(one.script, "count", data);
  await ask(one.script, "time");
  const state = await stateOf(one.script);
  await one.hosts.stop();
  const { script, room } = await comeBack(one, [one.build]);
  expect(await stateOf(script)).toEqual(state);
  expect(room.outcomes.length).toBe(1);
  expect(messageOf(one.journal)).toBe(4);
});

test("[D4] what was handled and not carried out is carried out, from the first effect on that was not", async () => {
  const one = await open();
  await ask(one.script, "count", "a");
  const told: Outcome[] = [];
  one.script.dispatch(message("many", 20), (outcome) => told.push(outcome), { origin: '"frame 7"' });
  one.script.dispatch(message("time"), (outcome) => told.push(outcome));
  while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
  const [, many, time] = one.journal.script.events;
  if (!many || !time) throw new Error("They are not kept.");
  expect(many.origin).toBe('"frame 7"');
  expect(one.journal.effects).toEqual([
    [1, undefined],
    [2, 8],
    [2, 16],
    [2, undefined],
    [3, undefined],
  ]);
  await one.hosts.stop();
  const { script, room } = await comeBack(one, [one.build], [many, time]);
  const dispatch = ({ event, seq, time }: KeptEvent, effects: number) =>
    new Promise<Outcome>((resolve) => {
      script.dispatch(event, resolve, { again: { seq, time, effects } });
    });
  const [, again] = await Promise.all([dispatch(many, 16), dispatch(time, 0)]);
  const types = room.further.flatMap(({ effects }) =>
    effects.map((effect) => "type" in effect && effect.type),
  );
  expect(types).toEqual(["n16", "n17", "n18", "n19"]);
  expect(again?.value).toBe(told[1]?.value);
  expect(room.outcomes.length).toBe(1);
});

test("a script that was opened again numbers its events behind those that it has handled", async () => {
  const one = await open();
  await ask(one.script, "count", "a");
  await one.hosts.stop();
  const { script, journal } = await comeBack(one, [one.build]);
  await ask(script, "count", "b");
  expect(journal.script.events.map(({ seq }) => seq)).toEqual([1, 2]);
});

/** What happens to a script between its first events and the end of everything, each with versions of its own. */
const fates: Record<string, (one: Started, load: (code: string) => Promise<Version>) => Promise<void>> = {
  "a move": async ({ script }, load) => {
    await script.swap(await load("has:events.reload"));
    await ask(script, "count", "moved");
  },
  "a move before its first event": async ({ script }, load) => {
    await script.swap(await load(""));
  },
  "a move that fails": async ({ script }, load) => {
    await expect(script.swap(await load("migrate-fails"))).rejects.toThrow("state.board is undefined");
    await ask(script, "count", "stayed");
  },
  "a first event that fails after a move": async ({ script, room }, load) => {
    await script.swap(await load("fails:messages.count"));
    await ask(script, "count", "failed");
    expect(room.rollbacks.length).toBe(1);
  },
  "a way back by hand, over events of the version that is left": async ({ script, version }, load) => {
    await script.swap(await load(""));
    for (const data of ["x", "y"]) await ask(script, "count", data);
    await script.goBack(version);
    await ask(script, "count", "back");
  },
  "a trial that the version before does not stand": async ({ script }, load) => {
    await script.swap(await load("has:emits.e fails:emits.e"));
    await ask(script, "count", "x");
    await new Promise((resolve) => script.dispatch({ kind: "emit", type: "e", data: "1" }, resolve));
    await ask(script, "count", "y");
  },
  "an event that fails": async ({ script }) => {
    await ask(script, "throw");
    await ask(script, "count", "after");
  },
  "a member who leaves though the handler fails": async ({ script }, load) => {
    script.dispatch({ kind: "join", user: { id: "u1", name: "ann" } });
    await script.swap(await load("fails:events.leave"));
    await ask(script, "count", "x");
    await new Promise((resolve) => script.dispatch({ kind: "leave", user: "u1" }, resolve));
    await ask(script, "count", "y");
  },
  "a message that takes its host down": async ({ script, hosts }) => {
    for (let times = 0; times < 2; times++) await ask(script, "exit");
    await ask(script, "count", "after");
    expect(hosts.hosts()[0]?.restarts).toBeGreaterThan(0);
  },
  "a host that is killed": async ({ script, hosts }) => {
    const pid = hosts.hosts()[0]?.pid;
    if (typeof pid === "number") process.kill(pid, "SIGKILL");
    await ask(script, "count", "after");
  },
  "a rehearsal": async ({ script }, load) => {
    await script.rehearse(await load(""));
    await ask(script, "count", "after");
  },
  "events enough for a snapshot": async ({ script, journal }) => {
    await ask(script, "claim", 400);
    for (let number = 0; number < 40; number++) await ask(script, "count", number);
    while (!journal.calls.slice(1).includes("begin 0")) await ask(script, "claim", 400);
    await ask(script, "count", "after");
  },
  "a journal that it is given later": async (one) => {
    const { script } = one;
    const later = new KeptScriptJournal();
    script.keep(later);
    await ask(script, "count", "later");
    Object.assign(one, { journal: later });
  },
};

test.each(Object.entries(fates))(
  "[D5] after %s what is kept brings the live state back",
  async (_, happens) => {
    const one = await open();
    const builds = [one.build];
    const load = (code: string) => {
      const build = buildOf(code);
      builds.push(build);
      return one.hosts.load(build);
    };
    for (const data of ["a", "b"]) await ask(one.script, "count", data);
    await happens(one, load);
    const state = await stateOf(one.script);
    const version = one.script.version;
    await one.hosts.stop();
    const { script, log } = await comeBack(one, builds);
    expect(script.version).toBe(version);
    expect(await stateOf(script)).toEqual(state);
    expect(log.filter((line) => /replay|Cannot/.test(line))).toEqual([]);
  },
);

test("a durable script whose state can't be written gets no more events than are kept, and none of these is forgotten", async () => {
  const one = await open();
  await ask(one.script, "mark", "no-snapshot");
  await ask(one.script, "claim", 400);
  let refused: Outcome | undefined;
  for (let asked = 0; asked < 20_000 && !refused; asked += 1000) {
    const outcomes = await Promise.all(Array.from({ length: 1000 }, () => ask(one.script, "claim", 0)));
    refused = outcomes.find(({ failure }) => failure !== undefined);
  }
  expect(refused?.failure).toMatchObject({ code: "handler_failed" });
  expect(refused?.failure?.detail).toContain("the state can't be written");
  expect(one.log.join("\n")).toContain("Cannot take a snapshot");
  const kept = one.journal.script.events.length;
  await one.hosts.stop();
  const { script } = await comeBack(one, [one.build]);
  expect((await ask(script, "claim", 0)).value).toBe(String(kept));
});

test("a snapshot whose text has changed in the store is told, and opens the script all the same", async () => {
  const one = await open();
  await ask(one.script, "count", "a");
  await one.script.swap(await one.hosts.load(one.build));
  await ask(one.script, "count", "b");
  const { journal } = one;
  const { opening } = journal.script;
  expect(opening.stateHash).toBeString();
  await one.hosts.stop();
  const intact = await comeBack(one, [one.build]);
  expect(await stateOf(intact.script)).toMatchObject({ count: 2 });
  expect(intact.log).toEqual([]);
  const changed = { ...opening, request: opening.request.replace('"count":1', '"count":7') };
  journal.begin({ ...journal.script, opening: changed });
  const { script, log } = await comeBack(one, [one.build]);
  expect(await stateOf(script)).toMatchObject({ count: 8 });
  expect(log.join()).toContain('The kept state of room "lobby" is not the one that was taken');
});

test("what is handled again is handled by the version that did, whatever move is wanted meanwhile", async () => {
  const one = await open();
  for (const data of ["a", "b"]) await ask(one.script, "count", data);
  await one.hosts.stop();
  const events = one.journal.script.events;
  const back = await comeBack(one, [one.build], events);
  const next = await back.hosts.load(buildOf(""));
  const moved = back.script.swap(next);
  const versions: string[] = [];
  for (const { event, seq, time } of events)
    back.script.dispatch(event, ({ version }) => versions.push(version), {
      again: { seq, time, effects: 0 },
    });
  await moved;
  expect(versions).toEqual([one.build.version, one.build.version]);
  expect(await stateOf(back.script)).toMatchObject({ version: next.build.version, count: 2 });
});

test("effects that wait until it shows whether their event has happened are counted behind those that did not", async () => {
  const one = await open();
  let settle = (_: boolean) => {};
  const settled = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  one.room.onDecide = (event) =>
    event.kind === "message" && event.type === "many" ? { first: 2, settle: () => settled } : true;
  const many = ask(one.script, "many", 20);
  await ask(one.script, "count", "a");
  expect(one.journal.effects).toEqual([
    [1, 2],
    [2, undefined],
  ]);
  settle(true);
  await many;
  expect(one.journal.effects.slice(2)).toEqual([
    [1, 10],
    [1, 18],
    [1, undefined],
  ]);
});
