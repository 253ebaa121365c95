import { expect, test } from "bun:test";
import { systemClock } from "../../../src/core/ports/clock.ts";
import { LiveStreams } from "../../../src/http/live/live_streams.ts";

test("a stream whose look fails gives its place back", async () => {
  const streams = new LiveStreams(systemClock);
  const look = () => {
    throw new Error("no");
  };
  for (let each = 0; each < 100; each++) {
    const { body } = streams.open(look, async () => undefined);
    expect(await body?.getReader().read().catch(String)).toBe("Error: no");
  }
});
