import { expect, test } from "bun:test";
import { join } from "node:path";
import { makeFolder, startServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const rooms = `import { defineRoom } from "hotroom";
export default defineRoom({
  messages: { now: () => Date.now() },
  cron: { "* * * * *": "minute" },
  timers: { minute: (room) => room.broadcast("minute", Date.now()) },
});`;

/** At a signal the machine's clock is a little before a whole minute. */
const clock = `
  const { now } = Date;
  let ahead = 0;
  Date.now = () => now() + ahead;
  process.on("SIGUSR2", () => {
    ahead = 60_000 - (now() % 60_000) - 4_000;
  });
`;

// How time is told is the same on both; what is put in front of a program is not.
onEachRuntime(
  "cron",
  (runtime) => {
    test("what a definition has under cron runs by the machine's clock", async () => {
      const folder = makeFolder({ "clock.js": clock });
      const env = { BUN_OPTIONS: `--preload=${join(folder, "clock.js")}` };
      const server = await startServer({ runtime, files: { "daily.ts": rooms }, env });
      server.signal("SIGUSR2");
      const ann = await server.user("daily", "ann", "x");
      const before = await ann.ask("x", "now");
      const { data: at } = await ann.message("minute");
      expect(Math.floor(at / 60_000)).toBe(Math.floor(before / 60_000) + 1);
      await ann.settle();
      expect(ann.messages("minute")).toEqual([at]);
      await server.kill();
    });
  },
  ["bun"],
);
