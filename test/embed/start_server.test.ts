/** A server in this process: where its applications come from, what its program can do and hears, and what it is refused. */
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import type { HotroomError } from "../../src/core/errors.ts";
import type { ServerOptions } from "../../src/embed/server_options.ts";
import { type Server, startServer } from "../../src/embed/start_server.ts";
import { connect } from "../../src/client/client.ts";
import { makeFolder, until } from "../e2e/harness.ts";

setDefaultTimeout(60_000);
let server: Server;
let lines: string[];
afterEach(() => server?.stop());

/** Starts a server whose scripts run in this process; resolves when its applications are loaded. */
async function start(options: ServerOptions): Promise<Server> {
  lines = [];
  const log = (level: string, message: string) => lines.push(`${level} ${message}`);
  server = await startServer({ port: 0, hosts: 0, spare: false, log, drain: 1000, ...options });
  await server.ready;
  return server;
}

/** A room type that answers `ask` with a word. */
const answering = (word: string) =>
  `import { defineRoom } from "hotroom";
   export default defineRoom({
     messages: { ask: () => "${word}", tell: (room, user, data) => room.application.emit("told", data) },
     emits: { say: (room, data) => room.broadcast("said", data) },
   });`;

async function ann(application: string) {
  const client = await connect(`${server.url.replace("http", "ws")}/ws/${application}`);
  await client.login({ name: "ann" });
  return client;
}

/** Asks in a room of the application until it answers with the word. */
async function answers(application: string, word: string): Promise<void> {
  const there = server.application(application);
  if (!there.room("hall")) await there.createRoom("hall", { keep: true });
  const client = await ann(application);
  const room = await client.join("hall");
  await until(word, async () => (await room.request("ask")) === word);
  await client.close();
}

/** Resolves with the code and the message of what is thrown, or rejected with. */
async function refusal(task: () => unknown): Promise<string> {
  try {
    await task();
  } catch (error) {
    return `${(error as HotroomError).code}: ${(error as Error).message}`;
  }
  throw new Error("It was not refused.");
}

test("applications lie in any file and folder, under the names that they are given, and are edited there", async () => {
  const dice = "game-2/node_modules/dice";
  const folder = makeFolder({
    "src/live.ts": answering("one"),
    "game-2/rooms/match.ts": `import "dice";\n${answering("one")}`,
    [`${dice}/package.json`]: '{ "type": "module", "exports": "./dice.js" }',
    [`${dice}/dice.js`]: "export const sides = 6;",
  });
  await start({ applications: { chat: join(folder, "src/live.ts"), game: join(folder, "game-2") } });
  await Promise.all([answers("chat", "one"), answers("game", "one")]);
  writeFileSync(join(folder, "src/live.ts"), answering("two"));
  writeFileSync(join(folder, "game-2/rooms/match.ts"), answering("two"));
  await Promise.all([answers("chat", "two"), answers("game", "two")]);
  expect(server.application("chat").version).toMatch(/^v2·/);
});

test("an application of a folder that is moved away is removed, and is back with it; its pages are served", async () => {
  const folder = makeFolder({ "a/rooms/match.ts": answering("one"), "a/public/index.html": "<p>hello</p>" });
  await start({ applications: { game: join(folder, "a") } });
  expect(await (await fetch(`${server.url}/apps/game/`)).text()).toBe("<p>hello</p>");
  renameSync(join(folder, "a"), join(folder, "b"));
  await until("its end", () => !server.application("game").running);
  renameSync(join(folder, "b"), join(folder, "a"));
  await until("its return", () => server.application("game").running);
});

test("texts are edited by code: a broken edit is rejected with its place, and what ran goes on", async () => {
  await start({ applications: { chat: { "rooms/hall.ts": answering("one") } } });
  const chat = server.application("chat");
  await answers("chat", "one");
  const two = {
    "rooms/hall.ts": `import { word } from "../lib/word.ts";\n${answering("two")}`,
    "lib/word.ts": "export const word = 1;",
  };
  await chat.edit(two);
  await answers("chat", "two");
  const refused = async (files: Record<string, string>) => await refusal(() => chat.edit(files));
  expect(await refused({ "rooms/hall.ts": "const = 1" })).toStartWith("build_failed: ");
  expect(await refused({ "lib/word.ts": "" })).toContain("chat/ is not an application");
  expect(await refused({ "../app.ts": "" })).toContain('chat/ can\'t have the file "../app.ts"');
  expect(await refused({ "app.ts": 'import "valibot-not-there";' })).toContain("Cannot import");
  expect(chat.error).toContain("valibot-not-there");
  await answers("chat", "two");
  const many = Array.from({ length: 100 }, (_, n) => [`lib/${n}.ts`, `export const n: number = ${n};`]);
  const older = chat.edit({ "rooms/hall.ts": answering("three"), ...Object.fromEntries(many) });
  await Promise.all([older, chat.edit(two)]);
  await answers("chat", "two");
  expect(chat.error).toBeUndefined();
});

test("what lies on the disk is not edited by code; of two of one name the program's is taken", async () => {
  const extensions = makeFolder({ "chat.ts": answering("folder"), "other.ts": answering("other") });
  await start({ extensions, applications: { chat: { "rooms/hall.ts": answering("text") } } });
  await Promise.all([answers("chat", "text"), answers("other", "other")]);
  writeFileSync(join(extensions, "chat.ts"), answering("edited"));
  expect(lines.filter((line) => line.includes("is not taken"))).toHaveLength(1);
  const edit = () => server.application("other").edit({ "rooms/hall.ts": answering("text") });
  expect(await refusal(edit)).toBe('not_allowed: Cannot edit application "other": it lies on the disk.');
});

test("the program hears who comes and goes, rooms, and what scripts emit; a listener that throws is logged", async () => {
  await start({ applications: { chat: { "rooms/hall.ts": answering("one") } } });
  const chat = server.application("chat");
  const heard: string[] = [];
  chat.on("login", ({ name, connected }) => heard.push(`login ${name} ${connected}`));
  chat.on("logout", ({ name }) => heard.push(`logout ${name}`));
  chat.on("create", ({ name, type }) => heard.push(`create ${name} ${type}`));
  chat.on("close", ({ name }, reason) => heard.push(`close ${name}: ${reason}`));
  chat.on("join", (room, user) => heard.push(`join ${room.name} ${user.name}`));
  chat.on("leave", (room, user) => heard.push(`leave ${room.name} ${user.name}`));
  chat.on("emit", (type, data) => heard.push(`emit ${type} ${JSON.stringify(data)}`));
  const off = chat.on("join", () => Promise.reject(new Error("sorry")));
  const room = await chat.createRoom("hall", { keep: true });
  const client = await ann("chat");
  const hall = await client.join("hall");
  off();
  await hall.request("tell", { n: 1 });
  await hall.leave();
  await client.join("hall");
  expect(room.users.map(({ name }) => name)).toEqual(["ann"]);
  await room.close("Enough.");
  await client.logout();
  await until("the logout", () => heard.at(-1) === "logout ann");
  const told = ["create hall hall", "login ann true", "join hall ann", 'emit told {"n":1}', "leave hall ann"];
  expect(heard).toEqual([...told, "join hall ann", "close hall: Enough.", "logout ann"]);
  expect(lines.filter((line) => line.includes("sorry"))).toEqual([
    'error A listener of "join" failed: sorry',
  ]);
});

test("the program sends to one, to a room and to all, makes events, and puts users out", async () => {
  await start({ applications: { chat: { "rooms/hall.ts": answering("one") } } });
  const chat = server.application("chat");
  const room = await chat.createRoom("hall", { keep: true });
  const client = await ann("chat");
  const hall = await client.join("hall");
  const texts: unknown[] = [];
  for (const source of [client, hall]) source.messages.on("said", (data: unknown) => texts.push(data));
  chat.broadcast("said", 1);
  expect(chat.send("ann", "said", 2)).toBe(true);
  room.broadcast("said", 3);
  expect(room.send("ann", "said", new Uint8Array([4]))).toBe(true);
  room.emit("say", 5);
  await until("the messages", () => texts.length === 5);
  expect(texts).toEqual([1, 2, 3, new Uint8Array([4]), 5]);
  expect([chat.send("bob", "said"), room.send("bob", "said"), chat.kick("bob", "")]).toEqual([
    false,
    false,
    false,
  ]);
  room.update({ locked: true });
  expect(await refusal(() => client.join("hall"))).toContain("already_in_room");
  expect(chat.kick("ann", "Out.")).toBe(true);
  await until("her end", () => chat.users.length === 0);
  expect(chat.rooms.map(({ name, type }) => [name, type])).toEqual([["hall", "hall"]]);
});

test("what can't be done is refused with a code", async () => {
  await start({ applications: { chat: { "rooms/hall.ts": answering("one") } } });
  const chat = server.application("chat");
  const room = await chat.createRoom("hall", { keep: true });
  expect(await refusal(() => chat.createRoom("hall"))).toStartWith("room_exists: ");
  expect(await refusal(() => chat.createRoom(" "))).toStartWith("invalid_name: ");
  expect(await refusal(() => chat.createRoom("b", { type: "none" }))).toStartWith("room_type_not_found: ");
  expect(await refusal(() => chat.createRoom("b", { maxUsers: 0 }))).toStartWith("invalid_data: ");
  expect(await refusal(() => chat.emit("x"))).toStartWith("no_handler: ");
  expect(await refusal(() => room.emit("x", 1n))).toBe('invalid_data: Cannot emit "x": the data is no JSON.');
  let deep: unknown;
  for (let n = 0; n < 100_000; n++) deep = [deep];
  expect(await refusal(() => room.emit("x", deep))).toStartWith("invalid_data: ");
  const large = "a".repeat(1024 * 1024);
  for (const data of [large, new TextEncoder().encode(`${large}a`)])
    expect(await refusal(() => room.broadcast("x", data))).toStartWith("too_large: ");
  expect(await refusal(() => room.emit("x", { n: "\ud800" }))).toContain("half a surrogate pair");
  expect(await refusal(() => room.broadcast(""))).toStartWith("invalid_name: ");
  expect(await refusal(() => room.update({ maxUsers: 0 }))).toStartWith("invalid_data: ");
  await room.close();
  expect(chat.room("hall")).toBeUndefined();
  expect(await refusal(() => room.users)).toBe(
    'room_not_found: Cannot list the users of room "hall": there is no such room.',
  );
  const none = server.application("none");
  expect(none.running).toBe(false);
  expect(await refusal(() => none.users)).toStartWith("application_unavailable: ");
});

test("an application that has no name or no files keeps the server from starting", async () => {
  const at = (applications: NonNullable<ServerOptions["applications"]>) =>
    refusal(() => startServer({ applications }));
  expect(await at({ "a b": {} })).toStartWith('invalid_data: Cannot serve application "a b": its name ');
  expect(await at({ chat: "./not/there.ts" })).toMatch(
    /^invalid_data: .*there is nothing at \/.*not\/there\.ts\.$/,
  );
});

test("own routes are asked before the server's, see who asks, and leave the rest to it", async () => {
  const routes = new Hono<{ Bindings: { remote?: string } }>();
  routes.use(async (c, next) => (c.req.path === "/api/secret" ? c.text("no", 401) : await next()));
  routes.get("/who", (c) => c.text(c.env.remote ?? ""));
  await start({ routes, applications: { chat: { "rooms/hall.ts": answering("one") } } });
  const get = async (path: string) => {
    const response = await fetch(server.url + path);
    return [response.status, await response.text()];
  };
  expect(await get("/who")).toEqual([200, "127.0.0.1"]);
  expect(await get("/api/secret")).toEqual([401, "no"]);
  expect(await get("/healthz")).toEqual([200, expect.stringContaining('"ready"')]);
  const opened = await fetch(server.consoleUrl ?? "", { redirect: "manual" });
  expect(opened.headers.get("set-cookie")).toStartWith("hotroom_console_");
  expect(await get("/nowhere")).toEqual([404, expect.stringContaining("not_found")]);
  const inside = (path: string, remote?: string) =>
    server.fetch(new Request(`http://127.0.0.1${path}`), remote);
  expect((await inside("/healthz")).status).toBe(200);
  expect((await inside("/api/applications")).status).toBe(403);
  expect((await inside("/api/applications", "127.0.0.1")).status).toBe(200);
});

test("it listens on a unix socket, without a console where that is asked, and says where", async () => {
  const unix = join(makeFolder(), "a.sock");
  const { url, port } = await start({ unix, noConsole: true, applications: {} });
  expect([url, port]).toEqual([`unix:${unix}`, 0]);
  const ask = async (path: string) => (await fetch(`http://localhost${path}`, { unix })).status;
  expect([await ask("/healthz"), await ask("/"), await ask("/api/applications")]).toEqual([200, 404, 401]);
  expect(server.consoleUrl).toBeUndefined();
});

test("an address that can't be one is refused before anything is started", async () => {
  const folder = makeFolder();
  expect(await refusal(() => startServer({ tlsCert: "a.pem" }))).toBe(
    "invalid_data: Cannot use tlsCert: it needs tlsKey beside it.",
  );
  expect(await refusal(() => startServer({ unix: "a.sock", tlsCert: "a.pem", tlsKey: "b.pem" }))).toBe(
    "invalid_data: Cannot use tlsCert: there is no TLS on a unix socket (unix).",
  );
  const missing = join(folder, "a.pem");
  expect(await refusal(() => startServer({ tlsCert: missing, tlsKey: missing }))).toContain(
    `${missing} can't be read: ENOENT`,
  );
});

test("what clients send is followed where the program asks for it, and it has the ids in its log", async () => {
  const traced: { message: string; fields: { trace_id?: string } }[] = [];
  const log = (_: string, message: string, fields = {}) => void traced.push({ message, fields });
  await start({ applications: { chat: { "rooms/hall.ts": answering("one") } }, tracing: { sample: 1 }, log });
  await answers("chat", "one");
  const ids = (pattern: RegExp) => traced.find(({ message }) => pattern.test(message))?.fields.trace_id;
  const came = ids(/^message "ask" came in a frame\.$/);
  expect(came).toMatch(/^[0-9a-f]{32}$/);
  expect(ids(/^message "ask" is carried out/)).toBe(came);
});
