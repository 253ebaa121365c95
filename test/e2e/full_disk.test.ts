/** A server whose disk is full: a small file system, filled. */
import { afterAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./harness.ts";
import { Restartable } from "./restartable.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "count/app.ts": `
import { defineApplication } from "hotroom";
export default defineApplication({});`,
  "count/rooms/kept.ts": `
import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ added: [] as number[] }),
  messages: {
    add: (room, user, { number }) => room.state.added.push(number),
    added: (room) => room.state.added,
  },
  emits: { add: (room, number: number) => room.state.added.push(number) },
});`,
  "count/rooms/loose.ts": `
import { defineRoom } from "hotroom";
export default defineRoom({ messages: { echo: (room, user, text) => text } });`,
  "count/hotroom.json": JSON.stringify({ rooms: "join" }),
};

const disk = mkdtempSync(join(tmpdir(), "hotroom-disk-"));
const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]).status === 0;
if (!isMounted) console.error("SKIPPED: the test of a full disk needs the right to mount a tmpfs.");
afterAll(() => {
  if (isMounted) spawnSync("umount", ["-l", disk]);
  rmSync(disk, { recursive: true, force: true });
});

onEachRuntime("a full disk", (runtime) => {
  test.skipIf(!isMounted)(
    `what can't be saved has not happened, and the server goes on (${runtime})`,
    async () => {
      const data = join(disk, `data-${runtime}`);
      const server = await new Restartable(runtime, files, ["--data", data]).start();
      try {
        const client = await server.connect("count");
        await client.ok({ event: "login", data: { name: "ann" } });
        await client.ok({ event: "join", room: "k", data: { type: "kept" } });
        await client.ok({ event: "join", room: "l", data: { type: "loose" } });
        const ask = (room: string, type: string, content?: unknown) =>
          client.request({ event: "message", room, type, data: content });
        const ballast = join(disk, "ballast");
        const saved: number[] = [];
        const padding = "x".repeat(60_000);
        expect((await ask("k", "add", { number: 0 })).ok).toBe(true);
        saved.push(0);
        writeFileSync(ballast, new Uint8Array(1_500_000));
        let refused: { error?: { code: string; message: string } } | undefined;
        for (let number = 1; !refused && number < 500; number++) {
          const reply = await ask("k", "add", { number, padding });
          if (reply.ok) saved.push(number);
          else refused = reply;
        }
        expect(refused?.error?.code).toBe("not_saved");
        expect(refused?.error?.message).toContain("can't be saved");
        expect(refused?.error?.message).not.toContain(disk);
        const call = await fetch(`http://127.0.0.1:${server.port}/api/applications/count/rooms/k/call`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          // As large as what was refused: after a second it is tried again, and less may find a place.
          body: JSON.stringify({ type: "add", data: { padding } }),
        });
        expect([call.status, await call.json()]).toMatchObject([503, { error: { code: "not_saved" } }]);
        // Who needs no disk notices nothing.
        expect((await ask("l", "echo", "hi")).data).toBe("hi");
        rmSync(ballast);
        await until("it is saved again", async () => (await ask("k", "add", { number: 1000 })).ok === true);
        saved.push(1000);
        expect((await ask("k", "added")).data).toEqual(saved);
        await server.restart();
        const again = await server.connect("count");
        await again.ok({ event: "login", data: { name: "bob" } });
        await again.ok({ event: "join", room: "k", data: { type: "kept" } });
        const { data: kept } = await again.request({ event: "message", room: "k", type: "added" });
        expect(kept).toEqual(saved);
      } finally {
        await server.server.kill();
        rmSync(data, { recursive: true, force: true });
      }
    },
  );
});
