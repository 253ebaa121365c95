/** Any changes come to the same in SQLite as in its twin in memory: what is left out because it is changed again later makes no difference. */
import { expect, test } from "bun:test";
import type { JournalStore } from "../../src/core/ports/journal_store.ts";
import { MemoryStore } from "../../src/store/memory_store.ts";
import { Random } from "../torture/random.ts";
import { anyWrite, logs, places } from "./any_write.ts";
import { StoreFolder } from "./store_folder.ts";

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
