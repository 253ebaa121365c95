/** A page of the real server in a real browser whose network goes and comes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { launch, noBrowser } from "./browser.ts";
import { startServer } from "./harness.ts";
import { PATIENCE } from "./patience.ts";
import { onEachRuntime } from "./runtimes.ts";

const files = {
  "hall/rooms/hall.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      state: () => ({ handled: [] as number[] }),
      messages: {
        say(room, user, n: number) {
          room.state.handled.push(n);
          room.broadcast("said", n);
          return n;
        },
        handled: (room) => room.state.handled,
      },
    });`,
  "hall/hotroom.json": '{ "rooms": "join" }',
};
const TIMES = 5;

let browser: Browser;
beforeAll(async () => {
  if (!noBrowser) browser = await launch();
});
afterAll(() => browser?.close());

if (noBrowser) test.skip(`a page off the network: skipped, ${noBrowser}`, () => {});
else
  onEachRuntime("a page off the network", (runtime) => {
    test("finds everything as if it had been on it all the time, however often", async () => {
      const server = await startServer({ runtime, files });
      const context = await browser.newContext();
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      await page.goto(`${server.url}/healthz`);
      await page.evaluate(`(async () => {
        const { connect } = await import("/client.js");
        const reconnect = { minDelay: 10, maxDelay: 100 };
        const client = (window.client = await connect("/ws/hall", { reconnect, liveness: 4000 }));
        await client.login({ name: "ann" });
        window.room = await client.join("a");
        window.heard = [];
        window.outcomes = [];
        room.messages.on("said", (n) => heard.push(n));
        client.on("back", ({ outcome }) => outcomes.push(outcome));
      })()`);
      const bob = await server.user("hall", "bob", "a");
      const say = (n: number) => bob.ok({ event: "message", room: "a", type: "say", data: n });

      for (let time = 0; time < TIMES; time++) {
        await context.setOffline(true);
        await page.waitForFunction("client.state === 'away'");
        await say(10 * time);
        await page.evaluate(`void (window.asked = room.request("say", ${10 * time + 1}))`);
        await say(10 * time + 2);
        await context.setOffline(false);
        expect(await page.evaluate<number>("asked")).toBe(10 * time + 1);
      }
      await page.waitForFunction(`heard.length === ${3 * TIMES}`);
      const [heard, handled, outcomes] = await page.evaluate<[number[], number[], string[]]>(
        "(async () => [heard, await room.request('handled'), outcomes])()",
      );
      expect(heard).toEqual(handled);
      expect(heard.filter((n) => n % 10 !== 1)).toEqual(
        Array.from({ length: TIMES }, (_, time) => [10 * time, 10 * time + 2]).flat(),
      );
      expect(outcomes).toEqual(Array(TIMES).fill("resumed"));
      await context.close();
      await server.kill();
    });
  });
