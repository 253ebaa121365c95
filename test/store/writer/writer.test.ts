/** A writer by itself, on a real disk. */
import { Buffer } from "node:buffer";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMMIT_FILES } from "../../../src/store/life/set_aside.ts";
import { ToWriter } from "../../../src/store/wire/message.ts";
import { ReadMessage } from "../../../src/store/wire/read_message.ts";
import { writesText } from "../../../src/store/wire/writes_text.ts";
import { Writer } from "../../../src/store/writer/writer.ts";

/** What an item has: with it the write-ahead log is long enough to be carried over. */
const TEXT = JSON.stringify("x".repeat(33 * 1024 * 1024));

test("a writer that closes while its log is carried over leaves no commit for the next start to put into rows", () => {
  const folder = mkdtempSync(join(tmpdir(), "hotroom-writer-"));
  const writer = new Writer({ folder, server: process.pid, send: () => {} });
  const bytes = (...names: string[]) =>
    names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const ask = (kind: number, text: string) =>
    writer.receive(new ReadMessage(kind, 1, Buffer.from(text, "utf8")));
  let number = 0;
  const commit = (value: string) => {
    const put = { kind: "put", at: { application: "chat" }, item: "user", key: "u1", value } as const;
    ask(ToWriter.commit, `${JSON.stringify({ number: ++number, isStrict: false })}\n${writesText([put])}`);
  };
  // The first time its thread is not up, and the writer does it.
  do {
    commit(TEXT);
    ask(ToWriter.applications, "");
    commit('"few"');
  } while (bytes("store.db-wal") === 0);
  writer.close();
  expect(bytes(...COMMIT_FILES)).toBe(0);
  rmSync(folder, { recursive: true });
});
