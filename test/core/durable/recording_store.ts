import type { Durability, Write } from "../../../src/core/ports/journal_store.ts";
import { MemoryStore } from "../../../src/store/memory_store.ts";

/** A store in memory that remembers its transactions. */
export class RecordingStore extends MemoryStore {
  readonly transactions: (readonly Write[])[] = [];

  override commit(writes: readonly Write[], _durability: Durability = "relaxed"): Promise<void> {
    if (writes.length > 0) this.transactions.push(writes);
    return super.commit(writes);
  }

  /** Returns a store that has the first transactions, so many: as if the server had ended then. */
  async cut(count: number): Promise<RecordingStore> {
    const store = new RecordingStore();
    for (const writes of this.transactions.slice(0, count)) await store.commit(writes);
    return store;
  }
}
