/** Scripts ask other servers: what they hear, from where, and what outlives what. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { makeFolder, runCommand, startServer, type TestServer, until } from "./harness.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

/** Another server: it notes what it is asked, and holds back the answers to what begins with /hold. */
class Elsewhere {
  readonly asked: string[] = [];
  readonly held: ServerResponse[] = [];
  ended = 0;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += chunk;
    this.asked.push(`${request.method} ${request.url} ${body}`.trim());
    response.on("close", () => this.ended++);
    if (request.url?.startsWith("/hold")) return void this.held.push(response);
    response.setHeader("content-type", "application/json; charset=utf-8");
    response.end(request.url?.startsWith("/bad") ? "{" : JSON.stringify({ path: request.url, body }));
  }
}

const elsewhere = await new Elsewhere().start();
afterAll(() => elsewhere.close());

const kinds = (it: string) => `
  state: () => ({ heard: [] as unknown[] }),
  fetches: {
    answer(it, response, data) {
      it.state.heard.push({ ...response, headers: typeof response.headers, data });
      it.broadcast("heard", { data, status: response.status, code: response.error?.code });
    },
    again(it, response, n) {
      it.state.heard.push(n);
      if (n < 200) it.fetch("again", "https://not.listed.test/", {}, n + 1);
    },
  },
  messages: {
    ask: (it, user, { url, options, data }) => it.fetch("answer", url, options, data),
    many(it, user, { url, count }) { for (let n = 0; n < count; n++) it.fetch("answer", url + n, { timeout: 60000 }, n); },
    fail(it, user, url) { it.fetch("answer", url); throw new Error("no"); },
    refused(it, user, url) { it.fetch("answer", url); refuse("no"); },
    unheard: (it, user, url) => it.fetch("nobody", url),
    loop: (it) => it.fetch("again", "https://not.listed.test/", {}, 1),
    wrong(it, user, { url, options }) { try { it.fetch("answer", url, options); } catch (error) { return String(error); } },
    heard: (it) => it.state.heard,
    close: (it) => ${it}.close?.(),
  }`;
const app = (more = "") =>
  `import { defineApplication, refuse } from "hotroom"; export default defineApplication({ ${more} ${kinds("it")} });`;
const room = (more = "") =>
  `import { defineRoom, refuse } from "hotroom"; export default defineRoom({ ${more} ${kinds("it")} });`;
const settings = (more: object = {}) =>
  JSON.stringify({ rooms: "join", fetch: [elsewhere.url, "http://localhost:1/"], ...more });
const files = { "fx/hotroom.json": settings(), "fx/app.ts": app(), "fx/rooms/hall.ts": room() };

onEachRuntime("fetching", (runtime) => {
  test("rooms and applications hear what another server answers, by name and with their data", async () => {
    const server = await startServer({ runtime, files });
    const ann = await server.user("fx", "ann", "hall");
    for (const where of [undefined, "hall"]) {
      const url = `${elsewhere.url}/v1?of=${runtime}`;
      await ann.ask(where, "ask", { url, options: { method: "post", body: "b" }, data: { n: 1 } });
      await ann.next((frame) => frame.event === "message" && frame.type === "heard");
      expect(await ann.ask(where, "heard")).toEqual([
        {
          status: 200,
          headers: "object",
          body: `{"path":"/v1?of=${runtime}","body":"b"}`,
          json: { path: `/v1?of=${runtime}`, body: "b" },
          data: { n: 1 },
        },
      ]);
      await ann.ask(where, "ask", { url: `${elsewhere.url}/bad`, data: 2 });
      await ann.next((frame) => frame.data?.data === 2);
      expect((await ann.ask(where, "heard"))[1]).toEqual({
        status: 200,
        headers: "object",
        body: "{",
        data: 2,
      });
    }
    // What is not listed, what can't be asked, and what leads to this machine by a name.
    for (const [url, code] of [
      ["https://not.listed.test/", "not_allowed"],
      ["no URL", "not_allowed"],
      ["http://localhost:1/", "not_allowed"],
      [`${server.url}/api/applications`, "not_allowed"],
    ]) {
      await ann.ask("hall", "ask", { url, data: url });
      const { data } = await ann.next((frame) => frame.event === "message" && frame.data?.data === url);
      expect(data).toEqual({ data: url, code });
    }
    await server.kill();
  });

  test("twenty of an application are under way at a time, the others wait, and a room that closes ends its own", async () => {
    const server = await startServer({ runtime, files });
    const ann = await server.user("fx", "ann", "hall");
    elsewhere.held.length = 0;
    await ann.ask("hall", "many", { url: `${elsewhere.url}/hold/`, count: 25 });
    await until("twenty to be held", () => elsewhere.held.length === 20);
    const view = async () => (await (await fetch(`${server.url}/api/applications/fx`)).json()).fetches;
    expect(await view()).toBe(25);
    elsewhere.held[0]?.end("ok");
    await until("one more", () => elsewhere.held.length === 21);
    expect(await view()).toBe(24);
    const ended = elsewhere.ended;
    await ann.ask("hall", "close");
    await until("all to be ended", () => elsewhere.ended >= ended + 20);
    await until("none to be left", async () => (await view()) === undefined);
    expect(elsewhere.held.length).toBe(21);
    // There are 220 in all; what is more is told at once.
    await ann.ok({ event: "join", room: "next" });
    await ann.ask("next", "many", { url: `${elsewhere.url}/hold/`, count: 200 });
    await ann.ask("next", "many", { url: `${elsewhere.url}/hold/`, count: 21 });
    const refused = await ann.next((frame) => frame.data?.code !== undefined);
    expect(refused.data).toEqual({ code: "busy", data: 20 });
    await server.kill();
  });

  test("durable: what was answered is kept, and what was under way is told when the server is there again, sent once", async () => {
    const stage = new Restartable(runtime, {
      "fx/hotroom.json": settings({ emptyGrace: 600_000 }),
      "fx/app.ts": app("durable: true,"),
      "fx/rooms/hall.ts": room("durable: true,"),
    });
    await stage.start();
    const ann = await stage.server.user("fx", "ann", "hall");
    await ann.ask("hall", "ask", { url: `${elsewhere.url}/first`, data: "first" });
    await ann.message("heard");
    elsewhere.held.length = 0;
    const before = elsewhere.asked.length;
    for (const where of [undefined, "hall"])
      await ann.ask(where, "ask", {
        url: `${elsewhere.url}/hold`,
        options: { method: "POST", body: "once", headers: { authorization: "Bearer s3cret-of-ann" } },
        data: "under way",
      });
    await until("them to be asked", () => elsewhere.held.length === 2);
    await stage.restart();
    const bob = await stage.server.user("fx", "bob", "hall");
    for (const where of [undefined, "hall"])
      await until("the answer", async () => {
        const heard = await bob.ask(where, "heard");
        return heard.at(-1)?.error?.code === "unreachable" && heard.at(-1).data === "under way";
      });
    expect((await bob.ask("hall", "heard")).map(({ data }: { data: string }) => data)).toEqual([
      "first",
      "under way",
    ]);
    expect(elsewhere.asked.slice(before)).toEqual(["POST /hold once", "POST /hold once"]);
    await stage.restart();
    const cid = await stage.server.user("fx", "cid", "hall");
    expect((await cid.ask("hall", "heard")).length).toBe(2);
    await stage.kill();
  });
});

// The same on either runtime.
onEachRuntime(
  "fetching by scripts",
  (runtime) => {
    let shared: TestServer;
    beforeAll(async () => {
      shared = await startServer({ runtime, files });
    });

    test("an event that fails or refuses has sent nothing, and what can't be sent is a TypeError", async () => {
      const ann = await shared.user("fx", "ann", "hall");
      const before = elsewhere.asked.length;
      for (const type of ["fail", "refused"])
        await ann.fails({ event: "message", room: "hall", type, data: `${elsewhere.url}/never` });
      const wrong = async (options: unknown, url: unknown = elsewhere.url) =>
        await ann.ask("hall", "wrong", { url, options });
      expect(await wrong({}, 5)).toContain("TypeError: room.fetch: the URL must be a text");
      expect(await wrong({ method: "CONNECT" })).toContain("the method must be one of HTTP");
      expect(await wrong({ method: "GET", body: "x" })).toContain("a GET has no body");
      expect(await wrong({ method: "POST", body: {} })).toContain("the body must be a text");
      expect(await wrong({ timeout: 60_001 })).toContain("the timeout must be 1 to 60000 ms");
      expect(await wrong({ retries: 1 })).toContain('unknown option "retries"');
      expect(await wrong({ headers: { "X-A": "a\r\nX-B: b" } })).toContain(
        "the header x-a must be a text of Latin",
      );
      expect(await wrong({ headers: { "X-A\r\nX-B": "b" } })).toContain("is no name of a header");
      expect(await wrong({ headers: { Host: "x" } })).toContain("the header host is the server's own");
      expect(await wrong({ headers: { "x-snow": "☃" } })).toContain("must be a text of Latin letters");
      await ann.ask("hall", "ask", { url: `${elsewhere.url}/last` });
      await ann.message("heard");
      expect(elsewhere.asked.slice(before)).toEqual(["GET /last"]);
    });

    test("an answer without a handler is dropped with a warning, and what follows from itself without end is ended", async () => {
      const bob = await shared.user("fx", "bob", "loops");
      await bob.ask("loops", "unheard", `${elsewhere.url}/x`);
      await shared.logged(/WARN .*The answer of fetch "nobody" is dropped: there is no fetches\.nobody\./);
      await bob.ask("loops", "loop");
      await shared.logged(/Cannot fetch "again": 100 fetches that were not sent followed from one another\./);
      expect((await bob.ask("loops", "heard")).length).toBe(100);
    });

    test("an edit and a killed script host change nothing: the version of then hears the answer by its name", async () => {
      const server = await startServer({ runtime, files });
      const ann = await server.user("fx", "ann", "hall");
      elsewhere.held.length = 0;
      await ann.ask("hall", "ask", { url: `${elsewhere.url}/hold`, data: "kept" });
      await until("it to be asked", () => elsewhere.held.length === 1);
      server.write("fx/rooms/hall.ts", room("maxUsers: 9,"));
      await server.logged(/fx v2\S+ Version live/);
      for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
      elsewhere.held[0]?.end("late");
      expect((await ann.message("heard")).data).toEqual({ data: "kept", status: 200 });
      for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
      const heard = await ann.ask("hall", "heard");
      expect(heard).toEqual([{ status: 200, headers: "object", body: "late", data: "kept" }]);
      expect(elsewhere.held.length).toBe(1);
      await server.kill();
    });

    test("the API of a server on this machine does not take a script for who sits at it", async () => {
      const server = await startServer({ runtime, files });
      const ann = await server.user("fx", "ann", "hall");
      server.write("fx/hotroom.json", settings({ fetch: [server.url] }));
      await server.logged(/fx v2\S+ Version live/);
      for (const path of ["/api/applications", "/healthz"])
        await ann.ask("hall", "ask", { url: server.url + path, data: path });
      const heard = [await ann.message("heard"), await ann.message("heard")];
      const statuses = Object.fromEntries(heard.map(({ data }) => [data.data, data.status]));
      expect(statuses).toEqual({ "/api/applications": 403, "/healthz": 200 });
      await server.kill();
    });

    test("a prefix that can't be one is told with its place", () => {
      const folder = makeFolder({
        "fx/hotroom.json": '{"fetch":["https://a.test/","a.test"]}',
        "fx/app.ts": app(),
      });
      const { output, status } = runCommand(runtime, ["check", "--extensions", folder]);
      expect(output).toContain("hotroom.json:1:29: fetch.1: Invalid prefix: it must be a URL");
      expect(status).toBe(1);
    });
  },
  ["bun"],
);
