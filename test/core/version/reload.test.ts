import { DeliveryCount } from "../../../src/core/delivery_count.ts";
import { expect, test } from "bun:test";
import * as v from "valibot";
import { Application } from "../../../src/core/application/application.ts";
import type { Connection } from "../../../src/core/connection/connection.ts";
import type { ExtensionDeps } from "../../../src/core/extension/extension_deps.ts";
import type { Outcome } from "../../../src/core/ports/outcome.ts";
import type { Script, Subject } from "../../../src/core/ports/script.ts";
import type { ScriptEvent } from "../../../src/core/ports/event.ts";
import type { Scripts } from "../../../src/core/ports/scripts.ts";
import type { Version } from "../../../src/core/ports/build.ts";
import { goBack, reload } from "../../../src/core/version/reload.ts";
import { parseRoomOptions } from "../../../src/core/room/room_options.ts";
import { settingsOf, settingsSchema } from "../../../src/core/application/settings.ts";
import { Ticker } from "../../../src/core/extension/ticker.ts";
import { HistoryStore } from "../../../src/core/history/history_store.ts";
import { User } from "../../../src/core/user/user.ts";
import { FakeClock } from "../fake_clock.ts";

let versions = 0;

function makeVersion(): Version {
  const name = `v${++versions}·abc${versions}`;
  const settings = settingsOf(v.parse(settingsSchema, {}), false);
  const files = new Map<string, string>();
  const build = { application: "app", hash: `abc${versions}`, version: name, files, sources: files };
  const definition = { kind: "room" as const, hasMigrate: false, handlers: [] };
  return { build: { ...build, rooms: files, settings }, rooms: new Map([["r", definition]]) };
}

/** A script that moves when the test says so. */
class FakeScript implements Script {
  readonly view = { waiting: 0 };
  version: string;
  /** Lets the move under way succeed, or fail. */
  move: { succeed(): void; fail(): void } | undefined;
  moves = 0;

  constructor(
    version: Version,
    readonly subject: Subject,
  ) {
    this.version = version.build.version;
  }

  dispatch(event: ScriptEvent, done?: (outcome: Outcome) => void): void {
    const outcome = { version: this.version, effects: [] };
    queueMicrotask(() => {
      this.subject.outcome(event, outcome);
      done?.(outcome);
    });
  }

  swap({ build }: Version): Promise<number> {
    this.moves++;
    return new Promise((resolve, reject) => {
      const end = (how: () => void) => () => {
        this.move = undefined;
        how();
      };
      const succeed = () => {
        this.version = build.version;
        resolve(0.2);
      };
      this.move = { succeed: end(succeed), fail: end(() => reject(new Error("migrate failed"))) };
    });
  }

  goBack(version: Version): Promise<number> {
    return this.swap(version);
  }

  settle(): void {}
  abandon(): void {}

  keep(): void {}
  close(): void {}
  timeline(): undefined {}
  readState(): never {
    throw new Error("not used");
  }
  rehearse(): never {
    throw new Error("not used");
  }
}

/** An application with empty rooms `0` … `count - 1`. */
class Stage {
  readonly scripts: FakeScript[] = [];
  readonly unloaded: Version[] = [];
  readonly first = makeVersion();
  readonly application: Application;
  readonly deps: ExtensionDeps;
  readonly clock = new FakeClock();

  constructor(count: number) {
    const { clock } = this;
    const scripts = {
      open: (version: Version, subject: Subject) => {
        const script = new FakeScript(version, subject);
        this.scripts.push(script);
        return script;
      },
      shortage: () => undefined,
      unload: (version: Version) => this.unloaded.push(version),
      hosts: () => [{ id: 1 }],
    } as unknown as Scripts;
    const group = { size: 0, add() {}, remove() {}, send() {}, clear() {} };
    const makeGroup = (() => group) as unknown as ExtensionDeps["makeGroup"];
    this.deps = {
      scripts,
      clock,
      ticker: new Ticker(clock),
      log: () => {},
      makeGroup,
      deliveries: new DeliveryCount(),
      digest: (text) => text,
      histories: new HistoryStore(clock, 1_000_000),
    };
    this.application = new Application("app", this.first, this.deps);
    for (let n = 0; n < count; n++) this.make(String(n));
  }

  make(name: string): void {
    const options = parseRoomOptions('{"type":"r","keep":true}', () => "r");
    this.application.createRoom(name, options);
  }

  /** Names of the rooms that move now. */
  get moving(): string[] {
    return this.scripts.filter(({ move }) => move).map(({ subject }) => subject.room?.name ?? "");
  }

  script(name: string): FakeScript {
    return this.scripts.find(({ subject }) => subject.room?.name === name) as FakeScript;
  }

  /** Every move succeeds from now on. */
  async finish(): Promise<void> {
    await Bun.sleep(0);
    for (let names = this.moving; names.length > 0; names = this.moving) {
      for (const name of names) this.script(name).move?.succeed();
      await Bun.sleep(0);
    }
  }
}

test("rooms move a few at a time, those with members first, and new ones are in the new version at once", async () => {
  const stage = new Stage(100);
  for (const name of ["70", "99"]) {
    const members = stage.application.rooms.get(name)?.members;
    members?.set("u1", new User("u1", "ann", {} as Connection));
  }
  const next = makeVersion();
  const result = reload(stage.application, next, stage.deps);
  await Bun.sleep(0);
  expect(stage.moving).toContain("70");
  expect(stage.moving).toContain("99");
  expect(stage.moving.length).toBeWithin(3, 50);
  stage.make("new");
  expect(stage.script("new").version).toBe(next.build.version);
  await stage.finish();
  expect(await result).toMatchObject({ moved: 100, rolledBack: false });
  expect(stage.scripts.map(({ moves }) => moves)).toEqual([...Array(100).fill(1), 0]);
});

test("[R7] after three failures no more rooms move, and only those that did go back", async () => {
  const stage = new Stage(100);
  const { first } = stage;
  const next = makeVersion();
  const result = reload(stage.application, next, stage.deps);
  await Bun.sleep(0);
  for (const name of ["0", "1"]) stage.script(name).move?.fail();
  stage.script("2").move?.succeed();
  await Bun.sleep(0);
  const begun = stage.moving.length + 3;
  stage.script("3").move?.fail();
  await stage.finish();
  const { failed, rolledBack, moved } = await result;
  expect([...failed.keys()]).toEqual(["0", "1", "3"]);
  expect({ rolledBack, moved }).toEqual({ rolledBack: true, moved: 0 });
  expect(new Set(stage.scripts.map(({ version }) => version))).toEqual(new Set([first.build.version]));
  expect(stage.scripts.filter(({ moves }) => moves > 0)).toHaveLength(begun);
  expect(stage.script("2").moves).toBe(2);
  expect(stage.script("3").moves).toBe(1);
  expect(stage.application.version).toBe(first);
});

test("[R7] first events that fail while others still wait for their turn count, too", async () => {
  const stage = new Stage(100);
  const next = makeVersion();
  const result = reload(stage.application, next, stage.deps);
  await Bun.sleep(0);
  const early = stage.moving;
  for (const name of early.slice(0, 3)) {
    const script = stage.script(name);
    script.move?.succeed();
    script.version = stage.first.build.version;
    script.subject.rolledBack(next.build.version, "boom");
  }
  await stage.finish();
  expect(await result).toMatchObject({ rolledBack: true });
  const { versions } = stage.application;
  expect(versions.named(next.build.version)?.failures.size).toBe(3);
  // They are back already.
  for (const name of early.slice(0, 3)) expect(stage.script(name).moves).toBe(1);
  expect(stage.scripts.filter(({ moves }) => moves > 0).length).toBeLessThan(early.length + 4);
});

test("a room that closes before its turn is left alone, and one that closes on its way is no failure", async () => {
  const stage = new Stage(100);
  const result = reload(stage.application, makeVersion(), stage.deps);
  await Bun.sleep(0);
  const { rooms } = stage.application;
  const onItsWay = stage.script(stage.moving[0] ?? "");
  const closing = [rooms.get(onItsWay.subject.room?.name ?? ""), rooms.get("99")];
  await Promise.all(closing.map((room) => room?.close("Enough.")));
  onItsWay.move?.fail();
  await stage.finish();
  expect(await result).toMatchObject({ moved: 98, failed: new Map(), rolledBack: false });
  expect(stage.script("99").moves).toBe(0);
});

test("going back by hand takes every room, a few at a time, whatever fails", async () => {
  const stage = new Stage(100);
  const next = makeVersion();
  const there = reload(stage.application, next, stage.deps);
  await stage.finish();
  await there;
  const target = stage.application.versions.find(stage.first.build.version);
  const result = goBack(stage.application, target, stage.deps);
  await Bun.sleep(0);
  expect(stage.moving.length).toBeWithin(3, 60);
  for (const name of stage.moving.slice(0, 4)) stage.script(name).move?.fail();
  await stage.finish();
  const { moved, failed, rolledBack } = await result;
  expect({ moved, failed: failed.size, rolledBack }).toEqual({ moved: 96, failed: 4, rolledBack: false });
});

test("rooms that close unload a version when the last of it goes, and none of what others run", async () => {
  const stage = new Stage(10);
  stage.application.versions.setPolicy("pin");
  const next = makeVersion();
  await reload(stage.application, next, stage.deps);
  for (let n = 10; n < 20; n++) stage.make(String(n));
  const close = (name: number) => stage.application.rooms.get(String(name))?.close("Enough.");
  await Promise.all(
    [
      ...Array(9).keys(),
      ...Array(10)
        .keys()
        .map((n) => n + 10),
    ].map(close),
  );
  stage.clock.advance(0);
  expect(stage.unloaded).toEqual([]);
  await close(9);
  stage.clock.advance(0);
  expect(stage.unloaded).toEqual([stage.first]);
});

test("a room that closes looks at few of the others, however many there are", async () => {
  const stage = new Stage(500);
  await Promise.all([reload(stage.application, makeVersion(), stage.deps), stage.finish()]);
  let looks = 0;
  for (const script of stage.scripts) {
    const { version } = script;
    Object.defineProperty(script, "version", {
      get() {
        looks++;
        return version;
      },
    });
  }
  await Promise.all(Array.from(stage.application.rooms.values(), (room) => room.close("Enough.")));
  stage.clock.advance(0);
  expect(looks).toBeLessThan(2000);
});
