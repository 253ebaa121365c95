/** What scripts are asked by HTTP, and what becomes of what they answer. */
import { beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { killTree } from "../bench/kill_tree.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

const app = (more: string) => `
import { defineApplication, refuse } from "hotroom";
export default defineApplication({
  state: () => ({ count: 0 }),
  events: {
    async request(app, request) {
      switch (request.path) {
        case "/echo": return { body: request };
        case "/text": return "größe \\0 \\ud83d";
        case "/json": return [1, { two: null }];
        case "/null": return null;
        case "/nothing": return;
        case "/made": return { status: 201, headers: { "Set-Cookie": ["a=1", "b=2"], "x-n": 5, "x-no": undefined }, body: { ok: true } };
        case "/page": return { headers: { "content-type": "text/html" }, body: "<p>" };
        case "/empty": return { status: 304 };
        case "/size": return { body: { size: request.body.length } };
        case "/twice": request.body[0] += 1; return { status: 202, headers: { "x-own": "\xe9" }, body: new Uint8Array([...request.body, ...request.body]) };
        case "/bytes": return new Uint8Array([0, 1, 255, 0]).subarray(1);
        case "/no": refuse("Not you.", { why: 1 });
        case "/throw": app.state.count = 99; throw new Error("secret of the handler");
        case "/never": return new Promise(() => {});
        case "/long": return "x".repeat(2 * 1024 * 1024);
        case "/loop": for (;;);
        case "/answer": return JSON.parse(request.body);
        case "/count": app.broadcast("counted", ++app.state.count); return { body: app.state.count };
      }
    },
  },
  ${more}
});`;

onEachRuntime("requests by HTTP", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    const plain = `import { defineApplication } from "hotroom"; export default defineApplication({});`;
    const room = `import { defineRoom } from "hotroom"; export default defineRoom({});`;
    server = await startServer({
      runtime,
      files: {
        "web/app.ts": app(""),
        "plain/app.ts": plain,
        "one.ts": room,
        "broken/app.ts": "export default 5;",
      },
    });
  });

  const ask = (path: string, init?: RequestInit) => fetch(`${server.url}/apps/${path}`, init);
  const shown = async (answer: Response | Promise<Response>) => {
    const { status, headers } = await answer;
    return [status, headers.get("content-type"), await (await answer).text()];
  };

  test("the handler hears all of a request", async () => {
    const headers = { "X-Own": "a, b", cookie: "c=1", authorization: "Bearer t" };
    const asked = await ask("web/echo?a=1&b=2&a=%203&__proto__=x&c", {
      method: "PATCH",
      headers,
      body: "böd\0y",
    });
    const heard = await asked.json();
    expect(heard).toMatchObject({
      method: "PATCH",
      path: "/echo",
      query: { a: ["1", " 3"], b: "2", ["__proto__"]: "x", c: "" },
      headers: { "x-own": "a, b", cookie: "c=1", authorization: "Bearer t" },
      body: "böd\0y",
      address: "127.0.0.1",
    });
    expect(Object.keys(heard.query)).toContain("__proto__");
    expect(await (await ask("web/echo")).json()).not.toHaveProperty("body");
    expect(await (await ask("web/a%2Fb%20c")).status).toBe(204);
    expect((await ask("web/text", { method: "HEAD" })).headers.get("content-type")).toMatch(/^text\/plain/);
  });

  test("what it returns is the answer", async () => {
    expect(await shown(ask("web/text"))).toEqual([200, "text/plain; charset=utf-8", "größe \0 \ufffd"]);
    expect(await shown(ask("web/json"))).toEqual([200, "application/json", '[1,{"two":null}]']);
    expect(await shown(ask("web/null"))).toEqual([200, "application/json", "null"]);
    expect(await shown(ask("web/nothing"))).toEqual([204, null, ""]);
    expect(await shown(ask("web/page"))).toEqual([200, "text/html", "<p>"]);
    expect(await shown(ask("web/empty"))).toEqual([304, null, ""]);
    const made = await ask("web/made");
    expect(made.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect([made.headers.get("x-n"), made.headers.has("x-no")]).toEqual(["5", false]);
    expect(await shown(made)).toEqual([201, "application/json", '{"ok":true}']);
  });

  test("bytes come in and go out as they are", async () => {
    const bytes = new Uint8Array(1000).map((_, at) => at * 7);
    const headers = { "Content-Type": "Application/Octet-Stream; x=1" };
    const twice = await ask("web/twice", { method: "PUT", headers, body: bytes });
    bytes[0] = 1;
    expect([twice.status, twice.headers.get("x-own"), twice.headers.get("content-type")]).toEqual([
      202,
      "é",
      "application/octet-stream",
    ]);
    expect(new Uint8Array(await twice.arrayBuffer())).toEqual(new Uint8Array([...bytes, ...bytes]));
    expect(await (await ask("web/bytes")).bytes()).toEqual(new Uint8Array([1, 255, 0]));
    expect(await (await ask("web/echo", { method: "POST", headers, body: "a" })).text()).toContain("failed");
  });

  test("what it refuses, fails at or does not hear is told with a status, and no more", async () => {
    const refused = { error: { code: "refused", message: "Not you.", data: { why: 1 } } };
    expect(await shown(ask("web/no"))).toEqual([400, "application/json", JSON.stringify(refused)]);
    for (const path of ["throw", "never", "long", "loop"]) {
      const [status, , text] = await shown(ask(`web/${path}`));
      expect([path, status, text]).toEqual([path, 500, expect.stringContaining("handler_failed")]);
      expect(text).not.toContain("secret");
    }
    await server.logged(/web .*secret of the handler/);
    // What failed has left nothing in the state.
    expect(await (await ask("web/count")).text()).toBe("1");
    for (const path of ["plain/x", "one/x", "nobody/x"])
      expect((await shown(ask(path))).slice(0, 1)).toEqual([404]);
    expect((await shown(ask("broken/x")))[0]).toBe(503);
  });

  test.each([
    ["ends its line", { headers: { "x-a": "b\r\nset-cookie: c=1" } }],
    ["ends its line in the name", { headers: { "x-a: b\r\nx-c": "d" } }],
    ["has a NUL", { headers: { "x-a": "b\0c" } }],
    ["is no text of HTTP", { headers: { "x-a": "日" } }],
    ["is no text", { headers: { "x-a": {} } }],
    ["gives a length", { headers: { "Content-Length": "1000" }, body: "x" }],
    ["gives an encoding of the transfer", { headers: { "Transfer-Encoding": "chunked" } }],
    ["is about the connection", { headers: { connection: "close" } }],
    ["is for all of the server", { headers: { "Service-Worker-Allowed": "/" } }],
    ["begins the answer", { status: 100 }],
    ["switches protocols", { status: 101 }],
    ["is no status", { status: 600 }],
    ["is half a status", { status: 200.5 }],
    ["is a word", { status: "ok" }],
    ["has a body where there can be none", { status: 204, body: "x" }],
    ["says more than an answer can", { body: "x", title: "y" }],
  ])("an answer that %s fails, and its author is told where", async (_, answer) => {
    const before = server.output().length;
    const [status, , text] = await shown(ask("web/answer", { method: "POST", body: JSON.stringify(answer) }));
    expect([status, text]).toEqual([500, expect.stringContaining("its handler failed.")]);
    await server.logged(/The answer to "request" can't be sent: .* \(app\.ts:6:\d+\)/, before);
  });

  test("a body of 1 MB is taken, a larger one is not, with and without its length", async () => {
    const most = "é".repeat(512 * 1024);
    const stream = (text: string) => new Response(text).body as ReadableStream;
    for (const body of [most, stream(most)])
      expect(await (await ask("web/size", { method: "POST", body })).json()).toEqual({ size: most.length });
    for (const body of [`${most}x`, stream(`${most}x`)]) {
      const answer = await ask("web/size", { method: "POST", body }).catch((error) => error);
      // A server that reads no more may be gone before its answer was read.
      if (answer instanceof Response) expect(answer.status).toBe(413);
    }
    expect((await ask(`web/x?${"a".repeat(12_000)}`)).status).toBe(204);
  });

  // 408, 413 and the rest: nobody reads on what was refused, to a path that takes a body and to one that does not.
  test.each(["/apps/web/size", "/healthz"])(
    "of a body without an end that %s refuses little is read",
    async (path) => {
      const most = 64 * 1024 * 1024;
      const chunk = Buffer.from(`10000\r\n${"x".repeat(65536)}\r\n`);
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => {}).resume();
      socket.write(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n`);
      let sent = 0;
      let isTaken = true;
      while (isTaken && sent < most) {
        sent += chunk.length;
        const taken = () => new Promise((resolve) => socket.once("drain", () => resolve(true)));
        const left = new Promise((resolve) => setTimeout(resolve, 2_000, false));
        if (socket.destroyed) isTaken = false;
        else if (!socket.write(chunk)) isTaken = (await Promise.race([taken(), left])) === true;
      }
      expect(sent).toBeLessThan(most);
      socket.destroy();
      expect((await ask("web/count")).status).toBe(200);
    },
  );

  test("a client that goes away leaves nothing behind", async () => {
    const before = await (await ask("web/count")).json();
    const half = "POST /apps/web/size HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf of it";
    const leave = () =>
      new Promise<void>((resolve) => {
        const socket = connect(server.port, "127.0.0.1", () => socket.write(half, () => socket.destroy()));
        socket.on("error", () => {}).on("close", () => resolve());
      });
    await Promise.all(Array.from({ length: 300 }, leave));
    await until("there to be room again", async () => (await ask("web/count")).status === 200);
    expect(await (await ask("web/count")).json()).toBeGreaterThan(before);
    expect(server.output()).not.toMatch(/Cannot answer a request/);
  });

  test("what it sends comes before its answer, and an edit or a killed script host keeps what was counted", async () => {
    const ann = await server.user("web", "ann");
    const first = await (await ask("web/count")).json();
    expect((await ann.message("counted")).data).toBe(first);
    for (const pid of server.hostPids()) process.kill(pid, "SIGKILL");
    expect(await (await ask("web/count")).json()).toBe(first + 1);
    server.write("web/app.ts", app("").replace("++app.state.count", "app.state.count += 10"));
    await until("the edit to answer", async () => (await (await ask("web/count")).json()) >= first + 11);
  });

  test("a durable application counts on after a killed server", async () => {
    const game = await new Restartable(runtime, { "web/app.ts": app("durable: true,") }).start();
    const count = async () => (await fetch(`http://127.0.0.1:${game.port}/apps/web/count`)).json();
    expect([await count(), await count()]).toEqual([1, 2]);
    await game.restart();
    expect(await count()).toBe(3);
    await killTree(game.server.pid);
  });
});
