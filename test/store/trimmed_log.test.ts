import { expect, test } from "bun:test";
import type { JournalStore, Place, Write } from "../../src/core/ports/journal_store.ts";
import { MemoryStore } from "../../src/store/memory_store.ts";
import { StoreFolder } from "./store_folder.ts";

const TIMES = 1000;
/** Events between two snapshots, and frames that are kept. */
const EVENTS = 20;
const FRAMES = 50;
/** Until the store has its size: the write-ahead log has been carried over more than once by then. */
const WARM_UP = 400;
/** What it may grow by from then on: the write-ahead log may be anything from empty to 4 MB, and a commit more. */
const MOST_GROWTH = 4.5 * 1024 * 1024;

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

const stores: [name: string, open: () => Promise<{ store: JournalStore } & AsyncDisposable>][] = [
  ["in memory", async () => ({ store: new MemoryStore(), [Symbol.asyncDispose]: async () => {} })],
  [
    "in SQLite",
    async () => {
      const folder = new StoreFolder();
      return { store: await folder.open(), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
    },
  ],
];

for (const [name, open] of stores) {
  test(`${name}: a log that was snapshot and trimmed 1,000 times has not grown, and neither has the store`, async () => {
    await using opened = await open();
    const { store } = opened;
    let settled = 0;
    for (let n = 0; n < TIMES; n++) {
      for (const writes of round(n)) await store.commit(writes, "relaxed");
      if (n === WARM_UP) settled = store.view.bytes;
      if (n % 100 !== 99) continue;
      expect(await store.records(room, "events")).toEqual([]);
      expect(await store.records(room, "frames")).toHaveLength(FRAMES);
      expect(await store.items("chat")).toHaveLength(2);
    }
    expect(store.view.bytes).toBeLessThan(settled + MOST_GROWTH);
  });
}
