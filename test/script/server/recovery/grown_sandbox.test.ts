/** What becomes of the scripts in a sandbox that holds much memory of which little is in use. */
import { expect, test } from "bun:test";
import type { Script } from "../../../../src/core/ports/script.ts";
import type { ScriptHosts } from "../../../../src/script/server/script_hosts.ts";
import { ask, buildOf, message, Room, startHosts, stateOf } from "../harness.ts";

/** Scripts of one version, with their rooms. */
async function open(hosts: ScriptHosts, names: string[]): Promise<{ rooms: Room[]; scripts: Script[] }> {
  const version = await hosts.load(buildOf());
  const rooms = names.map((name) => new Room(name));
  return { rooms, scripts: rooms.map((room) => hosts.open(version, room)) };
}

test("scripts of a sandbox that has grown go on in another: nothing fails, nothing is lost, the host stays", async () => {
  const { hosts, log } = startHosts();
  const { rooms, scripts } = await open(hosts, ["a", "b", "c"]);
  const [first] = scripts;
  for (let n = 0; n < 300; n++) {
    for (const script of scripts) script.dispatch(message("count", n));
    if (n % 100 === 50) first?.dispatch(message("grow"));
  }
  for (const script of scripts) expect((await stateOf(script)).count).toBe(300);
  for (const room of rooms) expect(room.outcomes.filter(([, { failure }]) => failure)).toEqual([]);
  expect(log.filter((line) => line.includes("is replaced: it holds 20000000 bytes"))).not.toEqual([]);
  expect(hosts.hosts()[0]?.restarts).toBe(0);
  expect(hosts.hosts()[0]?.sandboxes).toBe(1);
});

test("a snapshot that is still taken in a sandbox that has grown leaves nobody behind there", async () => {
  const { hosts } = startHosts();
  const { scripts } = await open(hosts, ["a", "b"]);
  const [first, second] = scripts as [Script, Script];
  for (const script of scripts) await ask(script, "count");
  // Too long for a batch with anything else: the snapshot of the move comes in the next one, which tells no more of growth.
  const grown = ask(first, "grow", "x".repeat(1024 * 1024));
  await first.swap(await hosts.load(buildOf()));
  await grown;
  for (const script of [first, second]) expect((await ask(script, "count")).value).toBe('{"count":2}');
});

/** How many events would be run again to bring a script back. */
const journaled = (script: Script) => script.timeline()?.events.length;

test("scripts leave a sandbox that is told as grown, also while it works, and come back by snapshots, not by what they did there", async () => {
  for (const sign of ["grow", "waste"]) {
    const { hosts, log } = startHosts();
    const { scripts } = await open(hosts, ["a", "b"]);
    const [first] = scripts as [Script, Script];
    for (let n = 0; n < 50; n++) for (const script of scripts) script.dispatch(message("count", n));
    const grown = ask(first, sign);
    for (let n = 50; n < 100; n++) for (const script of scripts) script.dispatch(message("count", n));
    await grown;
    for (const script of scripts) {
      const { count, seen } = await stateOf(script);
      expect([sign, count, seen]).toEqual([sign, 100, Array.from({ length: 100 }, (_, n) => String(n))]);
    }
    expect(journaled(first)).toBeLessThan(60);
    expect(log.filter((line) => line.includes("is replaced"))).toHaveLength(1);
    expect(hosts.hosts()[0]?.restarts).toBe(0);
  }
});

test("a sandbox stays with a script in it of which no snapshot can be taken: its events would take the memory again", async () => {
  const { hosts, log } = startHosts();
  const { scripts } = await open(hosts, ["a", "b"]);
  const [first, second] = scripts as [Script, Script];
  for (const script of scripts) for (let n = 0; n < 5; n++) await ask(script, "count", n);
  await ask(second, "mark", "no-snapshot");
  for (let n = 0; n < 3; n++) {
    await ask(first, "waste");
    expect((await stateOf(second)).count).toBe(5);
  }
  // Once it had to be tried.
  expect(log.filter((line) => line.includes("is replaced"))).toHaveLength(1);
  expect(log.filter((line) => line.includes("Cannot take a snapshot"))).toHaveLength(1);
});
