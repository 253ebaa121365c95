import type {
  ItemKind,
  JournalStore,
  KeptItem,
  KeptRecord,
  LogKind,
  Place,
  StoreView,
  Write,
} from "../core/ports/journal_store.ts";

/** What is kept of one place. */
class Kept {
  readonly items = new Map<string, KeptItem>();
  readonly logs = new Map<LogKind, Map<number, string>>();

  constructor(readonly at: Place) {}

  log(kind: LogKind): Map<number, string> {
    const log = this.logs.get(kind) ?? new Map<number, string>();
    this.logs.set(kind, log);
    return log;
  }
}

/** A store that outlives the server's applications, but not the server: the twin of the one on disk. */
export class MemoryStore implements JournalStore {
  readonly #places = new Map<string, Kept>();
  #commits = 0;
  #units = 0;
  onFailed?: (error: Error) => void;

  get view(): StoreView {
    return { bytes: this.#units * 2, waiting: 0, lag: 0, commits: this.#commits, failures: 0 };
  }

  async applications(): Promise<readonly string[]> {
    return [...new Set([...this.#places.values()].map(({ at }) => at.application))];
  }

  async items(application: string): Promise<readonly KeptItem[]> {
    return this.#of(application).flatMap(({ items }) => [...items.values()]);
  }

  async records(at: Place, log: LogKind): Promise<readonly KeptRecord[]> {
    const records = this.#places.get(nameOf(at))?.logs.get(log) ?? new Map<number, string>();
    return [...records].sort(([a], [b]) => a - b).map(([number, record]) => ({ number, record }));
  }

  async commit(writes: readonly Write[]): Promise<void> {
    for (const write of writes) this.#apply(write);
    this.#commits++;
  }

  async close(): Promise<void> {}

  #apply(write: Write): void {
    if (write.kind === "forget") return this.#forget(write.at);
    const name = nameOf(write.at);
    const kept = this.#places.get(name) ?? new Kept(write.at);
    this.#places.set(name, kept);
    if (write.kind === "put") {
      const { at, item, key, value } = write;
      this.#drop(kept, item, key);
      kept.items.set(itemName(item, key), { at, item, key, value });
      this.#units += value.length;
    } else if (write.kind === "delete") this.#drop(kept, write.item, write.key);
    else if (write.kind === "append") {
      this.#dropRecords(kept, write.log, (number) => number === write.number);
      kept.log(write.log).set(write.number, write.record);
      this.#units += write.record.length;
    } else if (write.kind === "trim") this.#dropRecords(kept, write.log, (number) => number <= write.upTo);
    else this.#dropRecords(kept, write.log, (number) => number >= write.from);
    if (kept.items.size === 0 && [...kept.logs.values()].every(({ size }) => size === 0))
      this.#places.delete(name);
  }

  #drop(kept: Kept, item: ItemKind, key: string): void {
    const name = itemName(item, key);
    this.#units -= kept.items.get(name)?.value.length ?? 0;
    kept.items.delete(name);
  }

  #dropRecords(kept: Kept, log: LogKind, isGone: (number: number) => boolean): void {
    const records = kept.log(log);
    for (const [number, record] of records) {
      if (!isGone(number)) continue;
      this.#units -= record.length;
      records.delete(number);
    }
  }

  #forget(at: Place): void {
    const gone = at.room === undefined ? this.#of(at.application) : [this.#places.get(nameOf(at))];
    for (const kept of gone) {
      if (!kept) continue;
      for (const { value } of kept.items.values()) this.#units -= value.length;
      for (const log of kept.logs.values()) for (const record of log.values()) this.#units -= record.length;
      this.#places.delete(nameOf(kept.at));
    }
  }

  #of(application: string): Kept[] {
    return [...this.#places.values()].filter(({ at }) => at.application === application);
  }
}

function nameOf({ application, room }: Place): string {
  return JSON.stringify([application, room]);
}

function itemName(item: ItemKind, key: string): string {
  return `${item} ${key}`;
}
