/** What applications that share a script host take from one another, and what is told about it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestClient } from "./client.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "good.ts": `import { defineRoom } from "hotroom";
    export default defineRoom({ state: () => ({ n: 0 }), messages: {
      count(room) { room.state.n++; room.broadcast("counted", room.state.n); return room.state.n; },
      fail() { throw new Error("no"); },
      loop() { for (;;); },
    } });`,
  "greedy/hotroom.json": '{"rooms":"join","limits":{"cpuPerEvent":1000}}',
  "greedy/rooms/greedy.ts": `import { defineRoom } from "hotroom";
    export default defineRoom({ messages: {
      work() { const end = 100_000; let x = 0; for (let i = 0; i < end; i++) x += i % 7; return x; },
    } });`,
  "limited/rooms/limited.ts": `import { defineRoom } from "hotroom";
    export default defineRoom({ messages: {
      work() { let x = 0; for (let i = 0; i < 100_000; i++) x += i % 7; return x; },
    } });`,
  "limited/hotroom.json":
    '{"rooms":"join","limits":{"cpuPerEvent":1000,"cpuRate":20,"cpuBurst":20,"queue":5}}',
  "late/rooms/late.ts": `import { defineRoom } from "hotroom";
    export default defineRoom({ messages: {
      work() { let x = 0; for (let i = 0; i < 100_000; i++) x += i % 7; return x; },
    } });`,
  "late/hotroom.json":
    '{"rooms":"join","limits":{"cpuPerEvent":1000,"cpuRate":100,"cpuBurst":20,"wait":200}}',
  "chatty/rooms/chatty.ts": `import { defineRoom } from "hotroom";
    export default defineRoom({ messages: { talk() { for (let i = 0; i < 100; i++) console.log("line " + i); } } });`,
  "chatty/hotroom.json": '{"rooms":"join","limits":{"logRate":10}}',
  "killer.ts": `import { defineRoom } from "hotroom";
    export default defineRoom({ messages: {
      ok: () => 1,
      kill() { Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1); },
    } });`,
};

onEachRuntime("shares", (runtime) => {
  let server: TestServer;
  const api = async (path: string) => (await fetch(`${server.url}/api${path}`)).json();
  const send = (client: TestClient, room: string, type: string, count: number) => {
    for (let id = 0; id < count; id++) client.send({ event: "message", room, type, id: `${type}${id}` });
  };
  const replies = (client: TestClient) =>
    client.frames(({ id }) => typeof id === "string" && /^work/.test(id));

  beforeAll(async () => {
    server = await startServer({ runtime, files, args: ["--hosts", "1", "--inbound-rate", "0"] });
  });
  afterAll(() => server.kill());

  test("an application is answered while another one has seconds of work waiting", async () => {
    const good = await server.user("good", "ann", "hall");
    const greedy = await server.user("greedy", "bob", "hall");
    send(greedy, "hall", "work", 200);
    for (let n = 1; n <= 10; n++) expect(await good.ask("hall", "count")).toBe(n);
    expect(replies(greedy).length).toBeLessThan(200);
    await until("the other one's work to be done", () => replies(greedy).length === 200);
    const order = replies(greedy).map(({ id }) => id);
    expect(order).toEqual(Array.from({ length: 200 }, (_, n) => `work${n}`));
    expect(replies(greedy).every(({ ok }) => ok)).toBe(true);
  });

  test("past its CPU rate an application's events wait, and are refused when too many do", async () => {
    const limited = await server.user("limited", "cid", "hall");
    send(limited, "hall", "work", 60);
    await until("all answers", () => replies(limited).length === 60);
    const busy = replies(limited).filter(({ error }) => error?.code === "busy");
    expect(busy.length).toBeGreaterThan(0);
    expect(replies(limited).filter(({ ok }) => ok).length).toBe(60 - busy.length);
  });

  test("[P99] a message to a room whose oldest event has waited for too long is told busy; who joins waits", async () => {
    const late = await server.user("late", "kim", "hall");
    send(late, "hall", "work", 15);
    // Until then they may have had 60 ms of CPU time, and they need more.
    await Bun.sleep(400);
    const joins = server.user("late", "lea", "hall");
    expect((await late.fails({ event: "message", room: "hall", type: "work" })).message).toMatch(
      /^Cannot handle "work": events have been waiting for \d+ ms, longer than \d+ \(limits\.wait\)\.$/,
    );
    await joins;
  });

  test("the API tells what rooms and applications have used, and what failed", async () => {
    const dan = await server.user("good", "dan", "counted");
    await dan.ask("counted", "count");
    await dan.fails({ event: "message", room: "counted", type: "fail" });
    await dan.fails({ event: "message", room: "counted", type: "loop" });
    const room = await api("/applications/good/rooms/counted");
    expect(room.usage).toMatchObject({
      effects: 1,
      failures: { handler_failed: 1, cpu: 1 },
      logLinesDropped: 0,
    });
    expect(room.usage.events).toBe(5);
    expect(room.usage.bytes).toBe(2);
    expect(room.usage.cpu).toBeGreaterThan(10);
    expect(room.script).toMatchObject({ host: 1, waiting: 0 });
    expect(room.script.sandbox.memory).toBeGreaterThanOrEqual(16 * 1024 * 1024);
    const good = await api("/applications/good");
    expect(good.usage.cpu).toBeGreaterThanOrEqual(room.usage.cpu);
    expect(good.sandboxes).toMatchObject({ count: 1, memory: room.script.sandbox.memory });
    const response = await fetch(`${server.url}/api/metrics`);
    expect(response.headers.get("content-type")).toContain("text/plain");
    const metrics = await response.text();
    expect(metrics).toContain('hotroom_failures_total{application="good",reason="cpu"} 1\n');
    expect(metrics).toMatch(/^hotroom_cpu_seconds_total\{application="good"\} \d+\.\d+$/m);
  });

  test("log lines beyond the rate are dropped, counted, and told of", async () => {
    const eve = await server.user("chatty", "eve", "hall");
    await eve.ask("hall", "talk");
    await server.logged(/50 log lines were dropped/);
    expect(server.lines("chatty/hall").filter((line) => line.startsWith("INFO line"))).toHaveLength(50);
    expect((await api("/applications/chatty/rooms/hall")).usage.logLinesDropped).toBe(50);
  });

  test("a room that takes its host down three times is closed, and nobody comes in for a while; others go on", async () => {
    const good = await server.user("good", "fay", "meanwhile");
    const killer = await server.user("killer", "gus", "first");
    await killer.ok({ event: "join", room: "second" });
    const late = await Promise.all(["hal", "ida", "jan"].map((name) => server.user("killer", name)));
    for (let n = 0; n < 3; n++) {
      const killed = killer.fails({ event: "message", room: "first", type: "kill" });
      expect(await good.ask("meanwhile", "count")).toBe(n + 1);
      expect((await killed).code).toBe("handler_failed");
    }
    await killer.next(({ event, room }) => event === "room_remove" && room === "first");
    for (const [n, room] of ["first", "second", "third"].entries()) {
      const { code, message } = await (late[n] as TestClient).fails({ event: "join", room });
      expect(code).toBe("application_unavailable");
      expect(message).toMatch(/closed until \d{4}-\d\d-\d\dT[\d:.]+Z\.$/);
    }
    expect((await api("/applications/killer")).closedUntil).toBeGreaterThan(Date.now() - 1000);
    expect(server.output()).toContain("no room is made or joined for 1 s");
    expect(await killer.ask("second", "ok")).toBe(1);
    expect(await good.ask("meanwhile", "count")).toBe(4);
    const { usage } = await api("/applications/killer");
    expect(usage.failures.host).toBe(3);
    const [hal] = late as [TestClient];
    await until("the breaker to close", async () => (await hal.request({ event: "join", room: "first" })).ok);
  });
});
