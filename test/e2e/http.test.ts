/** Health, the SDK as served, events over HTTP. */
import { beforeAll, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, startServer, type TestServer } from "./harness.ts";
import { onEachRuntimeAndExecutable } from "./runtimes.ts";

const files = {
  "news/hotroom.json": `{ "rooms": "join" }`,
  "news/app.ts": `
    import { defineApplication } from "hotroom";
    export default defineApplication({ emits: { alarm(app, data) { app.broadcast("alarm", data); } } });`,
  "news/rooms/desk.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      state: () => ({ numbers: [] as number[] }),
      emits: {
        number(room, n) { room.state.numbers.push(n); },
        news(room, data) { room.broadcast("news", data); },
      },
      messages: { numbers: (room) => room.state.numbers, double: (room, user, n: number) => n * 2 },
    });`,
};

onEachRuntimeAndExecutable("HTTP", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--admin-token", "a-secret-token"] });
  });

  const post = (path: string, body: unknown, token = "a-secret-token") =>
    fetch(`${server.url}/api/applications/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });

  test("healthz says that the server is ready", async () => {
    const answer = await fetch(`${server.url}/healthz`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ ok: true, state: "ready" });
  });

  test("an event that is posted reaches the room's handlers, in order, and the application's", async () => {
    const ann = await server.user("news", "ann", "desk 1");
    for (const n of [1, 2, 3])
      expect((await post("news/rooms/desk%201/emit", { type: "number", data: n })).status).toBe(202);
    expect(await ann.ask("desk 1", "numbers")).toEqual([1, 2, 3]);
    await post("news/rooms/desk%201/emit", { type: "news", data: { text: "it works" } });
    expect((await ann.message("news")).data).toEqual({ text: "it works" });
    await post("news/emit", { type: "alarm", data: [1] });
    expect(await ann.message("alarm")).toEqual({ event: "message", type: "alarm", data: [1] });
  });

  test("without the token nothing is taken, and what is not there is said", async () => {
    expect((await post("news/emit", { type: "alarm" }, "wrong-token")).status).toBe(401);
    expect((await post("nobody/emit", { type: "alarm" })).status).toBe(404);
    expect((await post("news/rooms/nowhere/emit", { type: "alarm" })).status).toBe(404);
    expect((await post("news/emit", { type: "__proto__" })).status).toBe(400);
  });

  test("the SDK at /client.js connects, asks and hears", async () => {
    const answer = await fetch(`${server.url}/client.js`);
    expect(answer.headers.get("content-type")).toMatch(/^text\/javascript/);
    const folder = makeFolder();
    writeFileSync(join(folder, "client.js"), await answer.text());
    const { connect } = await import(join(folder, "client.js"));
    const client = await connect(`${server.url.replace("http", "ws")}/ws/news`);
    await client.login({ name: "sdk" });
    const room = await client.join("desk 2");
    const heard = new Promise((resolve) => room.messages.on("news", resolve));
    expect(await room.request("double", 21)).toBe(42);
    await post("news/rooms/desk%202/emit", { type: "news", data: "hello" });
    expect(await heard).toBe("hello");
    await client.close();
    rmSync(folder, { recursive: true });
  });

  test("its types are at /client.d.ts", async () => {
    const answer = await fetch(`${server.url}/client.d.ts`);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await answer.text()).toContain("export declare function connect");
  });
});
