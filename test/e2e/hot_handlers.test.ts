/** What each handler uses, in the version that runs and in the one before an edit. */
import { beforeAll, expect, test } from "bun:test";
import type { HandlerView } from "../../src/core/trace/handler_times.ts";
import { startServer, type TestServer, until } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const room = (work: string) => `
import { defineRoom } from "hotroom";
export default defineRoom({
  state: () => ({ sum: 0 }),
  messages: {
    light: () => 1,
    heavy(room) { ${work} return room.state.sum; },
    broken() { throw new Error("no"); },
  },
});`;
const loop = "for (let i = 0; i < 60_000; i++) room.state.sum += i % 7;";

onEachRuntime(
  "hot handlers",
  (runtime) => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer({ runtime, files: { "arena.ts": room(loop) } });
    });
    const handlers = async (): Promise<HandlerView[]> =>
      (await (await server.fetch("/api/applications/arena/handlers")).json()).handlers;

    test("are told by name, before an edit and after it", async () => {
      const ann = await server.user("arena", "ann", "hall");
      const call = (type: string) => ann.request({ event: "message", room: "hall", type });
      for (let i = 0; i < 3; i++) for (const type of ["light", "heavy", "broken", "nobody"]) await call(type);
      const first = await handlers();
      const named = (name: string, from = first) =>
        from.find(({ handler }) => handler === name) ?? expect.unreachable();
      expect(named("messages.heavy")).toMatchObject({ type: "arena", events: 3, failures: 0 });
      expect(named("messages.broken")).toMatchObject({ events: 3, failures: 3 });
      expect(named("messages.heavy").cpu).toBeGreaterThan(named("messages.light").cpu);
      expect(named("messages.heavy").worst).toBeGreaterThan(0);
      expect(first.map(({ handler }) => handler)).not.toContain("messages.nobody");

      server.write("arena.ts", room(""));
      const both = await until("its handlers", async () => {
        await call("heavy");
        const found = await handlers();
        return new Set(found.map(({ version }) => version)).size === 2 ? found : undefined;
      });
      const [after, before] = both.filter(({ handler }) => handler === "messages.heavy");
      expect(after?.version).not.toBe(before?.version);
      expect(before).toMatchObject({ version: named("messages.heavy").version });
      expect((await server.fetch("/api/applications/none/handlers")).status).toBe(404);
    });
  },
  ["bun"],
);
