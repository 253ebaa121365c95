/** Whether the events of a durable script lead to its state again. */
import { expect, test } from "bun:test";
import { ask, buildOf, Room, startHosts } from "../harness.ts";
import { KeptScriptJournal } from "./kept_script_journal.ts";

const code = (value: string) => `
import { defineRoom } from "hotroom";
let calls = 0;
export default defineRoom({
  durable: true,
  state: () => ({ seen: [] }),
  messages: { note(room) { calls++; room.state.seen.push(${value}); return room.state.seen; } },
});
`;

/** Runs a room beside another one in its sandbox up to a snapshot; returns what was logged, and the room's state behind it. */
async function prove(value: string) {
  const { hosts, log } = startHosts({ command: undefined });
  const version = await hosts.load(buildOf(code(value)));
  const beside = hosts.open(version, new Room("beside"));
  await ask(beside, "note");
  const script = hosts.open(version, new Room(), new KeptScriptJournal());
  for (let times = 0; times < 3; times++) await ask(script, "note");
  const next = await hosts.load(buildOf(code(value)));
  await script.swap(next);
  const { value: seen = "" } = await ask(script, "note");
  // The trial is over when its sandbox is gone.
  while (hosts.sandboxes("app").count > 2) await new Promise((resolve) => setTimeout(resolve, 5));
  return { log, seen: JSON.parse(seen) };
}

test("[D7] events that lead to another state when they are run again are told, and the state stays", async () => {
  const { log, seen } = await prove("calls");
  expect(seen.slice(0, 3)).toEqual([2, 3, 4]);
  expect(log).toEqual([
    'error: Cannot lead room "lobby" to its state by running its events again: it leads to another one. The state as it is stays.',
  ]);
});

test("[D7] a state that its events lead to again, with its times and random numbers, is proved in silence", async () => {
  const { log } = await prove("[Date.now(), Math.random()]");
  expect(log).toEqual([]);
});
