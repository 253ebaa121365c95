/** Two applications with tests: those of one pass, those of the other fail. */

const counter = `
import { defineRoom, refuse } from "hotroom";
export const settings = { env: ["COUNTER_KEY", "COUNTER_OTHER"] };
export default defineRoom({
  state: () => ({ count: 0, log: [] as string[] }),
  events: {
    join: (room, user) => void room.state.log.push(user.name + " came"),
    leave: (room, user) => void room.state.log.push(user.name + " left"),
  },
  tick: (room) => { room.state.count += 1; },
  tickRate: 10,
  timers: { late: (room, data) => room.broadcast("late", { data, at: Date.now() }) },
  messages: {
    wait(room, user, ms: number) { room.schedule("late", ms, ms); },
    later(room, user, ms: number) { room.schedule("late", ms + 1, "more"); },
    no: () => refuse("Never.", { why: 1 }),
    fail() { console.log("about to fail"); null!.x; },
    greet: (room) => room.application.config.greeting,
    keys: (room) => room.application.env,
    much(room) { room.broadcast("much", "x".repeat(300_000)); },
    luck: () => [Math.random(), crypto.randomUUID()],
    binary(room, user, data) { room.broadcast("bytes", data, { except: user }); return data; },
  },
});`;

const passing = `
import { expect, open, test } from "hotroom/test";
import { twice } from "./lib/twice.ts";
import { times } from "tiny";
interface Typed { x: number }
const enter = async (stage: Awaited<ReturnType<typeof open>>, name: string) =>
  (await stage.user(name)).join("r");

test("matchers", async () => {
  expect(twice(2)).toBe(times(4, 1));
  expect({ a: [1, { b: undefined }], d: new Date(0), s: new Set([1]) } as unknown).toEqual({ a: [1, {}], d: new Date(0), s: new Set([1]) });
  expect({ a: 1, b: { c: 2, d: 3 } }).toMatchObject({ b: { c: 2 } });
  expect(NaN).toBe(NaN);
  expect([1, 2]).toContain(2);
  expect("abc").toContain("b");
  expect([1]).not.toEqual([1, 2]);
  expect({ a: 1 }).not.toEqual({ a: 1, b: 2 });
  const buffer = (...bytes: number[]) => new Uint8Array(bytes).buffer;
  expect(buffer(1, 2)).toEqual(buffer(1, 2));
  expect(buffer(1, 2)).not.toEqual(buffer(1, 3));
  expect(new DataView(buffer(1, 2))).not.toEqual(new DataView(buffer(1, 3)));
  expect(() => { throw new TypeError("no way"); }).toThrow("no");
  expect(() => { throw new TypeError("no way"); }).toThrow(TypeError);
  expect(() => { throw new TypeError("no way"); }).toThrow(/^no/);
  expect(() => {}).not.toThrow();
  await expect(Promise.reject({ code: "x" })).toThrow({ code: "x" });
  await expect(Promise.resolve(1)).not.toThrow();
});

test("time", async () => {
  const stage = await open("counter", { room: "r" });
  const ann = await enter(stage, "ann");
  const began = Date.now();
  await ann.send("wait", 86_400_000);
  await ann.send("later", 5000);
  await stage.advance(4999);
  expect(ann.received).toEqual([]);
  await stage.advance(2);
  expect(await ann.next("late")).toEqual({ data: "more", at: began + 5001 });
  expect(Date.now()).toBe(began + 5001);
});

test("ticks", async () => {
  const stage = await open("counter", { room: "r" });
  await stage.advance(1000);
  expect((await stage.state("r")).count).toBe(10);
});

test("coming back", async () => {
  const stage = await open("counter", { room: "r" });
  const [ann, bob] = [await stage.user("ann"), await stage.user("bob")];
  const [a] = [await ann.join("r"), await bob.join("r")];
  await bob.drop();
  await expect(bob.send("x")).toThrow("its connection was dropped");
  await stage.advance(29_999);
  expect(await bob.resume()).toMatchObject({ outcome: "resumed", user: { name: "bob" } });
  await bob.drop();
  await stage.advance(30_000);
  await expect(bob.resume()).toThrow("session_expired");
  expect((await stage.state("r")).log).toEqual(["ann came", "bob came", "bob left"]);
  expect(a.received.map(({ event }) => event)).toEqual(["join", "disconnect", "reconnect", "disconnect", "leave"]);
});

test("refused", async () => {
  const stage = await open("counter", { room: "r" });
  const ann = await enter(stage, "ann");
  await expect(ann.request("no")).toThrow({ code: "refused", message: "Never.", data: { why: 1 } });
  await ann.leave();
  await expect(ann.request("no")).toThrow("not_in_room");
  await expect(stage.user("ann")).toThrow("name_taken");
});

test("tokens", async () => {
  const stage = await open("club");
  const ann = await stage.user("?", { token: JSON.stringify({ name: "ann", exp: Date.now() / 1000 + 60 }) });
  expect(ann.name).toBe("ann");
  await expect(stage.user("bob")).toThrow("invalid_token");
  await expect(stage.user("bob", { token: "no JSON" })).toThrow("invalid_token");
});

test("bytes", async () => {
  const stage = await open("counter", { room: "r" });
  const [ann, bob] = [await enter(stage, "ann"), await enter(stage, "bob")];
  const bytes = new Uint8Array([0, 1, 254, 255]);
  expect(await ann.request("binary", bytes)).toEqual(bytes);
  expect(await bob.next("bytes")).toEqual(bytes);
  expect(bob.received[0].data).not.toEqual(new Uint8Array([0, 1, 254]));
  expect(await ann.request("binary", { bytes: "json" })).toEqual({ bytes: "json" });
});

test("config", async () => {
  const stage = await open("counter", { room: "r", config: { greeting: "hi" } });
  expect(await (await enter(stage, "ann")).request("greet")).toBe("hi");
});

test("variables", async () => {
  const keys = async (env?: Record<string, string>) => {
    const stage = await open("counter", { room: "r", ...(env && { env }) });
    return (await enter(stage, "ann")).request("keys");
  };
  expect(await keys({ COUNTER_KEY: "one" })).toEqual({ COUNTER_KEY: "one" });
  expect(await keys({ COUNTER_KEY: "", COUNTER_OTHER: "two" })).toEqual({ COUNTER_KEY: "", COUNTER_OTHER: "two" });
  expect(await keys()).toEqual({});
  await expect(keys({ HOME: "/" })).toThrow('Cannot set the variable "HOME": the setting "env" does not name it.');
});

test("the other stages of a test are others", async () => {
  const [one, other] = [await open("counter", { room: "r" }), await open("counter", { room: "r" })];
  await enter(one, "ann");
  expect((await other.state("r")).log).toEqual([]);
});

test("edits", async () => {
  const stage = await open("counter", { room: "r" });
  const ann = await enter(stage, "ann");
  await stage.edit({ "counter.ts": \`import { defineRoom } from "hotroom";
    export default defineRoom({ migrate: (old) => ({ was: old.log }) });\` });
  expect(await stage.state("r")).toEqual({ was: ["ann came"] });
  await expect(stage.edit({ "counter.ts": "export default {" })).toThrow("counter.ts:1:17");
  await expect(stage.edit({ "counter.ts": "export default 1;" })).toThrow("must be defineRoom");
  await expect(stage.edit({ "counter.ts": \`import { defineRoom } from "hotroom";
    export default defineRoom({ migrate() { throw new Error("lost"); } });\` })).toThrow(/rolled back.*lost \\(counter.ts:2:/s);
  expect(await stage.state("r")).toEqual({ was: ["ann came"] });
});

test("fetches", async () => {
  const api = "https://api.example.com/v1";
  const fetch = {
    [api + "/words?n=1"]: { body: ["one"] },
    ["POST " + api + "/slow"]: { status: 201, headers: { "X-Made": "1" }, body: "made", after: 3000 },
    [api + "/late"]: { after: 60_000 },
    [api + "/down"]: { error: { code: "unreachable", message: "Down." } },
  } as const;
  const stage = await open("good", { room: "r", fetch });
  const ann = await enter(stage, "ann");
  const ask = async (path: string, options = {}) => {
    await ann.send("ask", [api + path, options]);
    return ann;
  };
  expect(await (await ask("/words?n=1")).next("got")).toMatchObject({ status: 200, json: ["one"] });
  await ask("/slow", { method: "POST", body: "x" });
  await stage.advance(2999);
  expect(ann.received.length).toBe(1);
  await stage.advance(1);
  expect(await ann.next("got")).toMatchObject({ status: 201, headers: { "x-made": "1" }, body: "made" });
  expect(await (await ask("/down")).next("got")).toEqual({ error: { code: "unreachable", message: "Down." } });
  expect(await (await ask("/../x")).next("got")).toMatchObject({ error: { code: "not_allowed" } });
  expect(await (await ask("/else")).next("got")).toMatchObject({ error: { message: "The test has no answer to GET " + api + "/else." } });
  await ask("/late");
  await stage.advance(10_000);
  expect(await ann.next("got")).toMatchObject({ error: { code: "timeout" } });
});

test("asked by HTTP", async () => {
  const stage = await open("good");
  expect(await stage.request("/made?x=1&x=2", { method: "POST", headers: { "X-A": "b" }, body: "text" })).toMatchObject({
    status: 200,
    json: { asked: { method: "POST", path: "/made", query: { x: ["1", "2"] }, headers: { "x-a": "b" }, body: "text", address: "127.0.0.1" } },
  });
  expect(await stage.request("/no")).toMatchObject({ status: 400, json: { error: { message: "Not that." } } });
});

test("a version that fails later", async () => {
  const stage = await open("counter", { room: "r" });
  const ann = await enter(stage, "ann");
  await stage.edit({ "counter.ts": \`import { defineRoom } from "hotroom";
    export default defineRoom({ messages: { luck() { throw new Error("unlucky"); } } });\` });
  await expect(ann.request("luck")).toThrow(/rolled back.*unlucky/s);
  await ann.request("luck");
});
`;

const failing = `
import { expect, open, test } from "hotroom/test";
interface Typed { x: number }
let broken = false; const made = (x: number): Typed => ({ x });
const enter = async () => (await (await open("counter", { room: "r" })).user("ann")).join("r");

test("differs", async () => {
  expect({ list: [made(1)] }).toEqual({ list: [{ x: 2 }] });
});
test("loops", () => {
  for (;;) made(1);
});
test("loops later", async () => {
  await enter();
  while (true) made(1);
});
test("takes all memory", () => {
  const all: unknown[] = [];
  for (;;) all.push(new Array(100_000).fill(0));
});
test("is refused", async () => {
  const ann = await enter();
  await ann.request("no");
});
test("waits for a message", async () => {
  const ann = await enter();
  await ann.next("never");
});
test("waits for nothing", async () => {
  await new Promise(() => {});
});
test("forgets an await", async () => {
  expect(Promise.resolve(1)).toThrow();
});
test("has no such matcher", () => {
  (expect(1) as any).toBeGreaterThan(0);
});
test("opens nothing", async () => {
  await open("gone");
});
test("logs", async () => {
  const ann = await enter();
  console.log("mine", [1]);
  await ann.request("fail");
});
const luck = async () => {
  console.log(await (await enter()).request("luck"), Math.random());
  throw new Error("to show it");
};
test("has a timer without a handler", async () => {
  const stage = await open("counter", { room: "r" });
  await (await (await stage.user("ann")).join("r")).send("wait", 1000);
  await stage.edit({ "counter.ts": \`import { defineRoom } from "hotroom"; export default defineRoom({});\` });
  await stage.advance(1000);
  throw new Error("to show it");
});
test("has luck", luck);
test("has luck again", luck);
test("lets too much time pass", async () => {
  await (await open("counter")).advance(1e12);
});
test("is sent too much", async () => {
  const stage = await open("counter", { room: "r" });
  for (let i = 0; i < 60; i++) await (await stage.user("user" + i)).join("r");
  await (await (await stage.user("ann")).join("r")).send("much");
});
test("breaks what it runs in", () => {
  broken = true;
  Array.prototype.push = () => 0;
});
test("still runs", () => {
  expect(broken).toBe(false);
});
`;

/** Files by path. */
export const folderOfTests = {
  "counter.ts": counter,
  "counter.test.ts": failing,
  "good/rooms/hall.ts": `import { defineRoom } from "hotroom"; export default defineRoom({
      messages: { ask: (room, user, [url, options]) => room.fetch("asked", url, options) },
      fetches: { asked: (room, response) => room.broadcast("got", response) },
    });`,
  "club/hotroom.json": `{ "auth": { "jwt": { "algorithms": ["HS256"], "secret": { "env": "NEVER_SET_CLUB_SECRET" } } } }`,
  "club/app.ts": `import { defineApplication } from "hotroom"; export default defineApplication({
      events: { login: (app, { claims }) => ({ name: claims.name }) },
    });`,
  "good/app.ts": `import { defineApplication, refuse } from "hotroom"; export default defineApplication({
      events: { request: (app, request) => request.path === "/no" ? refuse("Not that.") : { asked: request } },
    });`,
  "good/hotroom.json": `{ "fetch": ["https://api.example.com/v1/"] }`,
  "good/lib/twice.ts": `import { times } from "tiny"; export const twice = (x: number) => times(2, x);`,
  "node_modules/tiny/package.json": `{ "name": "tiny", "type": "module", "exports": "./tiny.js" }`,
  "node_modules/tiny/tiny.js": "export const times = (a, b) => a * b;",
  "good/all.test.ts": passing,
  "good/rooms/describe.test.ts": `import { describe } from "hotroom/test";\ndescribe("x", () => {});`,
  "good/lib/syntax.test.ts": `import { test } from "hotroom/test";\ntest("x", () => {`,
  "good/node.test.js": `import fs from "node:fs";`,
};
