import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { effectKinds } from "../../../../src/script/wire/answer/effects.ts";
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

test("the guest numbers the kinds of events and effects as the server does", () => {
  const source = (name: string) =>
    readFileSync(new URL(`../../../../src/script/host/prelude/${name}.js`, import.meta.url), "utf8");
  const names = /const names = \[([^\]]*)\]/.exec(source("handling"))?.[1]?.match(/\w+/g);
  const internals = [...source("dispatcher").matchAll(/^ {2}function (\w+)\(\) \{/gm)].map(
    ([, name]) => name,
  );
  expect([...(names ?? []), ...internals]).toEqual([...kinds]);
  const numbers = [...source("effects").matchAll(/const ([A-Z_]+) = "(\d+),"/g)].map(([, name, number]) => [
    (name ?? "").toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    Number(number),
  ]);
  expect(numbers).toEqual(effectKinds.map((kind, number) => [kind, number]).slice(1));
  expect(source("answer")).toContain(`const LOG = "${effectKinds.indexOf("log")},"`);
});
