import type { Clock } from "../ports/clock.ts";
import type {
  Durability,
  JournalStore,
  KeptItem,
  KeptRecord,
  Place,
  StoreView,
} from "../ports/journal_store.ts";
import type { Log } from "../ports/log.ts";
import { messageOf } from "../errors.ts";
import { DurableApplication } from "./durable_application.ts";
import { GroupCommit } from "./commit/group_commit.ts";

/** How long it takes until a store is opened again that could not be, ms. */
const REOPEN_MS = 5000;

/** What durable data is made with. */
export interface DurableDataDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Opens the store, which begins to be where it was not. Rejects where it can't be had. */
  readonly open: () => Promise<JournalStore>;
}

/** What the durable applications of a server are kept in; it is opened when the first of them needs it. */
export class DurableData {
  #opening: Promise<void> | undefined;
  #store: JournalStore | undefined;
  #commit: GroupCommit | undefined;
  /** Those that write. */
  readonly #applications = new Set<DurableApplication>();
  /** Is called where nobody knows what is on the disk: everything has to come up again from there. */
  onFailed: (error: Error) => void = () => {};

  constructor(private readonly deps: DurableDataDeps) {}

  /** Opens the store where it is not open. Rejects where it can't be had. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** What the store is; absent where none is open. */
  get view(): StoreView | undefined {
    const view = this.#store?.view;
    if (!view) return undefined;
    const { problem, units: waiting = 0 } = this.#commit ?? {};
    return { ...view, waiting, ...(problem !== undefined && { problem }) };
  }

  /** Why nothing can be saved at the moment; undefined where it can. */
  get problem(): string | undefined {
    return this.#commit?.problem;
  }

  /** Resolves when nothing is on its way to the store any more, or can't be. */
  idle(): Promise<void> {
    return this.#commit?.idle() ?? Promise.resolve();
  }

  /** Returns the names of the applications of which something is kept. */
  async names(): Promise<readonly string[]> {
    return (await this.#store?.applications()) ?? [];
  }

  /** Returns all that is kept of an application and its rooms but for logs. */
  async items(application: string): Promise<readonly KeptItem[]> {
    return (await this.#store?.items(application)) ?? [];
  }

  /** Returns the events that the script of a place has handled since its snapshot. */
  async events(at: Place): Promise<readonly KeptRecord[]> {
    return (await this.#store?.records(at, "events")) ?? [];
  }

  /** Returns the frames of a place that are kept, in the order of their numbers. */
  async frames(at: Place): Promise<readonly KeptRecord[]> {
    return (await this.#store?.records(at, "frames")) ?? [];
  }

  /** Returns what an application is written by, from now on; the store must be open. */
  application(name: string, durability: () => Durability): DurableApplication {
    const commit = this.#commit;
    if (!commit) throw new Error("Cannot keep an application: the store is not open.");
    const { clock } = this.deps;
    const made = new DurableApplication({ commit, clock, durability }, name, () =>
      this.#applications.delete(made),
    );
    this.#applications.add(made);
    return made;
  }

  /**
   * Begins anew with what is on the disk: of what was written last nobody knows whether it is there. Those that write do so no more.
   * Where the store can't be had it is tried again, until `isOver` returns true. Never rejects.
   */
  async openAgain(isOver: () => boolean): Promise<void> {
    const { clock, log } = this.deps;
    const failed = (error: unknown) => log("error", `Cannot read what is kept: ${messageOf(error)}`);
    await this.#end().catch(failed);
    while (!isOver()) {
      try {
        return await this.open();
      } catch (error) {
        failed(error);
        await new Promise<void>((resolve) => void clock.after(REOPEN_MS, resolve));
      }
    }
  }

  /** Writes nothing any more once all that was written is committed, or can't be, and gives the store back. */
  async close(): Promise<void> {
    await this.#commit?.idle();
    await this.#end();
  }

  async #end(): Promise<void> {
    for (const application of [...this.#applications]) application.stop();
    const store = this.#store;
    this.#store = this.#commit = this.#opening = undefined;
    await store?.close();
  }

  async #open(): Promise<void> {
    const { clock, log, open } = this.deps;
    const store = await open();
    const failed = (error: Error) => {
      if (this.#store === store) this.onFailed(error);
    };
    store.onFailed = failed;
    this.#store = store;
    this.#commit = new GroupCommit(store, clock, log, failed);
  }
}
