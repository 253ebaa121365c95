import { expect, test } from "bun:test";
import type { Script } from "../../../../src/core/ports/script.ts";
import { RecoveryQueue } from "../../../../src/script/server/recovery/recovery_queue.ts";
import { ask, buildOf, Room, startHosts, stateOf } from "../harness.ts";

/** Scripts that have lost their sandbox, and the order in which they start. */
class Stage {
  readonly returns = new RecoveryQueue();
  readonly started: number[] = [];
  readonly scripts = Array.from({ length: 50 }, (_, n) => ({ start: () => void this.started.push(n) }));

  ask(n: number, cost: number, isUrgent = false): void {
    this.returns.ask(this.scripts[n] ?? this, cost, isUrgent);
  }

  over(n: number): Promise<void> {
    this.returns.over(this.scripts[n] ?? this);
    return Bun.sleep(0);
  }

  start(): void {
    throw new Error("there is no such script");
  }
}

test("[R2] all come back, as many at a time as keep a host busy; costly ones by themselves", async () => {
  const stage = new Stage();
  for (let n = 0; n < 50; n++) stage.ask(n, n < 40 ? 1 : 1000);
  expect(stage.started).toEqual([]);
  await Bun.sleep(0);
  expect(stage.started.length).toBeWithin(5, 30);
  for (let n = 0; n < 40; n++) await stage.over(n);
  expect(stage.started).toHaveLength(41);
  for (let n = 40; n < 50; n++) {
    expect(stage.started.at(-1)).toBe(n);
    await stage.over(n);
  }
  expect(stage.started).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test("[R2] those that somebody waits for come first, also where that turns out later", async () => {
  const stage = new Stage();
  for (let n = 0; n < 5; n++) stage.ask(n, 1000, n === 3);
  await Bun.sleep(0);
  stage.returns.hurry(stage.scripts[4] ?? stage);
  stage.returns.hurry(stage.scripts[3] ?? stage);
  for (const n of [3, 4, 0, 1]) await stage.over(n);
  expect(stage.started).toEqual([3, 4, 0, 1, 2]);
});

test("one that closes before its turn never starts, and one that is lost again starts again", async () => {
  const stage = new Stage();
  for (let n = 0; n < 3; n++) stage.ask(n, 1000);
  await Bun.sleep(0);
  await stage.over(1);
  stage.ask(0, 1000);
  await Bun.sleep(0);
  await stage.over(2);
  expect(stage.started).toEqual([0, 2, 0]);
  await stage.over(0);
  expect(stage.started).toEqual([0, 2, 0]);
});

function kill(hosts: ReturnType<typeof startHosts>["hosts"]): void {
  process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
}

test("after a kill a room that somebody waits for answers before the others are all up; then they are", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf());
  const scripts = Array.from({ length: 1000 }, (_, n) => hosts.open(version, new Room(`room ${n}`)));
  await Promise.all(scripts.map((script, n) => ask(script, "count", n)));
  kill(hosts);
  const [later, now] = scripts.slice(-2) as [Script, Script];
  const isBack = ({ view }: Script) => view.host !== undefined;
  expect(await ask(now, "count", 7)).toMatchObject({ value: '{"count":2}' });
  expect(isBack(later)).toBe(false);
  expect(await ask(later, "count", 7)).toMatchObject({ value: '{"count":2}' });
  expect(scripts.every(isBack)).toBe(false);
  for (const [n, script] of scripts.entries()) {
    expect(await stateOf(script)).toMatchObject({ count: n >= 998 ? 2 : 1 });
  }
});

test("rooms that are on their way back can be closed, moved and rehearsed", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf());
  const next = await hosts.load(buildOf());
  const scripts = Array.from({ length: 400 }, (_, n) => hosts.open(version, new Room(`room ${n}`)));
  await Promise.all(scripts.map((script, n) => ask(script, "count", n)));
  kill(hosts);
  const [closed, moved, rehearsed] = scripts.slice(-3) as [Script, Script, Script];
  closed.close();
  const rehearsal = rehearsed.rehearse(next);
  await moved.swap(next);
  expect(await stateOf(moved)).toMatchObject({ count: 1, version: next.build.version });
  expect((await rehearsal).errors).toEqual([]);
  expect(await ask(closed, "count", 1)).toMatchObject({ failure: { code: "handler_failed" } });
  for (const script of scripts.slice(0, -3)) expect(await stateOf(script)).toMatchObject({ count: 1 });
  expect(hosts.hosts()[0]).toMatchObject({ scripts: 399 });
});

test("a host that is killed again while rooms come back costs nobody an event", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf());
  const scripts = Array.from({ length: 300 }, (_, n) => hosts.open(version, new Room(`room ${n}`)));
  await Promise.all(scripts.map((script) => ask(script, "count", 0)));
  for (let round = 0; round < 3; round++) {
    kill(hosts);
    await ask(scripts[round] as Script, "count", round);
  }
  const asked = await Promise.all(scripts.map((script) => ask(script, "count", 1)));
  expect(asked.map(({ value }) => value)).toEqual(scripts.map((_, n) => `{"count":${n < 3 ? 3 : 2}}`));
});
