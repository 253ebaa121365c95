import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { startServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const flood = `
import { defineRoom } from "hotroom";
export default defineRoom({
  state: () => ({ heard: 0 }),
  messages: {
    burst(room) { for (let i = 0; i < 150; i++) room.emit("again"); },
    heard: (room) => room.state.heard,
  },
  emits: {
    again(room) { room.state.heard++; for (let i = 0; i < 150; i++) room.emit("again"); },
  },
});
`;

/** Resident memory of a process, MB. */
function memory(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

onEachRuntime("floods", (runtime) => {
  test("emits that make emits are dropped beyond the queue's limit: memory stays, others are answered", async () => {
    const quiet =
      'import { defineRoom } from "hotroom"; export default defineRoom({ messages: { ping: () => "pong" } });';
    const settings = '{"rooms":"join","limits":{"queue":500}}';
    const files = { "flood/rooms/flood.ts": flood, "flood/hotroom.json": settings, "quiet.ts": quiet };
    const server = await startServer({ runtime, files });
    const before = memory(server.pid);
    const attacker = await server.user("flood", "ann");
    await attacker.ok({ event: "join", room: "r" });
    attacker.send({ event: "message", room: "r", type: "burst" });
    await server.logged(/flood\/r .*Emits are dropped: 500 wait/);
    const victim = await server.user("quiet", "bob");
    await victim.ok({ event: "join", room: "r" });
    for (let i = 0; i < 20; i++) expect(await victim.ask("r", "ping")).toBe("pong");
    expect(memory(server.pid) - before).toBeLessThan(200);
    await server.stop();
  });
});
