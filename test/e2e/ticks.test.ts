/** Ticks, at any rate that a definition may have. */
import { beforeAll, expect, test } from "bun:test";
import { startServer, type TestServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const ticking = (rate: string) => `
  import { defineRoom } from "hotroom";
  export default defineRoom({ ${rate} tick(room, elapsed) { room.broadcast("tick", elapsed); } });`;

onEachRuntime("ticks", (runtime) => {
  let server: TestServer;
  beforeAll(async () => {
    const files = {
      "slow.ts": ticking("tickRate: 2.5,"),
      "usual.ts": ticking(""),
      "wrong.ts": ticking("tickRate: 61,"),
    };
    server = await startServer({ runtime, files });
  });

  test.each(["slow", "usual"])("%s is loaded, and its rooms tick", async (application) => {
    const ann = await server.user(application, "ann", "hall");
    for (let time = 0; time < 3; time++) expect((await ann.message("tick")).data).toBeGreaterThan(0);
    ann.close();
  });

  test("a rate that is out of bounds is told, and the other applications run", async () => {
    expect(server.output()).toMatch(/wrong.*tickRate must be a number from 1 to 60/);
    expect(await server.upgradeStatus("/ws/wrong")).toBe(503);
  });
});
