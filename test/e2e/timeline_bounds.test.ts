/** What it may cost to run the events of a room again whose script makes it as dear as it can. */
import { expect, test } from "bun:test";
import { startServer } from "./harness.ts";

const files = {
  "deep.ts": `
    import { defineRoom } from "hotroom";
    export default defineRoom({
      state: () => ({ count: 0, deep: {} as unknown }),
      messages: {
        dig(room) {
          let deep: unknown = {};
          for (let level = 0; level < 20_000; level++) deep = { deep };
          room.state.deep = deep;
        },
        count: (room) => ++room.state.count,
      },
    });`,
};

test("a state that takes half a second each time, to find that it can't be written, is tried for a second or two, and that is told", async () => {
  const server = await startServer({ runtime: "bun", files });
  const ann = await server.user("deep", "ann", "hall");
  await ann.ask("hall", "dig");
  // Each takes as long: it is tried to write the state for a snapshot.
  for (let n = 0; n < 14; n++) await ann.ask("hall", "count");
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"steps":100}' };
  const path = "/api/applications/deep/rooms/hall/timeline";
  const { cut, events, count } = await (await server.fetch(path, init)).json();
  expect(cut).toMatch(/^the state behind event \d+ can't be written: RangeError/);
  expect(events.length).toBeLessThan(count / 2);
  await server.stop();
}, 120_000);
