/** Who holds a script host up goes on in one apart from the others. */
import { expect, test } from "bun:test";
import { systemClock } from "../../../../src/core/ports/clock.ts";
import type { Script } from "../../../../src/core/ports/script.ts";
import { Confinement } from "../../../../src/script/server/host/confinement.ts";
import type { ScriptHosts } from "../../../../src/script/server/script_hosts.ts";
import { FakeClock } from "../../../core/fake_clock.ts";
import { ask, buildOf, Room, startHosts, stateOf } from "../harness.ts";

function start() {
  const clock = new FakeClock();
  const log: string[] = [];
  const changes: [string, boolean][] = [];
  const confinement: Confinement = new Confinement(
    clock,
    (level, text, { application } = {}) => log.push(`${level} ${application}: ${text}`),
    (application) => changes.push([application, confinement.isConfined(application)]),
  );
  return { clock, log, changes, confinement };
}

test("an application that takes a host for half a second of a minute is confined, which is told once", () => {
  const { confinement, clock, log, changes } = start();
  for (let n = 0; n < 4; n++) confinement.heldUp("app", 110);
  expect(confinement.isConfined("app")).toBe(false);
  confinement.heldUp("other", 110);
  confinement.heldUp("app", 110);
  expect(confinement.isConfined("app")).toBe(true);
  confinement.heldUp("app", 700);
  clock.advance(1000);
  confinement.heldUp("app", 700);
  expect(changes).toEqual([["app", true]]);
  expect(log).toEqual([
    "warn app: It is confined to a script host apart from the others: its code held theirs up 5 times in a minute, for 550 ms.",
  ]);
  expect(confinement.isConfined("other")).toBe(false);
});

test("what a batch takes by the default limits holds nobody up, and what was a minute ago is forgotten", () => {
  const { confinement, clock } = start();
  for (let n = 0; n < 1000; n++) confinement.heldUp("app", 35);
  for (let n = 0; n < 20; n++) {
    confinement.heldUp("app", 200);
    clock.advance(30_000);
  }
  expect(confinement.isConfined("app")).toBe(false);
});

test("it is let out when it has held nobody up for a minute, the next time for two, and after a while for one again", () => {
  const { confinement, clock, log } = start();
  const quiet = () => {
    let ms = 0;
    for (; confinement.isConfined("app"); ms += 1000) clock.advance(1000);
    return ms;
  };
  confinement.heldUp("app", 600);
  clock.advance(50_000);
  confinement.heldUp("app", 60);
  expect(quiet()).toBe(60_000);
  confinement.heldUp("app", 600);
  expect(quiet()).toBe(120_000);
  clock.advance(10 * 60_000);
  confinement.heldUp("app", 600);
  expect(quiet()).toBe(60_000);
  expect(log.filter((line) => line.startsWith("info"))).toHaveLength(3);
  expect(clock.pending).toBe(0);
});

test("an application that others run short of memory for is confined for as long as it is large", () => {
  const { confinement, clock, log, changes } = start();
  let isLarge = true;
  for (let n = 0; n < 3; n++) confinement.crowded("app", () => isLarge);
  expect(log).toEqual([
    "warn app: It is confined to a script host apart from the others: its sandboxes take most of the memory of theirs.",
  ]);
  clock.advance(10 * 60_000);
  expect(confinement.isConfined("app")).toBe(true);
  isLarge = false;
  clock.advance(60_000);
  expect(confinement.isConfined("app")).toBe(false);
  expect(changes).toEqual([
    ["app", true],
    ["app", false],
  ]);
});

test("a server that stops waits for nobody to be let out", () => {
  const { confinement, clock } = start();
  confinement.heldUp("app", 600);
  confinement.stop();
  expect(clock.pending).toBe(0);
});

/** A host with rooms of two applications on it; a minute passes in half a second. */
async function startTwo() {
  const after = (ms: number, task: () => void) => systemClock.after(ms > 30_000 ? 500 : ms, task);
  const { hosts, log } = startHosts({ clock: { ...systemClock, after } });
  const open = async (application: string, names: string[], settings = {}) => {
    const version = await hosts.load({ ...buildOf("", settings), application });
    return names.map((name) => hosts.open(version, new Room(name)));
  };
  return { hosts, log, open };
}

const hostOf = (script: Script | undefined) => script?.view.host;
const running = (hosts: ScriptHosts) => hosts.hosts().map(({ id, confined = false }) => [id, confined]);

async function until(what: () => boolean): Promise<void> {
  while (!what()) await Bun.sleep(5);
}

test("[F10] its rooms go on in a host apart with their state, and come back after a quiet time; the process goes with them", async () => {
  const { hosts, log, open } = await startTwo();
  const [victim] = (await open("victim", ["hall"])) as [Script];
  const [hog, sibling, alone] = (await open("hog", ["one", "two", "three"], { roomsPerSandbox: 2 })) as [
    Script,
    Script,
    Script,
  ];
  for (const script of [victim, hog, sibling, alone])
    expect((await ask(script, "count")).failure).toBeUndefined();
  expect((await ask(hog, "claim", 300)).value).toBe("2");
  expect(hosts.share("hog").confined).toBe(false);
  expect((await ask(hog, "claim", 300)).value).toBe("3");
  expect(hosts.share("hog").confined).toBe(true);
  const counts = await Promise.all([victim, hog, sibling, alone].map((script) => ask(script, "count")));
  expect(counts.map(({ value }) => JSON.parse(value ?? "").count)).toEqual([2, 4, 2, 2]);
  const [, [apart]] = running(hosts) as [[number, boolean], [number, boolean]];
  expect([victim, hog, sibling, alone].map(hostOf)).toEqual([1, apart, apart, apart]);
  expect(running(hosts)).toEqual([
    [1, false],
    [apart, true],
  ]);
  expect(hosts.sandboxes("hog").count).toBe(2);
  await until(() => !hosts.share("hog").confined);
  const states = await Promise.all([hog, sibling, alone].map(stateOf));
  expect(states.map(({ count }) => count)).toEqual([4, 2, 2]);
  expect([hog, sibling, alone].map(hostOf)).toEqual([1, 1, 1]);
  await until(() => running(hosts).length === 1);
  expect(log.filter((line) => line.includes("confined"))).toHaveLength(1);
});

test("[F10] a script that takes its host down does it the next time where only its like are", async () => {
  const { hosts, open } = await startTwo();
  const [victim] = (await open("victim", ["hall"])) as [Script];
  const [one, two] = (await open("killer", ["one", "two"])) as [Script, Script];
  await Promise.all([victim, one, two].map((script) => ask(script, "count")));
  for (let n = 0; n < 3; n++) expect((await ask(n % 2 ? two : one, "hang")).failure?.limit).toBe("host");
  expect(hosts.hosts()[0]?.restarts).toBe(1);
  expect((await ask(victim, "count")).value).toBe('{"count":2}');
  expect((await stateOf(two)).count).toBe(1);
});

test("what an event that was cut short has changed does not come along", async () => {
  const { open } = await startTwo();
  const [victim] = (await open("victim", ["hall"])) as [Script];
  const [hog] = (await open("hog", ["one"])) as [Script];
  await Promise.all([ask(victim, "count"), ask(hog, "count")]);
  const [cut, claimed, next] = await Promise.all([
    ask(hog, "limit"),
    ask(hog, "claim", 900),
    ask(hog, "count"),
  ]);
  expect(cut.failure?.limit).toBe("cpu");
  expect([claimed.value, next.value]).toEqual(["2", '{"count":3}']);
  expect((await ask(hog, "count")).value).toBe('{"count":4}');
  expect(hostOf(hog)).not.toBe(1);
});

test("alone on its host an application holds up nobody", async () => {
  const { hosts, open } = await startTwo();
  const [only] = (await open("only", ["hall"])) as [Script];
  for (let n = 0; n < 5; n++) await ask(only, "claim", 1000);
  expect(hosts.share("only").confined).toBe(false);
  expect(running(hosts)).toEqual([[1, false]]);
});

test("a confined application's new rooms, and its next version, are where it is", async () => {
  const { open } = await startTwo();
  const [victim] = (await open("victim", ["hall"])) as [Script];
  const [hog] = (await open("hog", ["one"])) as [Script];
  await ask(victim, "count");
  await ask(hog, "claim", 900);
  const [late] = (await open("hog", ["late"])) as [Script];
  expect((await ask(late, "count")).value).toBe('{"count":1}');
  expect(hostOf(late)).toBe(hostOf(hog) as number);
  expect(hostOf(late)).not.toBe(1);
});

test("stop ends the host apart, too", async () => {
  const { hosts, open } = await startTwo();
  await ask((await open("victim", ["hall"]))[0] as Script, "count");
  const [hog] = (await open("hog", ["one"])) as [Script];
  await ask(hog, "claim", 900);
  await ask(hog, "count");
  const pids = hosts.hosts().map(({ pid }) => pid ?? 0);
  expect(pids).toHaveLength(2);
  await hosts.stop();
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
});
