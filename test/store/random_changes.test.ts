/** Any changes come to the same in SQLite as in its twin in memory: what is left out because it is changed again later makes no difference. */
import { expect, test } from "bun:test";
import type { ItemKind, JournalStore, LogKind, Place, Write } from "../../src/core/ports/journal_store.ts";
import { MemoryStore } from "../../src/store/memory_store.ts";
import { Random } from "../torture/random.ts";
import { StoreFolder } from "./store_folder.ts";

const places: Place[] = ["a", "b"].flatMap((application) => [
  { application },
  { application, room: "x" },
  { application, room: "y" },
]);
const items: ItemKind[] = ["user", "script", "schedule"];
const logs: LogKind[] = ["events", "frames"];

function anyWrite(random: Random): Write {
  const pick = (limit: number) => random.below(limit);
  const at = places[pick(places.length)] as Place;
  const item = items[pick(items.length)] as ItemKind;
  const log = logs[pick(logs.length)] as LogKind;
  const key = String(pick(4));
  const text = JSON.stringify("x".repeat(pick(1500)) + pick(1000));
  const kind = pick(100);
  if (kind < 40) return { kind: "put", at, item, key, value: text };
  if (kind < 50) return { kind: "delete", at, item, key };
  if (kind < 85) return { kind: "append", at, log, number: pick(50), record: text };
  if (kind < 91) return { kind: "trim", at, log, upTo: pick(50) };
  if (kind < 97) return { kind: "cut", at, log, from: pick(50) };
  return { kind: "forget", at };
}

async function content(store: JournalStore): Promise<unknown> {
  const found = await Promise.all(
    ["a", "b"].map(async (application) =>
      (await store.items(application))
        .map(({ at, item, key, value }) => `${at.application}/${at.room}/${item}/${key}=${value}`)
        .sort(),
    ),
  );
  const records = await Promise.all(places.flatMap((at) => logs.map((log) => store.records(at, log))));
  return { applications: [...(await store.applications())].sort(), found, records };
}

test.each([1, 2, 3])("seed %d", async (seed) => {
  await using folder = new StoreFolder();
  const twin = new MemoryStore();
  let store = await folder.open();
  const random = new Random(seed);
  for (let commit = 1; commit <= 200; commit++) {
    const writes = Array.from({ length: random.below(60) }, () => anyWrite(random));
    await store.commit(writes, commit % 20 === 0 ? "strict" : "relaxed");
    await twin.commit(writes);
    if (random.below(25) === 0) expect(await content(store)).toEqual(await content(twin));
    if (random.below(60) > 0) continue;
    await store.close();
    store = await folder.open();
  }
  expect(await content(store)).toEqual(await content(twin));
  expect(folder.lines).toEqual([]);
});
