import { messageOf } from "../../core/errors.ts";
import { megabytes } from "../../core/text/megabytes.ts";
import { type LogKind, StoreError, type Write } from "../../core/ports/journal_store.ts";
import {
  type CommitHead,
  type Done,
  type Failed,
  type LogName,
  type Message,
  type Opened,
  ToServer,
  ToWriter,
} from "../wire/message.ts";
import { type ReadMessage, textOf } from "../wire/read_message.ts";
import { writesText } from "../wire/writes_text.ts";
import { Database } from "../database/database.ts";
import { tellOperator } from "../life/set_aside.ts";
import type { Sync } from "../database/database_files.ts";
import { CheckpointThread } from "./checkpoint_thread.ts";
import { FolderLock } from "./folder_lock.ts";
import { Marks } from "./marks.ts";
import { storeErrorOf } from "./store_error_of.ts";
import { SyncThread } from "./sync_thread.ts";

/** What is committed is synced when the next commit comes so long after the last sync, ms, if nobody has asked for it. */
const UNSYNCED_MS = 150;
/** UTF-16 units of kept texts in one message. */
const SOME_UNITS = 1024 * 1024;

/** The byte behind the head of a commit. */
const LINE_END = 10;

/** What a writer is made with. */
export interface WriterOptions {
  readonly folder: string;
  /** Process id of the server. */
  readonly server: number;
  /** Sends a message to the server; returns when it is written. */
  readonly send: (message: Message) => void;
  readonly sync?: Sync;
}

/** Writes and reads one data folder for one server. What it is asked for comes one after the other, and is done when it is answered. */
export class Writer {
  readonly #send: WriterOptions["send"];
  readonly #lock: FolderLock;
  readonly #marks: Marks;
  readonly #database: Database;
  /**
   * Syncs what need not be synced at once, and carries the write-ahead log over; there is none before that is needed, nor where something
   * else syncs, as in tests.
   */
  #thread: SyncThread | undefined;
  #checkpoint: CheckpointThread | undefined;
  readonly #mayHaveThreads: boolean;
  #lastSync = performance.now();
  #isReaderTold = false;

  /** Opens the store of a folder, makes one where there is none, and tells the server. Throws StoreError. */
  constructor({ folder, server, send, sync }: WriterOptions) {
    this.#send = send;
    const open = <T>(part: () => T): T => {
      try {
        return part();
      } catch (error) {
        throw storeErrorOf(error);
      }
    };
    this.#lock = open(() => new FolderLock(folder, server));
    this.#database = open(() => new Database(folder, sync));
    this.#marks = open(() => new Marks(folder));
    const { commit, bytes, life, foundLife } = this.#database;
    const isOwn = this.#marks.areOf(foundLife);
    if (!isOwn && this.#marks.made > commit)
      tellOperator(
        `${folder}/store.db is not the one that was written last: that had commits up to ${this.#marks.made}, this one has those up to ${commit}.`,
      );
    // Those of another database say nothing of this one.
    const { made, synced } = isOwn ? this.#marks : { made: 0, synced: 0 };
    open(() => this.#marks.begin(commit, life));
    this.#mayHaveThreads = sync === undefined;
    this.#answer(ToServer.opened, 0, { commit, made, synced, bytes } satisfies Opened);
    this.#database.keepReserve();
    // To write the reserve for the first time takes a while, in which nothing waits for a sync.
    this.#lastSync = performance.now();
  }

  /** Does what a message asks for, and answers it. Throws StoreError, which was told, where this writer is of no use any more. */
  receive(message: ReadMessage): void {
    const { id } = message;
    try {
      this.#do(message);
    } catch (thrown) {
      const error = storeErrorOf(thrown);
      this.#answer(ToServer.failed, id, failedOf(error));
      if (error.isFatal) throw error;
      if (error.code === "no_space") this.#makeSpace();
    }
  }

  /** Syncs, and gives the folder back. Throws StoreError. */
  close(): void {
    try {
      this.#thread?.end();
      // What it has begun hinders the last carry, which would leave all commits where they are.
      this.#checkpoint?.wait();
      this.#checkpoint?.end();
      this.#database.close();
      this.#marks.set(this.#database.commit, this.#database.commit);
      this.#marks.close();
      this.#lock.release();
    } catch (error) {
      throw storeErrorOf(error);
    }
  }

  #do(message: ReadMessage): void {
    const { kind, id } = message;
    // Most of a commit is never read.
    if (kind === ToWriter.commit) return this.#commit(id, message.bytes);
    const { text } = message;
    if (kind === ToWriter.sync) this.#syncBehind();
    else if (kind === ToWriter.applications)
      this.#database.read((rows) =>
        this.#some(
          id,
          rows.applications().map((application) => ({ kind: "forget", at: { application } })),
        ),
      );
    else if (kind === ToWriter.items) this.#database.read((rows) => this.#some(id, rows.items(text)));
    else if (kind === ToWriter.records) {
      const { log, ...at } = JSON.parse(text) as LogName;
      this.#database.read((rows) => this.#some(id, rows.records(at, log as LogKind)));
    } else throw new StoreError("io_failed", `nothing is asked for by a message of kind ${kind}`, true);
    this.#done(id);
  }

  #commit(id: number, bytes: Uint8Array): void {
    const end = bytes.indexOf(LINE_END);
    const { number, isStrict } = JSON.parse(textOf(bytes.subarray(0, end))) as CommitHead;
    const { commit } = this.#database;
    if (number !== commit + 1)
      throw new StoreError("io_failed", `commit ${number} can't follow commit ${commit}`, true);
    this.#database.write(bytes.subarray(end + 1), number);
    this.#marks.set(number, this.#known());
    if (isStrict) this.#synced();
    this.#done(id);
    this.#afterwards();
  }

  /** Does what a commit need not wait for. Throws StoreError where that leaves nobody knowing what is on the disk. */
  #afterwards(): void {
    try {
      if (performance.now() - this.#lastSync >= UNSYNCED_MS) this.#syncBehind();
      if (this.#database.tidy(this.#known())) this.#carryOverLog();
    } catch (thrown) {
      // On a full disk the log stays as long as it is, until there is space.
      const error = storeErrorOf(thrown);
      if (error.isFatal) throw error;
    }
  }

  /** Carries the write-ahead log over, most of it while others are served, where that can be. */
  #carryOverLog(): void {
    if (this.#mayHaveThreads) this.#checkpoint ??= new CheckpointThread(this.#database.path);
    if (this.#checkpoint?.isAtIt()) {
      if (!this.#database.isLogFull) return;
      this.#checkpoint.wait();
      // It tells where it has failed.
      if (this.#checkpoint.isAtIt()) return;
    }
    const isOver = this.#database.carryOverLog();
    this.#checkpoint?.done();
    this.#tellReader(isOver);
  }

  /** Says once that somebody who reads the database keeps the folder from being tidied, where that has become much. */
  #tellReader(isOver: boolean): void {
    if (isOver) this.#isReaderTold = false;
    if (isOver || this.#isReaderTold || !this.#database.isLogFull) return;
    this.#isReaderTold = true;
    tellOperator(
      `${this.#database.path} is being read since long, as by a backup: what is committed meanwhile can't be given back, ${megabytes(this.#database.bytes)} by now, and it becomes more until that process ends.`,
    );
  }

  /** What the store itself has on a full disk may be more than it keeps. Throws StoreError, which was not told. */
  #makeSpace(): void {
    try {
      this.#database.makeSpace();
    } catch (thrown) {
      throw storeErrorOf(thrown);
    }
  }

  /** Syncs what is committed, and waits for it. */
  #synced(): void {
    const { commit } = this.#database;
    if (this.#marks.synced === commit) return;
    syncing(() => this.#database.sync());
    this.#lastSync = performance.now();
    this.#marks.set(commit, commit);
  }

  /** Has what is committed synced while others are served, where that can be. */
  #syncBehind(): void {
    const { commit } = this.#database;
    this.#marks.set(commit, this.#known());
    if (this.#marks.synced === commit) return;
    syncing(() => this.#database.checkFiles());
    if (this.#thread?.begin(commit)) {
      this.#lastSync = performance.now();
      return;
    }
    this.#synced();
    if (this.#mayHaveThreads) this.#thread ??= new SyncThread(this.#database.commitFiles);
  }

  /** Returns the number of the last commit that is known to be synced. Throws StoreError where a sync has failed. */
  #known(): number {
    return Math.max(
      this.#marks.synced,
      syncing(() => this.#thread?.synced ?? 0),
    );
  }

  /** Sends what was found in messages of a bounded size. */
  #some(id: number, found: Iterable<Write>): void {
    let writes: Write[] = [];
    let units = 0;
    for (const write of found) {
      writes.push(write);
      units += unitsOf(write);
      if (units < SOME_UNITS) continue;
      this.#send({ kind: ToServer.some, id, text: writesText(writes) });
      writes = [];
      units = 0;
    }
    if (writes.length > 0) this.#send({ kind: ToServer.some, id, text: writesText(writes) });
  }

  #done(id: number): void {
    const { bytes, commit } = this.#database;
    const done: Done = this.#marks.synced === commit ? { bytes } : { bytes, isUnsynced: true };
    this.#answer(ToServer.done, id, done);
  }

  #answer(kind: number, id: number, value: object): void {
    this.#send({ kind, id, text: JSON.stringify(value) });
  }
}

/** Returns what a sync, or a look at one, returns. Throws StoreError. */
function syncing<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    // What was not synced is not written again by another sync, though that may succeed: the system has forgotten it.
    throw new StoreError("io_failed", `the disk failed to sync: ${messageOf(error)}`, true);
  }
}

/** Returns what the server is told of an error. */
export function failedOf({ code, message, isFatal }: StoreError): Failed {
  return { code, message, isFatal };
}

function unitsOf(write: Write): number {
  if (write.kind === "put") return write.value.length + write.key.length;
  return write.kind === "append" ? write.record.length : 0;
}
