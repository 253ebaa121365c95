import { expect, test } from "bun:test";
import { eventRecord, readEventRecord } from "../../../../src/core/durable/journal/event_record.ts";
import { textOfBytes } from "../../../../src/protocol/bytes.ts";
import type { KeptEvent } from "../../../../src/core/ports/script_journal.ts";

const bytes = textOfBytes(Uint8Array.from({ length: 256 }, (_, byte) => byte));
const kept = { seq: 7, time: 1_700_000_000_123, status: 0 };

test.each<[what: string, event: KeptEvent]>([
  [
    "a message with data and an origin",
    {
      ...kept,
      event: {
        kind: "message",
        user: "u1",
        type: 'a "type"\n',
        reply: true,
        data: '{"b":1.0,"text":"m[\\n\\u2028 ä"}',
      },
      origin: '["u1",1,0,5,"message",null,"room"]',
    },
  ],
  ["a message without any", { ...kept, event: { kind: "message", user: "u1", type: "t", reply: false } }],
  [
    "a message of another version",
    { ...kept, event: { kind: "message", user: "u1", type: "t", reply: false, data: "1" }, isForeign: true },
  ],
  ["an empty origin", { ...kept, event: { kind: "message", user: "u", type: "", reply: false }, origin: "" }],
  ["another event", { ...kept, event: { kind: "timer", name: "m", data: '"x"' }, origin: '{"pending":3}' }],
  [
    "a message of bytes",
    { ...kept, event: { kind: "message", user: "u", type: "t", reply: false, data: bytes } },
  ],
])("%s is read as it was written, its texts to the letter", (_, event) => {
  expect(readEventRecord(eventRecord(event))).toEqual(event);
  // Which a store might take for the end of the text.
  expect(eventRecord(event)).not.toContain("\0");
});
