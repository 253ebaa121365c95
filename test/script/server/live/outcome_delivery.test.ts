import { expect, test } from "bun:test";
import { ask, buildOf, message, Room, startHosts } from "../harness.ts";

const types = (effects: readonly object[]) => effects.map((effect) => ("type" in effect ? effect.type : ""));

test("many effects are applied a few at a time, in order, and whoever asked is answered behind them", async () => {
  const { hosts } = startHosts();
  const room = new Room();
  const script = hosts.open(await hosts.load(buildOf()), room);
  const { value, effects } = await ask(script, "many", 50);
  expect([value, effects.length]).toEqual(["50", 50]);
  const first = room.outcomes.at(-1)?.[1].effects ?? [];
  const further = room.further.map((part) => part.effects);
  expect(first.length).toBeLessThan(50);
  expect(types([first, ...further].flat())).toEqual(Array.from({ length: 50 }, (_, n) => `n${n}`));
  // The parts have nothing of the outcome but effects.
  for (const part of room.further) expect(Object.keys(part).toSorted()).toEqual(["effects", "version"]);
});

test("effects that many hear are applied one at a time", async () => {
  const { hosts } = startHosts();
  const room = Object.assign(new Room(), { reach: 6000 });
  const script = hosts.open(await hosts.load(buildOf()), room);
  await ask(script, "many", 3);
  const parts = [room.outcomes.at(-1)?.[1].effects ?? [], ...room.further.map(({ effects }) => effects)];
  expect(parts.map(types)).toEqual([["n0"], ["n1"], ["n2"]]);
});

test("what follows waits until all effects of an event are applied", async () => {
  const { hosts } = startHosts();
  const room = new Room();
  const script = hosts.open(await hosts.load(buildOf()), room);
  const further = () => room.further.flatMap(({ effects }) => effects).length;
  const order: [string, number][] = [];
  room.onOutcome = (event) => order.push(["type" in event ? event.type : event.kind, further()]);
  script.dispatch(message("many", 200), () => order.push(["answered", further()]));
  await new Promise<void>((resolve) => script.dispatch(message("count"), () => resolve()));
  const all = 200 - (room.outcomes[0]?.[1].effects.length ?? 0);
  expect(order).toEqual([
    ["many", 0],
    ["answered", all],
    ["count", all],
  ]);
});

test("effects wait until it shows that their event has happened, and nobody else's wait for them", async () => {
  const { hosts } = startHosts();
  const room = new Room();
  const script = hosts.open(await hosts.load(buildOf()), room);
  const reserved = Promise.withResolvers<boolean>();
  room.onDecide = (event) =>
    event.kind !== "message" || event.type !== "many" || { first: 10, settle: () => reserved.promise };
  const told = () => [room.outcomes, room.further.map((part) => [undefined, part] as const)].flat();
  const many = () =>
    types(told().flatMap(([, { effects }]) => effects)).filter((type) => /^n\d/.test(String(type)));
  const asked = ask(script, "many", 100);
  // Those behind it are answered meanwhile.
  await ask(script, "count");
  expect(many()).toEqual(Array.from({ length: 10 }, (_, n) => `n${n}`));
  reserved.resolve(true);
  // Whoever asked is told when all of it is done.
  expect((await asked).effects).toHaveLength(100);
  expect(many()).toEqual(Array.from({ length: 100 }, (_, n) => `n${n}`));
});

test.each([
  ["at once", false],
  ["later", { first: 0, settle: async () => false }],
])("of an event that turns out %s not to have happened only the log lines stay", async (_, decision) => {
  const { hosts } = startHosts();
  const room = new Room();
  const script = hosts.open(await hosts.load(buildOf()), room);
  room.onDecide = () => decision;
  const { value } = await ask(script, "many", 50);
  expect(value).toBe("50");
  const effects = [...room.outcomes.map(([, outcome]) => outcome), ...room.further].flatMap(
    (each) => each.effects,
  );
  expect(effects.filter(({ kind }) => kind !== "log")).toEqual([]);
});
