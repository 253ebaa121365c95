import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { Backoff } from "../core/limit/backoff.ts";
import type { Clock } from "../core/ports/clock.ts";
import {
  type Durability,
  type JournalStore,
  type KeptItem,
  type KeptRecord,
  type LogKind,
  type Place,
  StoreError,
  type StoreProblem,
  type StoreView,
  type Write,
} from "../core/ports/journal_store.ts";
import type { Log } from "../core/ports/log.ts";
import { FOLDER_MODE } from "./folder_mode.ts";
import { ownerOf } from "./folder_owner.ts";
import { StoreRequest } from "./store_request.ts";
import {
  type CommitHead,
  type Done,
  type Failed,
  type Message,
  type Opened,
  ToServer,
  ToWriter,
} from "./wire/message.ts";
import { parseWrites, writesText } from "./wire/writes_text.ts";
import { writerCommand } from "./writer_command.ts";
import { type WriterOwner, WriterProcess } from "./writer_process.ts";

/** Commits are synced at the latest so long after the first of them, ms, and what the sync itself takes. */
const SYNC_MS = 100;
/** How long a writer may take for anything before it is ended, ms: a disk that hangs for less is waited for. */
const DEADLINE_MS = 30_000;
/** Starts of a writer in a row that come to nothing, after which the store is given up. */
const MOST_STARTS = 5;

/** How often a writer waits, for about a second each, for that of a server that has gone. */
const MOST_WAITS = 10;

/** What a store on disk is made with. */
export interface SqliteStoreOptions {
  /** The data folder; made where it is not there. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Program and arguments of the writer; this same program where it is absent. */
  readonly command?: (folder: string) => readonly string[];
}

/** A store in SQLite: its writer is a process of its own, so that nobody else waits for the disk. */
export class SqliteStore implements JournalStore, WriterOwner {
  readonly #options: SqliteStoreOptions;
  readonly #requests = new Map<number, StoreRequest>();
  readonly #starts = new Backoff();
  #writer: WriterProcess | undefined;
  #isOpen = false;
  #lastId = 0;
  #commit = 0;
  #view = { bytes: 0, lag: 0, commits: 0, failures: 0 };
  #failed: StoreError | undefined;
  #isCommitting = false;
  #isSyncDue = false;
  #cancelDeadline = () => {};
  /** When the writer was last heard of, or asked for something, by the monotonic clock; and whether it is looked after. */
  #lastSign = 0;
  #isWatched = false;
  #cancelStart = () => {};
  #opened: PromiseWithResolvers<void> | undefined = Promise.withResolvers<void>();
  #closed: PromiseWithResolvers<void> | undefined;
  onFailed?: (error: Error) => void;

  private constructor(options: SqliteStoreOptions) {
    this.#options = options;
    this.#start();
  }

  /** Opens the store of a folder, which nobody else may have, and makes it where there is none. Rejects with StoreError. */
  static async open({ folder: path, ...rest }: SqliteStoreOptions): Promise<SqliteStore> {
    const folder = resolve(path);
    try {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    } catch (error) {
      throw cannotOpen(folder, {
        code: "read_only",
        message: `it can't be made: ${(error as Error).message}`,
      });
    }
    for (let attempt = 1; ; attempt++) {
      const store = new SqliteStore({ folder, ...rest });
      try {
        await store.#opened?.promise;
        return store;
      } catch (error) {
        // The writer of a server that was killed may still be at its last commit, on a disk that is slow.
        if ((error as StoreError).code !== "folder_taken" || attempt === MOST_WAITS || isOwned(folder))
          throw error;
      }
    }
  }

  get view(): StoreView {
    const waiting = [...this.#requests.values()].reduce((units, { text }) => units + text.length, 0);
    const problem = this.#failed?.message;
    return {
      folder: this.#options.folder,
      ...this.#view,
      waiting,
      ...(problem !== undefined && { problem }),
    };
  }

  async applications(): Promise<readonly string[]> {
    return (await this.#ask(ToWriter.applications, "")).map(({ at }) => at.application);
  }

  async items(application: string): Promise<readonly KeptItem[]> {
    const found = (await this.#ask(ToWriter.items, application)) as (Write & { kind: "put" })[];
    return found.map(({ at, item, key, value }) => ({ at, item, key, value }));
  }

  async records(at: Place, log: LogKind): Promise<readonly KeptRecord[]> {
    const found = (await this.#ask(ToWriter.records, JSON.stringify({ ...at, log }))) as (Write & {
      kind: "append";
    })[];
    return found.map(({ number, record }) => ({ number, record }));
  }

  async commit(writes: readonly Write[], durability: Durability): Promise<void> {
    if (this.#isCommitting) throw new Error("Cannot commit: the commit before is on its way.");
    const { clock } = this.#options;
    const start = clock.monotonic();
    this.#isCommitting = true;
    const head: CommitHead = { number: this.#commit + 1, isStrict: durability === "strict" };
    try {
      await this.#ask(ToWriter.commit, `${JSON.stringify(head)}\n${writesText(writes)}`, head.number);
    } catch (error) {
      this.#view.failures++;
      throw error;
    } finally {
      this.#isCommitting = false;
    }
    this.#view.commits++;
    this.#view.lag = clock.monotonic() - start;
  }

  close(): Promise<void> {
    this.#closed ??= Promise.withResolvers<void>();
    if (this.#requests.size === 0) this.#end();
    return this.#closed.promise;
  }

  received({ kind, id, text }: Message): void {
    this.#watch();
    if (kind === ToServer.opened) return this.#begin(JSON.parse(text) as Opened);
    const request = this.#requests.get(id);
    if (kind === ToServer.some) return request?.found(parseWrites(text));
    if (kind === ToServer.failed) return this.#refused(request, JSON.parse(text) as Failed);
    const { bytes, isUnsynced } = JSON.parse(text) as Done;
    this.#view.bytes = bytes;
    if (isUnsynced) this.#syncLater();
    if (request) this.#settle(request);
  }

  ended(reason: string | undefined): void {
    this.#writer = undefined;
    this.#isOpen = false;
    this.#isWatched = false;
    this.#cancelDeadline();
    if (this.#failed) return this.#closed?.resolve();
    const { log, clock, folder } = this.#options;
    if (this.#closed && reason === undefined) return this.#closed.resolve();
    const delay = this.#starts.failed();
    if (this.#starts.failures >= MOST_STARTS || this.#opened)
      return this.#fail(this.#fatalError({ code: "no_writer", message: `its writer is gone: ${reason}` }));
    log("error", `The writer of ${folder} is gone: ${reason}. It starts again.`);
    this.#cancelStart = clock.after(delay, () => this.#start());
  }

  /** Asks the writer, now or when there is one; resolves with what it has found. */
  #ask(kind: number, text: string, commit?: number): Promise<readonly Write[]> {
    return new Promise((resolve, reject) => {
      if (this.#failed) return reject(this.#failed);
      if (this.#closed) return reject(this.#cannotWrite({ code: "no_writer", message: "it is closed" }));
      this.#lastId = (this.#lastId + 1) >>> 0;
      const id = this.#lastId;
      const request = new StoreRequest({ kind, id, text }, resolve, reject, commit);
      this.#requests.set(id, request);
      if (this.#isOpen) this.#send(request);
    });
  }

  #start(): void {
    const { folder, log, command = writerCommand } = this.#options;
    this.#writer = new WriterProcess(command(folder), this, log);
    this.#watch();
  }

  #send(request: StoreRequest): void {
    this.#writer?.send(request.message);
    this.#watch();
  }

  /** The writer has opened the store: a commit that was on its way when the one before ended has been made, or is made now. */
  #begin({ commit, made, synced, bytes }: Opened): void {
    const { log, folder } = this.#options;
    this.#isOpen = true;
    this.#view.bytes = bytes;
    if (made > commit) {
      const level = synced > commit ? "error" : "warn";
      const why = synced > commit ? "it was damaged or cut" : "it was cut, as by a loss of power";
      log(
        level,
        `The end of the commits in ${folder} can't be read: commits ${commit + 1} to ${made} are lost, ${why}.`,
      );
    }
    this.#opened?.resolve();
    if (this.#opened) this.#commit = commit;
    this.#opened = undefined;
    for (const request of [...this.#requests.values()]) {
      if (request.commit !== undefined && request.commit <= commit) this.#settle(request);
      else {
        request.begin();
        this.#send(request);
      }
    }
    this.#watch();
    if (this.#closed && this.#requests.size === 0) this.#end();
  }

  #settle(request: StoreRequest): void {
    this.#starts.succeeded();
    this.#requests.delete(request.message.id);
    if (request.commit !== undefined) this.#commit = request.commit;
    request.resolve();
    this.#watch();
    if (this.#closed && this.#requests.size === 0) this.#end();
  }

  #refused(request: StoreRequest | undefined, failed: Failed): void {
    if (failed.isFatal || !request) return this.#fail(this.#fatalError(failed));
    this.#requests.delete(request.message.id);
    request.reject(this.#cannotWrite(failed));
    this.#watch();
    if (this.#closed && this.#requests.size === 0) this.#end();
  }

  /** Gives the store up. */
  #fail(error: StoreError): void {
    if (this.#failed) return;
    this.#failed = error;
    this.#cancelStart();
    this.#writer?.kill();
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const request of requests) request.reject(error);
    if (this.#opened) this.#opened.reject(error);
    else if (this.#closed) this.#closed.reject(error);
    else if (!requests.some(({ commit }) => commit !== undefined)) this.onFailed?.(error);
    if (!this.#writer) this.#closed?.resolve();
  }

  #end(): void {
    if (this.#writer) this.#writer.end();
    else this.#closed?.resolve();
    this.#watch();
  }

  /** Syncs after a while what is committed by then. */
  #syncLater(): void {
    if (this.#isSyncDue) return;
    this.#isSyncDue = true;
    this.#options.clock.after(SYNC_MS, () => {
      this.#isSyncDue = false;
      if (this.#failed || this.#closed) return;
      // A sync that fails is told by `onFailed`.
      this.#ask(ToWriter.sync, "").catch(() => {});
    });
  }

  /** The writer has got somewhere, or begins something: it has the whole deadline again. */
  #watch(): void {
    this.#lastSign = this.#options.clock.monotonic();
    if (!this.#isWatched) this.#look(DEADLINE_MS);
  }

  /** Looks after a while whether the writer hangs; there is one look for many signs of it. */
  #look(ms: number): void {
    this.#isWatched = this.#writer !== undefined && !this.#isIdle;
    if (!this.#isWatched) return;
    const { clock } = this.#options;
    this.#cancelDeadline = clock.after(ms, () => {
      const left = this.#lastSign + DEADLINE_MS - clock.monotonic();
      if (left <= 0 && !this.#isIdle) this.#writer?.kill();
      this.#look(left > 0 ? left : DEADLINE_MS);
    });
  }

  /** Whether nothing is asked of the writer. */
  get #isIdle(): boolean {
    return this.#requests.size === 0 && this.#isOpen && !this.#closed;
  }

  /** The error after which there is no store; where it was never open, nothing is unknown. */
  #fatalError(failed: { code: string; message: string }): StoreError {
    return this.#opened ? cannotOpen(this.#options.folder, failed) : this.#cannotWrite(failed, true);
  }

  #cannotWrite({ code, message }: { code: string; message: string }, isFatal = false): StoreError {
    return new StoreError(
      code as StoreProblem,
      `Cannot use the data folder ${this.#options.folder}: ${message}.`,
      isFatal,
    );
  }
}

/** Returns true if the server that has a folder runs. */
function isOwned(folder: string): boolean {
  try {
    process.kill(ownerOf(folder)?.pid ?? process.pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== "ESRCH";
  }
}

function cannotOpen(folder: string, { code, message }: { code: string; message: string }): StoreError {
  return new StoreError(code as StoreProblem, `Cannot open the data folder ${folder}: ${message}.`);
}
