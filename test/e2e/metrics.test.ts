/** What a server says of where the time of events goes is what its clients see of it. */
import { expect, test } from "bun:test";
import { numberOf, readMetrics } from "../http/api/prometheus.ts";
import { startServer, type TestServer } from "./harness.ts";
import { onEachRuntime } from "./runtimes.ts";

const EVENTS = 20;
/** How long each handler takes at least. */
const HANDLER_MS = 2;

const room = (durable: boolean) => `import { defineRoom } from "hotroom";
  export default defineRoom({
    durable: ${durable},
    messages: {
      work() {
        const start = performance.now();
        while (performance.now() - start < ${HANDLER_MS});
        return "done";
      },
    },
  });`;

/** How many events were in each stage, and how long all of them together, ms. */
async function stages(server: TestServer, application: string) {
  const answer = await fetch(`${server.url}/api/metrics`);
  const { samples } = readMetrics(await answer.text());
  const of = (stage: string) => ({
    count: numberOf(samples, `hotroom_event_${stage}_seconds_count`, { application }),
    ms: numberOf(samples, `hotroom_event_${stage}_seconds_sum`, { application }) * 1000,
  });
  return { queue: of("queue"), script: of("script"), gate: of("gate"), delivery: of("delivery") };
}

onEachRuntime("the histograms", (runtime) => {
  test("count each event once, and add up to no more than what its client has waited", async () => {
    const files = {
      "plain.ts": room(false),
      "kept/rooms/kept.ts": room(true),
      "kept/hotroom.json": '{"rooms":"join"}',
    };
    const server = await startServer({ runtime, files });
    for (const application of ["plain", "kept"]) {
      const ann = await server.user(application, "ann", "hall");
      await ann.ask("hall", "work");
      const before = await stages(server, application);
      const start = performance.now();
      for (let i = 0; i < EVENTS; i++) await ann.ask("hall", "work");
      const waited = performance.now() - start;
      const after = await stages(server, application);
      const count = (stage: keyof typeof after) => after[stage].count - before[stage].count;
      const ms = (stage: keyof typeof after) => after[stage].ms - before[stage].ms;
      const counts = [count("queue"), count("script"), count("gate"), count("delivery")];
      expect(counts).toEqual([EVENTS, EVENTS, application === "kept" ? EVENTS : 0, EVENTS]);
      expect(ms("script")).toBeGreaterThanOrEqual(EVENTS * HANDLER_MS - 1);
      expect(ms("queue") + ms("script") + ms("gate") + ms("delivery")).toBeLessThanOrEqual(waited + 1);
    }
  });
});
