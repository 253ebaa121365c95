import { expect, test } from "bun:test";
import { join } from "node:path";
import { ToServer } from "../../../src/script/wire/frame_kinds.ts";
import { ask, buildOf, freshPath, message, Room, startHosts, stateOf } from "./harness.ts";

test("events of one script are answered in order, with values, effects and the version", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf());
  const room = new Room();
  const script = hosts.open(version, room);
  const order: string[] = [];
  room.onOutcome = (_, { value }) => order.push(`outcome ${value}`);
  for (let n = 1; n <= 3; n++) script.dispatch(message("count"), ({ value }) => order.push(`done ${value}`));
  expect(order).toEqual([]);
  const last = await ask(script, "count");
  const pairs = [1, 2, 3].flatMap((count) => [`outcome {"count":${count}}`, `done {"count":${count}}`]);
  expect(order).toEqual([...pairs, 'outcome {"count":4}']);
  expect(last).toEqual({
    cpu: 0.01,
    version: version.build.version,
    value: '{"count":4}',
    effects: [{ kind: "broadcast", type: "counted", data: '{"count":4}' }],
  });
});

test("failures reach the client without the script's own words, but for refusals and invalid data", async () => {
  const { hosts } = startHosts();
  const script = hosts.open(await hosts.load(buildOf()), new Room());
  expect(await ask(script, "throw")).toMatchObject({
    failure: {
      code: "handler_failed",
      message: 'Cannot handle "throw": its handler failed.',
      detail: "Error: boom\n    at move (rooms/r.ts:2:3)",
      position: { file: "rooms/r.ts", line: 2, column: 3 },
    },
    effects: [{ kind: "log", level: "info", text: "hello" }],
  });
  expect((await ask(script, "refuse")).failure).toEqual({ code: "refused", message: "Not now." });
  expect((await ask(script, "unknown")).failure).toEqual({
    code: "no_handler",
    message: 'Cannot handle "unknown": it has no handler.',
  });
  expect((await ask(script, "move")).failure).toEqual({
    code: "invalid_data",
    message: "data.cell: expected a number",
  });
});

test("a subject that throws breaks neither the order nor the others, and is logged", async () => {
  const { hosts, log } = startHosts();
  const room = new Room();
  const script = hosts.open(await hosts.load(buildOf()), room);
  room.onOutcome = () => {
    throw new Error("of the subject");
  };
  const [first, second] = await Promise.all([ask(script, "count"), ask(script, "count")]);
  expect([first.value, second.value]).toEqual(['{"count":1}', '{"count":2}']);
  expect(log.filter((line) => line.includes("of the subject"))).toHaveLength(2);
});

test("messages beyond the queue's limit are answered with busy, other events wait", async () => {
  const { hosts } = startHosts();
  const room = new Room();
  const script = hosts.open(await hosts.load(buildOf("", { limits: { queue: 3 } })), room);
  const asked = Array.from({ length: 5 }, () => ask(script, "count"));
  script.dispatch({ kind: "leave", user: "u1" });
  const codes = (await Promise.all(asked)).map(({ failure }) => failure?.code);
  expect(codes).toEqual([undefined, undefined, undefined, "busy", "busy"]);
  expect((await stateOf(script)).seen.at(-1)).toBe("leave");
});

test("a closed script answers what came before, and fails what comes after, in order", async () => {
  const { hosts } = startHosts();
  const room = new Room();
  const script = hosts.open(await hosts.load(buildOf()), room);
  const before = ask(script, "count");
  script.close();
  const after = ask(script, "count");
  expect((await before).value).toBe('{"count":1}');
  expect((await after).failure?.code).toBe("handler_failed");
  expect(room.outcomes.map(([, { failure }]) => failure?.code)).toEqual([undefined, "handler_failed"]);
  expect((await ask(script, "count")).failure?.code).toBe("handler_failed");
  expect(hosts.hosts()[0]).toMatchObject({ scripts: 0, sandboxes: 0 });
});

test("a sandbox holds as many scripts as the setting says, and the extension has its own", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf("", { roomsPerSandbox: 2 }, { "app.ts": "" }));
  const scripts = Array.from({ length: 5 }, (_, n) => hosts.open(version, new Room(`room ${n}`)));
  const application = new Room();
  scripts.push(
    hosts.open(version, {
      application: "app",
      decide: () => true,
      outcome() {},
      more() {},
      rolledBack() {},
      failed: (m) => application.failed(m, false),
    }),
  );
  await Promise.all(scripts.map((script) => ask(script, "count")));
  expect(hosts.hosts()[0]).toMatchObject({ scripts: 6, sandboxes: 4 });
  for (const script of scripts.slice(0, 2)) script.close();
  await ask(scripts[2] as (typeof scripts)[0], "count");
  expect(hosts.hosts()[0]).toMatchObject({ scripts: 4, sandboxes: 3 });
});

test("scripts are spread over the hosts", async () => {
  const { hosts } = startHosts({ hosts: 2 });
  const version = await hosts.load(buildOf());
  const scripts = Array.from({ length: 6 }, (_, n) => hosts.open(version, new Room(`room ${n}`)));
  await Promise.all(scripts.map((script) => ask(script, "count")));
  expect(hosts.hosts().map(({ scripts }) => scripts)).toEqual([3, 3]);
});

test("a script whose state can't be set up fails, with the place", async () => {
  const { hosts } = startHosts();
  const room = new Room();
  const script = hosts.open(await hosts.load(buildOf("open-fails")), room);
  expect((await ask(script, "count")).failure?.code).toBe("handler_failed");
  expect(room.failures).toEqual([
    'Cannot set up room "lobby": state() failed: state.board is undefined (rooms/r.ts:7:1)',
  ]);
});

test("a version that fails to load rejects with the place and the author's line", async () => {
  const { hosts } = startHosts();
  const error = await hosts.load(buildOf("load-fails\nx()\n")).catch((error) => error);
  expect(error).toMatchObject({
    name: "BuildError",
    message: "x is not defined",
    position: { file: "rooms/r.ts", line: 2, column: 3 },
    sourceLine: "x()",
  });
});

test("a version that hangs at load is a build error, and the scripts on that host go on", async () => {
  const { hosts } = startHosts();
  const script = hosts.open(await hosts.load(buildOf()), new Room());
  await ask(script, "count");
  const error = await hosts.load(buildOf("load-hangs", { limits: { load: 100 } })).catch((error) => error);
  expect(error.name).toBe("BuildError");
  expect(error.message).toContain("took longer than 100 ms");
  expect((await ask(script, "count")).value).toBe('{"count":2}');
});

test("a load whose host is killed by somebody else is repeated", async () => {
  const { hosts } = startHosts();
  const version = await hosts.load(buildOf(`load-dies:${freshPath()}`));
  expect((await ask(hosts.open(version, new Room()), "count")).value).toBe('{"count":1}');
  expect(hosts.hosts()[0]?.restarts).toBe(1);
});

test("a host that can't be started rejects loads instead of keeping them", async () => {
  const { hosts } = startHosts({ command: ["/nowhere/hotroom"] });
  const error = await hosts.load(buildOf()).catch((error) => error);
  expect(error.message).toStartWith("Cannot start script host 1: the script host can't be started");
  expect(hosts.hosts()[0]).toMatchObject({ pid: null, state: "dead" });
});

test("stop lets what is dispatched finish and ends the processes", async () => {
  const { hosts } = startHosts({ hosts: 2 });
  const script = hosts.open(await hosts.load(buildOf()), new Room());
  await ask(script, "count");
  const pids = hosts.hosts().map(({ pid }) => pid ?? 0);
  const asked = Array.from({ length: 300 }, () => ask(script, "count"));
  await hosts.stop();
  expect((await Promise.all(asked)).at(-1)?.value).toBe('{"count":301}');
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
});

test("what does not end in the time to stop is given up and counted, and who asked is told that it was not handled", async () => {
  const { hosts, log } = startHosts();
  const room = new Room();
  const script = hosts.open(await hosts.load(buildOf()), room);
  await ask(script, "count");
  const pid = hosts.hosts()[0]?.pid ?? 0;
  process.kill(pid, "SIGSTOP");
  const asked = Array.from({ length: 5 }, () => ask(script, "count"));
  expect(await hosts.stop(200)).toEqual({ events: 5, hosts: 1 });
  expect((await Promise.all(asked)).map(({ failure }) => failure?.code)).toEqual(new Array(5).fill("busy"));
  expect(() => process.kill(pid, 0)).toThrow();
  expect(log).toEqual([]);
});

test("a script host that becomes ready while it is being stopped is ended all the same", async () => {
  const frame = join(import.meta.dir, "../../../src/process/frame.ts");
  const program = `
    import { encodeFrame } from ${JSON.stringify(frame)};
    process.stdout.write(encodeFrame(${ToServer.ready}, 0, "{}"));
    setInterval(() => {}, 1000);`;
  const { hosts } = startHosts({ command: [process.execPath, "-e", program] });
  expect(await hosts.stop()).toEqual({ events: 0, hosts: 1 });
});
