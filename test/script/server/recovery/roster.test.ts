/** Who a script knows is right whenever a handler looks, after whatever has become of its sandbox, its version or its handlers. */
import { expect, test } from "bun:test";
import type { DirectoryUpdate, ScriptEvent, UserView } from "../../../../src/core/ports/event.ts";
import type { Outcome } from "../../../../src/core/ports/outcome.ts";
import type { Version } from "../../../../src/core/ports/build.ts";
import type { Script } from "../../../../src/core/ports/script.ts";
import { ask, buildOf, freshPath, Room, startHosts, stateOf } from "../harness.ts";

const who = "messages: { who: (of) => of.users.map(({ id, name, data }) => [id, name, data ?? null]) }";
const spoilt = "init() { Object.prototype.toJSON = Array.prototype.toJSON = () => 'spoilt'; }";
const room = (more = "") =>
  `import { defineRoom } from "hotroom";\nexport default defineRoom({ ${more} ${who} });\n`;
const app = (more = "") =>
  `import { defineApplication } from "hotroom";\nexport default defineApplication({ ${more} ${who.replace("messages: {", "messages: { rooms: (app) => app.rooms,")} });\n`;

const user = (n: number, data?: unknown): UserView => ({
  id: `u${n}`,
  name: `user ${n}`,
  ...(data === undefined ? {} : { data: JSON.stringify(data) }),
});
const seen = (...users: UserView[]) =>
  users.map(({ id, name, data }) => [id, name, JSON.parse(data ?? "null")]);
const joined = (view: UserView): ScriptEvent => ({ kind: "join", user: view });
const told = (users: Partial<DirectoryUpdate["users"]>, rooms = {}): ScriptEvent => ({
  kind: "directory",
  update: { users: { remove: [], add: [], ...users }, rooms: { remove: [], add: [], ...rooms } },
});

async function whoIn(script: Script, type = "who"): Promise<unknown> {
  const { value, failure } = await ask(script, type);
  return failure ?? JSON.parse(value ?? "null");
}

function dispatch(script: Script, ...events: ScriptEvent[]): Promise<Outcome[]> {
  return Promise.all(events.map((event) => new Promise<Outcome>((done) => script.dispatch(event, done))));
}

type Hosts = ReturnType<typeof startHosts>["hosts"];

function kill(hosts: Hosts): void {
  process.kill(hosts.hosts()[0]?.pid ?? 0, "SIGKILL");
}

/** The subject of an application's extension. */
class Extension extends Room {
  override readonly room = undefined;
}

test("a script that changes how objects are written changes nothing of whom later versions see", async () => {
  const { hosts } = startHosts({ command: undefined });
  const version = await hosts.load(buildOf(room(`events: { ${spoilt} },`)));
  const script = hosts.open(version, new Room());
  const [ann, ben, cem] = [user(1, { team: [1, { a: "b" }] }), user(2), user(3, "x")];
  await dispatch(script, { kind: "init" }, joined(ann), joined(ben), joined(cem), {
    kind: "leave",
    user: "u2",
  });
  await script.swap(await hosts.load(buildOf(room())));
  expect(await whoIn(script)).toEqual(seen(ann, cem));
  kill(hosts);
  expect(await whoIn(script)).toEqual(seen(ann, cem));
});

test("the same of the users and rooms of an application", async () => {
  const { hosts } = startHosts({ command: undefined });
  const files = (more = "") => ({ "app.ts": app(more) });
  const version = await hosts.load(buildOf(room(), {}, files(`events: { ${spoilt} },`)));
  const script = hosts.open(version, new Extension());
  const [ann, ben, cem] = [user(1, { team: 1 }), user(2), user(3)];
  const hall = { name: "hall", type: "r", users: 2, maxUsers: null, keep: true };
  const events = [told({ add: [ann, ben] }, { add: [hall, { ...hall, name: "gone" }] })];
  await dispatch(
    script,
    { kind: "init" },
    ...events,
    told({ remove: ["u1"], add: [cem] }, { remove: ["gone"] }),
  );
  const lookAll = async () => {
    expect(await whoIn(script)).toEqual(seen(ben, cem));
    expect(await whoIn(script, "rooms")).toEqual([hall]);
  };
  await script.swap(await hosts.load(buildOf(room(), {}, files())));
  await lookAll();
  kill(hosts);
  await lookAll();
  await dispatch(script, told({ add: [ann] }, { add: [{ ...hall, users: 3 }] }));
  kill(hosts);
  expect(await whoIn(script)).toEqual(seen(ben, cem, ann));
  expect(await whoIn(script, "rooms")).toEqual([{ ...hall, users: 3 }]);
});

test("who leaves is gone, whatever the handler of it comes to", async () => {
  const leaves = `leave(room, user) {
    const all = [];
    if (user.id === "u1") for (;;) all.push(new Array(1000).fill(0));
    if (user.id === "u2") Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);
    if (user.id === "u3") for (;;);
    if (user.id === "u4") throw new Error("no");
  }`;
  const { hosts } = startHosts({ command: undefined });
  const limits = { cpuPerEvent: 50, cpuHard: 200 };
  const version = await hosts.load(buildOf(room(`events: { ${leaves} },`), { limits }));
  const script = hosts.open(version, new Room());
  const users = [1, 2, 3, 4, 5].map((n) => user(n));
  await dispatch(script, { kind: "init" }, ...users.map(joined));
  for (const { id } of users.slice(0, 4)) {
    const [left] = await dispatch(script, { kind: "leave", user: id });
    expect(left?.failure?.code).toBe("handler_failed");
    expect(await whoIn(script)).toEqual(seen(...users.slice(Number(id.slice(1)))));
  }
  kill(hosts);
  expect(await whoIn(script)).toEqual(seen(user(5)));
});

test("who watches is told again, who watches no more is gone whatever the handler of it comes to", async () => {
  const count = "messages: { count: (room) => room.watchers }";
  const watched = (more: string) =>
    room(more).replace(who, count).replace("defineRoom", "defineRoom, refuse");
  const handlers = `watch(room, user) { if (user.id === "u9") for (;;); },
    unwatch(room, user) {
      if (user.id === "u1") throw new Error("no");
      if (user.id === "u2") Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);
      if (user.id === "u3") for (;;);
    }`;
  const { hosts } = startHosts({ command: undefined });
  const limits = { cpuPerEvent: 50, cpuHard: 200 };
  const version = await hosts.load(buildOf(watched(`events: { ${handlers} },`), { limits }));
  const script = hosts.open(version, new Room());
  const watch = (n: number): ScriptEvent => ({ kind: "watch", user: user(n) });
  const unwatch = (n: number): ScriptEvent => ({ kind: "unwatch", user: user(n) });
  await dispatch(script, { kind: "init" }, ...[1, 2, 3, 4, 5, 9].map(watch));
  expect(await whoIn(script, "count")).toBe(5);
  for (const n of [1, 2, 3]) {
    const [gone] = await dispatch(script, unwatch(n));
    expect(gone?.failure?.code).toBe("handler_failed");
    expect(await whoIn(script, "count")).toBe(5 - n);
  }
  kill(hosts);
  expect(await whoIn(script, "count")).toBe(2);
  // The next version lets nobody in; who is in stays so, there and on the way back.
  await script.swap(await hosts.load(buildOf(watched("events: { watch() { refuse('No.'); } },"))));
  await dispatch(script, unwatch(4), watch(6));
  expect(await whoIn(script, "count")).toBe(1);
  await script.goBack(version);
  kill(hosts);
  expect(await whoIn(script, "count")).toBe(1);
});

test("[R4] a handler that a limit cut short is not run again to tell that somebody has left", async () => {
  const { hosts } = startHosts();
  const script = hosts.open(await hosts.load(buildOf("cuts:events.leave")), new Room());
  await dispatch(script, { kind: "init" }, joined(user(1)));
  await ask(script, "mark", "no-snapshot");
  const [left] = await dispatch(script, { kind: "leave", user: "u1" });
  expect(left?.failure?.code).toBe("handler_failed");
  kill(hosts);
  expect((await stateOf(script)).seen).toEqual(["init", "join", "no-snapshot", "directory"]);
});

test("a script that goes back knows who has come and gone in the version that it leaves", async () => {
  const { hosts } = startHosts({ command: undefined });
  const first = await hosts.load(buildOf(room()));
  const script = hosts.open(first, new Room());
  await dispatch(script, { kind: "init" }, joined(user(1)), joined(user(2)));
  await script.swap(await hosts.load(buildOf(room("events: { join() {} },"))));
  await dispatch(script, joined(user(3)), { kind: "leave", user: "u1" });
  await script.goBack(first);
  expect(await whoIn(script)).toEqual(seen(user(2), user(3)));
  await script.swap(await hosts.load(buildOf(room("events: { leave() {} },"))));
  kill(hosts);
  expect(await whoIn(script)).toEqual(seen(user(2), user(3)));
});

test("who left is gone in the version before, too, whichever of the two can't run the handler of it", async () => {
  const hangs = `if (user.id === "u1") Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);`;
  const leaves = (code: string) => room(`events: { leave(room, user) { ${code} } },`);
  const { hosts } = startHosts({ command: undefined });
  const limits = { cpuPerEvent: 50, cpuHard: 200 };
  const load = (code: string) => hosts.load(buildOf(code, { limits }));
  const users = [1, 2, 3].map((n) => user(n));
  const open = async (version: Version) => {
    const script = hosts.open(version, new Room());
    await dispatch(script, { kind: "init" }, ...users.map(joined));
    return script;
  };
  const plain = await load(room());
  const hanging = await load(leaves(hangs));
  const later = await open(plain);
  await later.swap(hanging);
  // The handler has proven itself when it hangs, so that the version stays.
  await dispatch(later, { kind: "leave", user: "u2" });
  await dispatch(later, { kind: "leave", user: "u1" });
  expect(await whoIn(later)).toEqual(seen(user(3)));
  await later.goBack(plain);
  expect(await whoIn(later)).toEqual(seen(user(3)));
  const before = await open(hanging);
  await before.swap(await load(room("events: { reconnect() {} },")));
  await dispatch(before, { kind: "leave", user: "u1" });
  await before.goBack(hanging);
  expect(before.version).toBe(hanging.build.version);
  expect(await whoIn(before)).toEqual(seen(user(2), user(3)));
});

test("a rehearsal is of a room with those who are in it", async () => {
  const { hosts } = startHosts({ command: undefined });
  const script = hosts.open(await hosts.load(buildOf(room())), new Room());
  await dispatch(script, { kind: "init" }, joined(user(1)), joined(user(2)));
  // From here on the history begins with a snapshot.
  await script.swap(await hosts.load(buildOf(room("events: { join() {} },"))));
  await ask(script, "who");
  const check =
    "messages: { who(room) { if (room.users.length !== 2) throw new Error(room.users.length + ' users'); } }";
  const next = await hosts.load(buildOf(room().replace(who, check)));
  expect(await script.rehearse(next)).toMatchObject({ events: 1, errors: [] });
});

test("no limit of handlers and moves cuts short who is there, however many that are", async () => {
  const { hosts } = startHosts({ command: undefined });
  const files = { "app.ts": app() };
  const limits = { cpuPerEvent: 0.01, migrate: 0.01 };
  const load = async (changes = limits) => hosts.load(buildOf(room(), { limits: changes }, files));
  const script = hosts.open(await load({ cpuPerEvent: 1000, migrate: 1000 }), new Extension());
  const users = Array.from({ length: 2000 }, (_, n) => user(n, { n }));
  const outcomes = await dispatch(script, { kind: "init" }, told({ add: users }));
  expect(outcomes.map(({ failure }) => failure)).toEqual([undefined, undefined]);
  const tight = hosts.open(await load(), new Extension());
  const [first] = await dispatch(tight, told({ add: users }));
  expect(first?.failure).toBeUndefined();
  // What it knows goes along in pieces.
  await script.swap(await load({ cpuPerEvent: 1000, migrate: 1000 }));
  expect(await whoIn(script)).toEqual(seen(...users));
});

test("who is there is told again where that failed, before the next event; a script that can't be told fails", async () => {
  const { hosts } = startHosts();
  const once = hosts.open(await hosts.load(buildOf(`told-twice:${freshPath()}`)), new Room());
  const outcomes = await dispatch(once, told({ add: [user(1)] }), told({ add: [user(2)] }), { kind: "init" });
  expect(outcomes.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined]);
  expect((await stateOf(once)).seen).toEqual(["directory", "directory", "init"]);
  const subject = new Room("never");
  const never = hosts.open(await hosts.load(buildOf("never-told")), subject);
  const [failed] = await dispatch(never, told({ add: [user(1)] }), { kind: "init" });
  expect(failed?.failure?.code).toBe("handler_failed");
  expect(subject.failures.join()).toContain("it could not be told who is there: out of memory");
  expect(subject.killers).toEqual([false]);
});

test("[B2] who is there is told again where that took the host down, or the script fails", async () => {
  const { hosts } = startHosts();
  const script = hosts.open(await hosts.load(buildOf(`told-hangs:${freshPath()}`)), new Room());
  await dispatch(script, { kind: "init" });
  const [told1, told2] = await dispatch(script, told({ add: [user(1)] }), told({ add: [user(2)] }));
  expect([told1?.failure, told2?.failure]).toEqual([undefined, undefined]);
  expect((await stateOf(script)).seen).toEqual(["init", "directory", "directory"]);
  const subject = new Room("never");
  const never = hosts.open(await hosts.load(buildOf("hangs:events.directory")), subject);
  await dispatch(never, { kind: "init" });
  const [failed] = await dispatch(never, told({ add: [user(1)] }));
  expect(failed?.failure?.code).toBe("handler_failed");
  expect(subject.failures.join()).toContain("it took its script host or sandbox down too often");
  expect(subject.killers).toEqual([true]);
});
