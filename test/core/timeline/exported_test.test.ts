import { expect, test } from "bun:test";
import type { JournaledEvent, Timeline, Retrace } from "../../../src/core/ports/timeline.ts";
import { exportedTest } from "../../../src/core/timeline/exported_test.ts";
import { textOfBytes } from "../../../src/protocol/bytes.ts";

function exported(data: string): string {
  const events: JournaledEvent[] = [
    {
      seq: 1,
      time: 0,
      status: "ok",
      event: { kind: "join", user: { id: "u1", name: "ann", connected: true } },
    },
    {
      seq: 2,
      time: 0,
      status: "ok",
      event: { kind: "message", user: "u1", type: "draw", data, reply: true },
    },
  ];
  const outcome = { version: "v1·000000", effects: [], value: data };
  const retrace: Retrace = { before: "{}", steps: events.map(({ seq }) => ({ seq, outcome })) };
  const timeline = { version: "v1·000000", isWhole: true, cost: 0, users: [], events };
  return exportedTest({
    application: "fx",
    room: "hall",
    type: "fx",
    timeline: timeline as unknown as Timeline,
    retrace,
    otherwise: retrace,
  });
}

test("a room in which bytes were sent becomes no test, and it is said why", () => {
  expect(exported("[1]")).toContain('expect(await user1Here.request("draw", [1])).toEqual([1]);');
  expect(() => exported(textOfBytes(new Uint8Array([1, 2])))).toThrow(
    'Cannot make a test of room "hall": a message of it has bytes as its data.',
  );
});
