/** The client in Go comes back to a server that was killed and started again. */
import { expect, test } from "bun:test";
import { Restartable } from "../e2e/restartable.ts";
import { onEachRuntime } from "../e2e/runtimes.ts";
import { goTest, testsNamed, whyNot } from "./go.ts";

const counting = `
import { defineRoom } from "hotroom";
export default defineRoom({
  durable: true,
  state: () => ({ count: 0 }),
  messages: { count: (room) => ++room.state.count },
});`;
const files = {
  "kept/rooms/room.ts": counting,
  "kept/hotroom.json": JSON.stringify({ rooms: "join", session: { grace: 60_000 } }),
};

const reason = whyNot();

onEachRuntime("the client in Go with a server that is killed", (runtime) => {
  if (reason) return test.skip(`skipped, ${reason}`, () => {});
  test("comes back to the one that is started in its place, and each of its requests is handled once", async () => {
    const game = await new Restartable(runtime, files, ["--inbound-rate", "0"]).start();
    const control = Bun.serve({
      port: 0,
      idleTimeout: 0,
      fetch: async () => {
        await game.restart();
        return new Response("started again");
      },
    });
    const env = { HOTROOM_SERVER: game.url, HOTROOM_RESTART: control.url.href };
    const results = await goTest("^TestWithRestarts", env);
    await control.stop(true);
    const names = testsNamed(/^TestWithRestarts/);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const result = results.find((each) => each.test === name);
      expect(`${name}: ${result?.action} ${result?.action === "pass" ? "" : result?.output}`).toBe(
        `${name}: pass `,
      );
    }
  }, 600_000);
});
