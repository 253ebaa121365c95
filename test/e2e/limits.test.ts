/** A script can fail itself, never another application, never the sockets. */
import { beforeAll, expect, test } from "bun:test";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "good.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      state: () => ({ count: 0 }),
      messages: { count: (room) => ++room.state.count },
    });`,
  "bad.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      state: () => ({ count: 0, junk: "" }),
      messages: {
        count: (room) => ++room.state.count,
        loop(room) { room.broadcast("never"); for (;;); },
        async promises() { for (;;) await null; },
        native() { Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1); },
        memory() { const hog = []; for (;;) hog.push(new Array(100_000).fill(hog.length)); },
        state(room) { room.state.junk = "x".repeat(5 * 1024 * 1024); },
        recursion() { const deep = () => deep() + 1; deep(); },
        long(room) { room.broadcast("long", new Uint8Array(1_100_000)); },
        much(room) { for (let n = 0; n < 10; n++) room.broadcast("much", new Uint8Array(600_000)); },
        many(room) { for (let n = 0; n < 300; n++) room.broadcast("many", n); },
        reply: () => new Uint8Array(1_100_000),
        log() { for (let n = 0; n < 100; n++) console.log("y".repeat(1000)); },
        schedules(room) { for (let n = 0; n < 100; n++) room.schedule("t" + n, 3_600_000); },
        circular() { const a: any = {}; a.a = a; return a; },
        bigint: () => 1n,
        escape() { return (() => {}).constructor("return 1")(); },
        globals: () => ["process", "Bun", "Deno", "WebSocket", "Worker"].filter((name) => name in globalThis),
        fetch() { (globalThis as any).fetch("http://127.0.0.1"); },
        setTimeout() { (globalThis as any).setTimeout(() => {}, 1); },
        require() { (globalThis as any).require("node:fs"); },
        import: () => import("node:fs" as string),
      },
      timers: Object.fromEntries(Array.from({ length: 100 }, (_, n) => ["t" + n, () => {}])),
    });`,
};

onEachRuntime("limits", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--inbound-rate", "0"] });
  });

  let names = 0;
  const user = (application: string, room: string) => server.user(application, `user ${++names}`, room);

  test("an endless loop fails its own event; another application answers, and so does the room afterwards", async () => {
    const bad = await user("bad", "loops");
    const good = await user("good", "hall");
    for (const type of ["loop", "promises"]) {
      expect(await bad.ask("loops", "count")).toBeGreaterThan(0);
      const failed = bad.fails({ event: "message", room: "loops", type });
      const counted = await good.ask("hall", "count");
      expect(counted).toBeGreaterThan(0);
      expect(await failed).toEqual({
        code: "handler_failed",
        message: `Cannot handle "${type}": its handler failed.`,
      });
    }
    expect(await bad.ask("loops", "count")).toBe(3);
    expect(bad.messages("never")).toEqual([]);
    expect(bad.isOpen && good.isOpen).toBe(true);
    // The author is told which line.
    await server.logged(/bad\.ts:7:\d+/);
  });

  test("code that can't be interrupted gets its host killed: sockets stay, others go on, the room is back with its state", async () => {
    const bad = await user("bad", "natives");
    const good = await user("good", "hall 2");
    for (const n of [1, 2, 3]) expect(await bad.ask("natives", "count")).toBe(n);
    const before = server.hostPids();
    expect(before.length).toBeGreaterThan(0);
    const failed = bad.fails({ event: "message", room: "natives", type: "native" });
    const counting = good.ask("hall 2", "count");
    expect((await failed).code).toBe("handler_failed");
    expect(await counting).toBe(1);
    expect(await good.ask("hall 2", "count")).toBe(2);
    expect(await bad.ask("natives", "count")).toBe(4);
    expect(bad.isOpen && good.isOpen).toBe(true);
    const after = server.hostPids();
    expect(before.filter((pid) => !after.includes(pid))).toHaveLength(1);
    expect(after.length).toBeGreaterThan(0);
  });

  test("a script host that is killed from outside is replaced, and nobody notices", async () => {
    const good = await user("good", "killed");
    expect(await good.ask("killed", "count")).toBe(1);
    const before = server.hostPids();
    for (const pid of before) process.kill(pid, "SIGKILL");
    for (const n of [2, 3, 4]) expect(await good.ask("killed", "count")).toBe(n);
    await until("new hosts", () => {
      const now = server.hostPids();
      return now.length > 0 && now.every((pid) => !before.includes(pid));
    });
    expect(good.isOpen).toBe(true);
  });

  test("a memory hog fails itself; its room is back with its state", async () => {
    const bad = await user("bad", "hogs");
    const good = await user("good", "hall 3");
    expect(await bad.ask("hogs", "count")).toBe(1);
    const failed = bad.fails({ event: "message", room: "hogs", type: "memory" });
    expect(await good.ask("hall 3", "count")).toBe(1);
    expect((await failed).code).toBe("handler_failed");
    expect(await bad.ask("hogs", "count")).toBe(2);
    expect(await good.ask("hall 3", "count")).toBe(2);
  });

  test.each([
    "fetch",
    "setTimeout",
    "require",
    "import",
    "recursion",
    "circular",
    "bigint",
    "escape",
    "long",
    "much",
    "many",
    "reply",
  ])("%s fails its event and nothing else", async (type) => {
    const room = `room of ${type}`;
    const bad = await user("bad", room);
    expect(await bad.ask(room, "count")).toBe(1);
    const failed = await bad.fails({ event: "message", room, type });
    expect(failed).toEqual({
      code: "handler_failed",
      message: `Cannot handle "${type}": its handler failed.`,
    });
    expect(bad.messages(type)).toEqual([]);
    expect(await bad.ask(room, "count")).toBe(2);
    bad.close();
  });

  test("schedules past the limit are not set: the log says so, and the event goes on", async () => {
    const bad = await user("bad", "schedules");
    const start = server.output().length;
    await bad.ok({ event: "message", room: "schedules", type: "schedules" });
    await server.logged(/Cannot schedule "t64": it has 64 schedules/, start);
    expect(server.output().slice(start)).not.toContain('Cannot schedule "t63"');
    expect(await bad.ask("schedules", "count")).toBe(1);
  });

  test("what an event logs is bounded: the lines before the limit are written, and the room goes on", async () => {
    const bad = await user("bad", "logs");
    const start = server.output().length;
    await bad.ok({ event: "message", room: "logs", type: "log" }).catch(() => {});
    await server.logged(/bad\/logs/, start);
    await bad.ask("logs", "count");
    expect(
      server
        .output()
        .slice(start)
        .match(/y{1000}/g)?.length ?? 0,
    ).toBeLessThan(12);
  });

  test("nothing of the server or the runtime can be reached from a script", async () => {
    const bad = await user("bad", "reach");
    expect(await bad.ask("reach", "globals")).toEqual([]);
  });
});

onEachRuntime("the inbound rate", (runtime) => {
  test("[P95] past it frames are answered with rate_limited, until the client slows down; the connection stays", async () => {
    const server = await startServer({ runtime, files, args: ["--inbound-rate", "20"] });
    const client = await server.user("good", "fast", "hall");
    const replies = await Promise.all(
      Array.from({ length: 120 }, () => client.request({ event: "message", room: "hall", type: "count" })),
    );
    const errors = replies.filter((reply) => !reply.ok);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.length).toBeLessThan(120);
    for (const reply of errors) expect(reply.error.code).toBe("rate_limited");
    const counts = replies.filter((reply) => reply.ok).map((reply) => reply.data);
    expect(counts).toEqual(counts.map((_, index) => index + 1));
    await until("the client to be heard again", async () => {
      return (await client.request({ event: "message", room: "hall", type: "count" })).ok;
    });
    await server.stop();
  });
});
