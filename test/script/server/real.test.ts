/** The whole of it: real scripts in real sandboxes in real processes. */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Script } from "../../../src/core/ports/script.ts";
import type { Version } from "../../../src/core/ports/build.ts";
import { InProcessHost } from "../../../src/script/in_process_host.ts";
import { buildOf, message, Room, startHosts } from "./harness.ts";

const counter = `
import { defineRoom, refuse } from "hotroom";
export default defineRoom({
  state: () => ({ count: 0, dice: 0, seen: [] }),
  events: { join(room, user) { room.state.seen.push(user.name); }, leave(room, user) { room.broadcast("left", user.name); } },
  messages: {
    count(room, user, data) {
      room.state.count++;
      room.state.dice = (room.state.dice * 31 + Math.floor(Math.random() * 1000) + crypto.getRandomValues(new Uint16Array(1))[0]) % 1000003;
      room.broadcast("counted", { count: room.state.count });
      return { count: room.state.count, dice: room.state.dice };
    },
    state: (room) => room.state,
    boom() { throw new Error("boom"); },
    refuse() { refuse("Not now."); },
    loop() { for (;;); },
    hang() { Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1); },
    hoard(room) { const all = []; for (;;) all.push("x".repeat(100000) + all.length); },
  },
});
`;

interface Counter {
  count: number;
  dice: number;
  seen: string[];
}

/** A room with one member, `ann`. */
async function openRoom(hosts: ReturnType<typeof startHosts>["hosts"], version: Version, name: string) {
  const room = new Room(name);
  const script = hosts.open(version, room);
  script.dispatch({ kind: "init" });
  script.dispatch({ kind: "join", user: { id: "u1", name: "ann" } });
  return { room, script };
}

function call(script: Script, type: string): Promise<import("../../../src/core/ports/outcome.ts").Outcome> {
  return new Promise((resolve) => script.dispatch(message(type, null), resolve));
}

async function stateOf(script: Script): Promise<Counter> {
  return JSON.parse((await call(script, "state")).value ?? "null");
}

for (const count of [1, 0]) {
  describe(count === 0 ? "in this process" : "in a host process", () => {
    const start = () =>
      startHosts({ command: undefined, ...(count === 0 ? { start: InProcessHost.start } : {}) });

    test("a script counts, broadcasts, replies, fails and refuses", async () => {
      const { hosts } = start();
      const version = await hosts.load(buildOf(counter));
      expect(version.rooms.get("r")).toMatchObject({ kind: "room" });
      const { script } = await openRoom(hosts, version, "lobby");
      const outcome = await call(script, "count");
      expect(outcome).toMatchObject({
        version: version.build.version,
        effects: [{ kind: "broadcast", type: "counted", data: '{"count":1}' }],
      });
      expect((await call(script, "boom")).failure).toMatchObject({
        code: "handler_failed",
        message: 'Cannot handle "boom": its handler failed.',
        position: { file: "rooms/r.ts", line: 14 },
      });
      expect((await call(script, "refuse")).failure).toEqual({ code: "refused", message: "Not now." });
      expect((await call(script, "nothing")).failure?.code).toBe("no_handler");
      expect((await call(script, "loop")).failure?.code).toBe("handler_failed");
      expect(await stateOf(script)).toMatchObject({ count: 1, seen: ["ann"] });
    });

    test("a swap carries the state over; a version that fails to load or to migrate changes nothing", async () => {
      const { hosts } = start();
      const version = await hosts.load(buildOf(counter));
      const { script } = await openRoom(hosts, version, "lobby");
      await call(script, "count");
      const next = await hosts.load(buildOf(counter.replace("count++", "count += 10")));
      await script.swap(next);
      await call(script, "count");
      expect(await stateOf(script)).toMatchObject({ count: 11, seen: ["ann"] });
      const broken = counter.replace("events:", 'migrate() { throw new Error("no way"); }, events:');
      const refused = await script.swap(await hosts.load(buildOf(broken))).catch((error) => error);
      expect(refused.message).toContain("no way");
      expect(refused.message).toContain("(rooms/r.ts:");
      expect(await stateOf(script)).toMatchObject({ count: 11 });
      const error = await hosts.load(buildOf("export default 1 +;\n")).catch((error) => error);
      expect(error).toMatchObject({ name: "BuildError", position: { file: "rooms/r.ts", line: 1 } });
      expect(error.sourceLine).toBe("export default 1 +;");
    });
  });
}

test("a killed host loses no event and repeats none: 10,000 events with random numbers over 50 scripts", async () => {
  const { hosts, log } = startHosts({ command: undefined });
  const version = await hosts.load(buildOf(counter));
  const opened = await Promise.all(
    Array.from({ length: 50 }, (_, n) => openRoom(hosts, version, `room ${n}`)),
  );
  let answered = 0;
  const all = Promise.withResolvers<void>();
  for (const { room } of opened) {
    room.onOutcome = (event) => {
      if (event.kind !== "message") return;
      answered++;
      if (answered === 2500 || answered === 7000) process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
      if (answered === 10_000) all.resolve();
    };
  }
  for (let n = 0; n < 200; n++) for (const { script } of opened) script.dispatch(message("count", null));
  await all.promise;
  for (const { room, script } of opened) {
    const values = room.outcomes.flatMap(([{ kind }, { value }]) =>
      kind === "message" ? [JSON.parse(value ?? "null")] : [],
    );
    expect(values.map(({ count }) => count)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    // The dice depend on every random number since the start, so the state is the one that the replies told.
    expect(await stateOf(script)).toMatchObject({ count: 200, dice: values[199].dice });
  }
  expect(hosts.hosts()[0]?.restarts).toBe(2);
  expect(log.filter((line) => line.includes("replay"))).toEqual([]);
});

for (const type of ["hang", "hoard", "loop"]) {
  test(`an event that goes too far (${type}) fails alone, and everybody's state stays`, async () => {
    const { hosts } = startHosts({ command: undefined });
    const version = await hosts.load(buildOf(counter));
    const opened = await Promise.all([openRoom(hosts, version, "guilty"), openRoom(hosts, version, "other")]);
    const [guilty, other] = opened.map(({ script }) => script) as [Script, Script];
    const asked = [];
    for (let n = 0; n < 10; n++) {
      asked.push(call(guilty, "count"), call(other, "count"));
      if (n === 4) asked.push(call(guilty, type));
    }
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter(({ failure }) => failure).map(({ failure }) => failure?.code)).toEqual([
      "handler_failed",
    ]);
    expect(await stateOf(guilty)).toMatchObject({ count: 10, seen: ["ann"] });
    expect(await stateOf(other)).toMatchObject({ count: 10, seen: ["ann"] });
    for (const { room } of opened) expect(room.failures).toEqual([]);
  });
}

test("an opening that hangs in code that can't be interrupted is given up whatever loading may take", async () => {
  const { hosts, log } = startHosts({ command: undefined });
  const endless = counter.replace(
    "state: () => (",
    "state: () => (Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1), ",
  );
  const settings = { limits: { load: 3_600_000, cpuHard: 200, migrate: 200 } };
  const { room, script } = await openRoom(hosts, await hosts.load(buildOf(endless, settings)), "lobby");
  expect((await call(script, "count")).failure?.code).toBe("handler_failed");
  expect(room.failures).toHaveLength(1);
  expect(log.filter((line) => line.includes("is gone"))).toHaveLength(1);
});

test("an opening that takes as long as `migrate` allows is none that hangs, in a host that has just started", async () => {
  const { hosts } = startHosts({ command: undefined });
  const slow = counter.replace(
    "state: () => ({",
    "state: () => ({ sum: Array.from({ length: 2e5 }, (_, i) => ({ i })).reduce((sum, { i }) => sum + i, 0),",
  );
  const settings = { limits: { cpuHard: 50, migrate: 10_000 } };
  const { room, script } = await openRoom(hosts, await hosts.load(buildOf(slow, settings)), "lobby");
  expect(await stateOf(script)).toMatchObject({ sum: 19999900000 });
  expect(room.failures).toEqual([]);
});

test.skipIf(!Bun.which("deno"))("the server's side runs under Deno, with hosts that do", () => {
  const script = join(import.meta.dir, "deno_smoke.ts");
  const { stdout, stderr, status } = spawnSync(
    "deno",
    ["run", "-A", "-q", "--node-modules-dir=manual", script],
    {
      encoding: "utf8",
      input: counter,
    },
  );
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(JSON.parse(stdout)).toEqual({
    values: 500,
    failures: 0,
    restarts: true,
    hang: "handler_failed",
    count: 500,
  });
});
