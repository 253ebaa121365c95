import { expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JournalStore, Place, Write } from "../../src/core/ports/journal_store.ts";
import { MemoryStore } from "../../src/store/memory_store.ts";
import { StoreFolder } from "./store_folder.ts";

const TIMES = 1000;
/** Events between two snapshots, and frames that are kept. */
const EVENTS = 20;
const FRAMES = 50;
/** What the store may have on the disk once it is closed: less than half of what was written in all, about 11 MB. */
const MOST_BYTES = 5 * 1024 * 1024;

const room: Place = { application: "chat", room: "lobby" };

/** What a room writes between two snapshots, and with the second one. */
function round(n: number): Write[][] {
  const text = JSON.stringify("x".repeat(200));
  const number = (i: number) => n * EVENTS + i + 1;
  const events = Array.from({ length: EVENTS }, (_, i): Write[] => [
    { kind: "append", at: room, log: "events", number: number(i), record: text },
    { kind: "append", at: room, log: "frames", number: number(i), record: text },
    { kind: "put", at: room, item: "delivered", key: "", value: `{"seq":${number(i)}}` },
  ]);
  const snapshot = JSON.stringify({ n, state: "y".repeat(2000 + (n % 7) * 100) });
  const last = number(EVENTS - 1);
  return [
    events.slice(0, EVENTS / 2).flat(),
    events.slice(EVENTS / 2).flat(),
    [
      { kind: "put", at: room, item: "script", key: "", value: snapshot },
      { kind: "trim", at: room, log: "events", upTo: last },
      { kind: "trim", at: room, log: "frames", upTo: last - FRAMES },
    ],
  ];
}

/** A store, and how many bytes it takes once it is closed. */
interface Opened extends AsyncDisposable {
  readonly store: JournalStore;
  bytes(): number;
}

const stores: [name: string, open: () => Promise<Opened>][] = [
  [
    "in memory",
    async () => {
      const store = new MemoryStore();
      return { store, bytes: () => store.view.bytes, [Symbol.asyncDispose]: async () => {} };
    },
  ],
  [
    "in SQLite",
    async () => {
      const folder = new StoreFolder();
      const store = await folder.open();
      const bytes = () =>
        readdirSync(folder.path)
          .filter((name) => name !== "reserve")
          .reduce((sum, name) => sum + statSync(join(folder.path, name)).size, 0);
      return { store, bytes, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
    },
  ],
];

for (const [name, open] of stores) {
  test(`${name}: a log that was snapshot and trimmed 1,000 times has not grown, and neither has the store`, async () => {
    await using opened = await open();
    const { store } = opened;
    for (let n = 0; n < TIMES; n++) {
      for (const writes of round(n)) await store.commit(writes, "relaxed");
      if (n % 100 !== 99) continue;
      expect(await store.records(room, "events")).toEqual([]);
      expect(await store.records(room, "frames")).toHaveLength(FRAMES);
      expect(await store.items("chat")).toHaveLength(2);
    }
    await store.close();
    expect(opened.bytes()).toBeLessThan(MOST_BYTES);
  });
}
