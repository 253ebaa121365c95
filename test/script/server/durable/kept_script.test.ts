/** How a durable script comes back by what is kept, after whatever has happened to it. */
import { expect, test } from "bun:test";
import type { KeptEvent } from "../../../../src/core/ports/script_journal.ts";
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
