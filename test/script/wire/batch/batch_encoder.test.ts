import { expect, test } from "bun:test";
import { Flag, kinds, MOST_EVENTS } from "../../../../src/script/wire/batch/batch.ts";
import { BatchEncoder } from "../../../../src/script/wire/batch/batch_encoder.ts";
import { readBatch } from "../../encoding.ts";

const row = {
  script: 7,
  seq: 2 ** 40,
  kind: "message",
  flags: Flag.reply,
  time: 1_800_000_000_123,
  user: "u1",
  name: "say",
  body: '{"text":"ü€\u{1F600}"}',
};

function add(batch: BatchEncoder, { script, seq, kind, flags, time, user, name, body }: typeof row): void {
  batch.add(script, seq, kinds.indexOf(kind as "message"), flags, time, user, name, body);
}

test("events come out of a batch as they went in, whatever characters their texts have", () => {
  const batch = new BatchEncoder();
  const rows = [row, { ...row, user: "", name: "" }, { ...row, seq: 1, name: "größe", body: '"\u{1F600}"' }];
  for (const each of rows) add(batch, each);
  batch.add(1, 1, kinds.indexOf("init"), 0, 5, "", "", undefined);
  batch.add(1, 2, kinds.indexOf("tick"), 0, 5, "", "", "");
  expect(readBatch(batch.bytes())).toEqual([
    ...rows,
    { script: 1, seq: 1, kind: "init", flags: 0, time: 5, user: "", name: "", body: undefined as never },
    { script: 1, seq: 2, kind: "tick", flags: 0, time: 5, user: "", name: "", body: "" },
  ]);
});

test("half a surrogate pair becomes the replacement character and keeps everybody else's place", () => {
  const batch = new BatchEncoder();
  add(batch, { ...row, body: '"\ud83d"' });
  add(batch, row);
  expect(readBatch(batch.bytes()).map(({ body }) => body)).toEqual(['"\ufffd"', row.body]);
});

test("a batch has nothing of the one before it", () => {
  const batch = new BatchEncoder();
  for (let n = 0; n < MOST_EVENTS; n++) add(batch, row);
  expect(readBatch(batch.bytes())).toHaveLength(MOST_EVENTS);
  batch.begin();
  add(batch, { ...row, name: "b" });
  expect(readBatch(batch.bytes())).toEqual([{ ...row, name: "b" }]);
});
