import { expect, test } from "bun:test";
import { CommitMemory } from "../../../src/store/wire/commit_memory.ts";
import { type Message, ToWriter } from "../../../src/store/wire/message.ts";
import { MessageReader } from "../../../src/store/wire/message_reader.ts";

const texts = [
  "short",
  "",
  "grüße \u{1F600}".repeat(1_000),
  "x".repeat(200_000),
  "€".repeat(349_000),
  "ü".repeat(900_000),
  "short again",
];

test("commits come out as they went in, however long they are, each when the one before was read", () => {
  const memory = new CommitMemory();
  const reader = new MessageReader();
  for (const [at, text] of texts.entries()) {
    const sent: Message = { kind: ToWriter.commit, id: 4_294_967_290 - at, text };
    const read = memory.encode(sent).flatMap((frame) => reader.push(frame));
    expect(read.map(({ kind, id, text }) => ({ kind, id, text }))).toEqual([sent]);
  }
});
