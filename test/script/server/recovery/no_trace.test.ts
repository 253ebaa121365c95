/** What an event that fails leaves behind: nothing, whatever made it fail, however often, and wherever the script goes next. */
import { describe, expect, spyOn, test } from "bun:test";
import type { Outcome } from "../../../../src/core/ports/outcome.ts";
import type { ScriptEvent } from "../../../../src/core/ports/event.ts";
import type { Script, Subject } from "../../../../src/core/ports/script.ts";
import { InProcessHost } from "../../../../src/script/in_process_host.ts";
import { Placement } from "../../../../src/script/server/host/placement.ts";
import { Random } from "../../../torture/random.ts";
import { ask, buildOf, Room, startHosts } from "../harness.ts";

/** Each way to fail, behind a change of everything that a handler can change. */
const failures = `
  throws() { throw new Error("boom"); },
  rejects: async () => { await null; throw new Error("boom"); },
  loops() { for (;;); },
  recurses() { const deep = () => deep() + 1; deep(); },
  hoards() { const all = []; for (;;) all.push("x".repeat(1_000_000) + all.length); },
  shouts(room) { for (let n = 0; n < 300; n++) room.broadcast("x"); },
  swallows(room) { try { for (let n = 0; n < 300; n++) room.broadcast("x"); } catch {} },
  chatters() { for (;;) console.log("x".repeat(1000)); },
`;
const roomEvents = `
    join(room, user, data) { if (data) return fail(room, data); room.state.log.push("join " + user.name); },
    unwatch(room) { return fail(room, "throws"); },
    leave(room, user, reason) { if (reason) return fail(room, reason); room.state.log.push("leave " + user.name); },`;
const applicationEvents = `
    login(app, { data }) { if (data) return fail(app, data); app.state.log.push("login"); },
    logout(app, user) { if (user.name === "bad") return fail(app, "throws"); app.state.log.push("logout"); },
    create(app, request) { if (request.data) return fail(app, request.data); app.state.log.push("create"); },`;
const code = (define = "defineRoom", heard = roomEvents) => `
import { ${define}, refuse } from "hotroom";
const failing = { ${failures} };
const change = (room) => {
  room.state.log.push("trace");
  room.state.deep.list[0].n = -1;
  delete room.state.kept;
  room.state.more = { of: room.state.deep };
};
const fail = (room, how) => { change(room); return failing[how](room); };
export default ${define}({
  state: () => ({ log: [], deep: { list: [{ n: 1 }] }, kept: true }),
  tickRate: 1,
  events: {
    init(room) { room.state.log.push("init"); },${heard}
  },
  messages: {
    say: (room, user, text) => { room.state.log.push(text); return room.users.length; },
    fail: (room, user, how) => fail(room, how),
    lasts(room) {
      change(room);
      const list = Array(200000).fill(1);
      for (let n = 0; n < 60; n++) list.indexOf(2);
    },
    returns(room) { change(room); return 1n; },
    replace(room) { room.state = { log: ["replaced"] }; throw new Error("boom"); },
    refuse(room) { room.state.log.push("refused"); refuse("No."); },
    state: (room) => room.state,
    users: (room) => room.users.map(({ name }) => name), watchers: (room) => room.watchers,
    count: (room) => room.state.log.filter((text) => text === "trace").length,
    tangle(room) { room.state.deep.whole = room.state; }, pass: () => 1,
    fill(room, user, n) { room.state.deep.filling = "x".repeat(n); },
  },
  emits: { say(room, text) { room.state.log.push(text); }, fail },
  timers: { say(room, text) { room.state.log.push(text); }, fail },
  tick(room, elapsed) { if (elapsed > 5000) return fail(room, "throws"); room.state.log.push("tick"); },
});
`;

/** So that nothing of this takes a host down on a busy machine. */
const patient = { limits: { cpuHard: 5000 } };

const ways = [...failures.matchAll(/^ {2}(\w+)/gm)].map(([, name = ""]) => name);

interface State {
  log: string[];
  deep: { list: { n: number }[]; filling?: string };
  kept?: boolean;
}

const stateOf = async (script: Script): Promise<State> =>
  JSON.parse((await ask(script, "state")).value ?? "null");
const dispatch = (script: Script, event: ScriptEvent) =>
  new Promise<Outcome>((resolve) => script.dispatch(event, resolve));
const text = (data: unknown) => ({ data: JSON.stringify(data) });
const user = (id: string, name = id) => ({ id, name });

async function openRoom(options: Parameters<typeof startHosts>[0] = {}, name = "lobby") {
  const { hosts, log } = startHosts({ command: undefined, ...options });
  const version = await hosts.load(buildOf(code(), patient));
  const room = new Room(name);
  const script = hosts.open(version, room);
  script.dispatch({ kind: "init" });
  script.dispatch({ kind: "join", user: user("u1", "ann") });
  return { hosts, log, version, room, script };
}

/** An application's extension. */
async function openApplication(options: Parameters<typeof startHosts>[0] = {}) {
  const { hosts } = startHosts({ command: undefined, ...options });
  const version = await hosts.load(
    buildOf(code(), patient, { "app.ts": code("defineApplication", applicationEvents) }),
  );
  const ignore = () => {};
  const told = { outcome: ignore, more: ignore, rolledBack: ignore, failed: ignore };
  const subject: Subject = { application: "app", decide: () => true, ...told };
  const script = hosts.open(version, subject);
  script.dispatch({ kind: "init" });
  return { hosts, script };
}

const whole = { deep: { list: [{ n: 1 }] }, kept: true };

/** Each event whose handler can fail, as a room hears it. */
const events: Record<string, (how: string) => ScriptEvent> = {
  message: (how) => ({ kind: "message", user: "u1", type: "fail", reply: false, ...text(how) }),
  emit: (how) => ({ kind: "emit", type: "fail", ...text(how), hops: 0 }),
  timer: (how) => ({ kind: "timer", name: "fail", ...text(how) }),
  join: (how) => ({ kind: "join", user: user("ghost"), ...text(how) }),
};

describe.each(["in a host process", "in this process"])("%s", (where) => {
  const options = where === "in this process" ? { start: InProcessHost.start } : {};

  test.each(Object.keys(events))(
    "[R4] a failed %s leaves the state that was before it, whatever made it fail, to all events behind it",
    async (kind) => {
      const { script, room } = await openRoom(options);
      const expected = ["init", "join ann"];
      for (const way of ways) {
        const [before, failed, behind] = await Promise.all([
          ask(script, "say", `before ${way}`),
          dispatch(script, events[kind]?.(way) as ScriptEvent),
          ask(script, "say", `behind ${way}`),
        ]);
        expect([way, failed.failure?.code]).toEqual([way, "handler_failed"]);
        expect([before.value, behind.value]).toEqual(["1", "1"]);
        expected.push(`before ${way}`, `behind ${way}`);
      }
      expect(await stateOf(script)).toEqual({ log: expected, ...whole });
      expect(room.failures).toEqual([]);
    },
    60_000,
  );
});

test("[R4] a replaced state comes back, as it does where the reply is no JSON; a refused event keeps what it changed", async () => {
  const { script } = await openRoom();
  const types = ["replace", "returns", "refuse", "replace", "returns"];
  const outcomes = await Promise.all(types.map((type) => ask(script, type)));
  const codes = outcomes.map(({ failure }) => `${failure?.code}`);
  expect(codes).toEqual(["handler_failed", "handler_failed", "refused", "handler_failed", "handler_failed"]);
  expect(await stateOf(script)).toEqual({ log: ["init", "join ann", "refused"], ...whole });
});

test("[R4] an event that took too long in native code leaves nothing either", async () => {
  const { script } = await openRoom();
  // It is told by what the whole process has used, so that one may pass whose time others may have taken.
  let passed = 0;
  for (let n = 0; n < 50; n++) {
    const { failure } = await ask(script, "lasts");
    expect(failure?.code ?? "ok").toBe(failure ? "handler_failed" : "ok");
    if (failure) break;
    passed++;
  }
  expect(passed).toBeLessThan(50);
  expect((await ask(script, "count")).value).toBe(`${passed}`);
});

test("[R4] a failed tick, and an init that fails, leave nothing", async () => {
  const { script } = await openRoom();
  await Promise.all([
    dispatch(script, { kind: "tick", elapsed: 10 }),
    dispatch(script, { kind: "tick", elapsed: 9000 }),
    dispatch(script, { kind: "tick", elapsed: 10 }),
  ]);
  expect(await stateOf(script)).toEqual({ log: ["init", "join ann", "tick", "tick"], ...whole });
  const { hosts } = startHosts({ command: undefined });
  const init = code().replace("init(room) {", 'init(room) { fail(room, "throws");');
  const failing = hosts.open(await hosts.load(buildOf(init, patient)), new Room());
  expect((await dispatch(failing, { kind: "init" })).failure?.code).toBe("handler_failed");
  expect(await stateOf(failing)).toEqual({ log: [], ...whole });
});

test("[R4] who left has left though the handler failed, and its changes are gone, once and at each time", async () => {
  const { script } = await openRoom();
  for (let n = 0; n < 5; n++) {
    await dispatch(script, { kind: "join", user: user(`v${n}`) });
    const [, users] = await Promise.all([
      dispatch(script, { kind: "leave", user: `v${n}`, reason: "throws" }),
      ask(script, "users"),
    ]);
    expect(users.value).toBe('["ann"]');
  }
  const joins = [0, 1, 2, 3, 4].map((n) => `join v${n}`);
  expect(await stateOf(script)).toEqual({ log: ["init", "join ann", ...joins], ...whole });
});

test("[R4] who watches no more does not, though the handler failed", async () => {
  const { script } = await openRoom();
  for (let n = 0; n < 5; n++) {
    await dispatch(script, { kind: "watch", user: user(`v${n}`) });
    expect((await ask(script, "watchers")).value).toBe("1");
    const [, watchers] = await Promise.all([
      dispatch(script, { kind: "unwatch", user: user(`v${n}`) }),
      ask(script, "watchers"),
    ]);
    expect(watchers.value).toBe("0");
  }
  expect(await stateOf(script)).toEqual({ log: ["init", "join ann"], ...whole });
});

test("[R4] a login, a create and a logout that fail leave nothing in the application's state", async () => {
  const { script } = await openApplication();
  for (let n = 0; n < 3; n++) {
    for (const way of ["throws", "loops", "hoards"]) {
      const login: ScriptEvent = { kind: "login", connection: "c1", ...text(way) };
      const request = JSON.stringify({ name: "x", data: way });
      const create: ScriptEvent = { kind: "create", user: user("u1"), request };
      const outcomes = await Promise.all([dispatch(script, login), dispatch(script, create)]);
      expect(outcomes.map(({ failure }) => failure?.code)).toEqual(["handler_failed", "handler_failed"]);
    }
    await dispatch(script, { kind: "logout", user: user("u2", "bad") });
    await dispatch(script, { kind: "login", connection: "c1" });
  }
  expect(await stateOf(script)).toEqual({ log: ["init", "login", "login", "login"], ...whole });
}, 60_000);

test("[R1, R4] a killed host brings back no event that failed", async () => {
  const { hosts, script, log } = await openRoom();
  for (let n = 0; n < 3; n++) {
    await Promise.all([ask(script, "say", n), ask(script, "fail", "throws"), ask(script, "fail", "loops")]);
    process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
    await Promise.all([ask(script, "fail", "throws"), ask(script, "say", `after ${n}`)]);
  }
  const said = [0, 1, 2].flatMap((n) => [n, `after ${n}`]);
  expect(await stateOf(script)).toEqual({ log: ["init", "join ann", ...said] as string[], ...whole });
  expect(log.filter((line) => line.includes("replay"))).toEqual([]);
});

test("[R4] an edit takes the state along that was before an event which failed while it waited", async () => {
  const { hosts, script } = await openRoom();
  await ask(script, "say", "one");
  const next = await hosts.load(buildOf(`${code()}\n// another version`, patient));
  // Both are with the host before the snapshot of the move.
  const failed = ask(script, "fail", "throws");
  const moved = script.swap(next);
  await Promise.all([failed, moved]);
  expect(script.version).toBe(next.build.version);
  await ask(script, "say", "two");
  await ask(script, "fail", "throws");
  expect(await stateOf(script)).toEqual({ log: ["init", "join ann", "one", "two"], ...whole });
});

test("[R10] a handler that fails all the time is undone in the sandbox where it is, whatever the state's size", async () => {
  const { script } = await openRoom();
  await ask(script, "fill", 2_000_000);
  await ask(script, "fail", "throws");
  await ask(script, "say", "0");
  const placed = spyOn(Placement.prototype, "place");
  for (let n = 1; n < 30; n++) {
    const [failed, said] = await Promise.all([ask(script, "fail", "throws"), ask(script, "say", `${n}`)]);
    expect(failed.failure?.code).toBe("handler_failed");
    expect(said.value).toBe("1");
  }
  await ask(script, "fill", 0);
  const places = placed.mock.calls.length;
  placed.mockRestore();
  expect(places).toBe(0);
  const said = Array.from({ length: 30 }, (_, n) => `${n}`);
  expect(await stateOf(script)).toMatchObject({ log: ["init", "join ann", ...said], kept: true });
});

test("[R10] an event that failed where nothing can be replayed is not undone, which is told once", async () => {
  const { hosts, log } = startHosts({ command: undefined });
  const build = buildOf(code(), { limits: { ...patient.limits, message: 2_000_000 } });
  const script = hosts.open(await hosts.load(build), new Room());
  script.dispatch({ kind: "init" });
  await ask(script, "tangle");
  const pass = () => ask(script, "pass", "x".repeat(1_000_000));
  const tries = () => log.filter((line) => line.includes("Cannot take a snapshot")).length;
  for (let n = 0; n < 9; n++) await pass();
  // A journal of so much is given up with the next snapshot that can't be taken; when that is tried follows from the events' CPU time.
  for (let n = tries(), more = 0; tries() === n && more < 300; more++) await pass();
  for (const way of ["throws", "rejects", "shouts"])
    expect((await ask(script, "fail", way)).failure?.code).toBe("handler_failed");
  expect(log.filter((line) => line.includes("Cannot undo"))).toEqual([
    "warn: Cannot undo what an event that failed has changed in the state: TypeError: circular reference",
  ]);
  expect((await ask(script, "count")).value).toBe("1");
});

test.each([1, 2, 3, 4, 5, 6])(
  "[R4] whatever fails among what succeeds, the state is that of what succeeded: random events %d",
  async (seed) => {
    const chance = new Random(seed);
    const below = (most: number) => chance.below(most);
    const { hosts, script } = await openRoom(seed % 2 ? { start: InProcessHost.start } : {});
    const model = ["init", "join ann"];
    const there = ["ann"];
    const quick = ways.filter((way) => way !== "hoards");
    const pick = () => quick[below(quick.length)] as string;
    const asked: Promise<unknown>[] = [];
    for (let n = 0; n < 150; n++) {
      const name = `n${n}`;
      switch (below(9)) {
        case 0:
          asked.push(dispatch(script, { kind: "join", user: user(name) }));
          model.push(`join ${name}`);
          there.push(name);
          break;
        case 1: {
          const last = there.length > 1 ? there.pop() : undefined;
          if (last === undefined) break;
          const fails = below(2) === 1;
          asked.push(dispatch(script, { kind: "leave", user: last, ...(fails ? { reason: pick() } : {}) }));
          if (!fails) model.push(`leave ${last}`);
          break;
        }
        case 2:
          asked.push(dispatch(script, { kind: "tick", elapsed: 9000 }));
          break;
        case 3:
        case 4: {
          const kinds = Object.values(events);
          asked.push(dispatch(script, kinds[below(kinds.length)]?.(pick()) as ScriptEvent));
          break;
        }
        case 5:
          asked.push(ask(script, "refuse"));
          model.push("refused");
          break;
        case 6:
          if (below(3) === 0) await Promise.all(asked.splice(0));
          break;
        default:
          asked.push(ask(script, "say", name));
          model.push(name);
      }
      const pid = hosts.hosts()[0]?.pid;
      if (seed % 2 === 0 && n % 60 === 59 && pid) process.kill(pid, "SIGKILL");
    }
    await Promise.all(asked);
    expect(await stateOf(script)).toEqual({ log: model, ...whole });
    expect((await ask(script, "users")).value).toBe(JSON.stringify(there));
  },
  60_000,
);
