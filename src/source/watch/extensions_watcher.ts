import { join } from "node:path";
import type { Ceilings } from "../../core/application/ceilings.ts";
import { messageOf } from "../../core/errors.ts";
import type { PageEdit } from "../../core/edit/page_edits.ts";
import type { Build } from "../../core/ports/build.ts";
import type { Log } from "../../core/ports/log.ts";
import { Builder } from "../compile/builder.ts";
import { CrowdedFolders } from "../find/crowded_folders.ts";
import { discover } from "../find/discovery.ts";
import { isScript } from "../find/file_names.ts";
import type { FoundApplication } from "../find/found_application.ts";
import { FolderSignal } from "./folder_signal.ts";
import { PageChanges } from "./page_changes.ts";
import { Stripper } from "../compile/stripper.ts";
import { type Change, type Look, TrackedApplication } from "./tracked_application.ts";

export type { Change };

/** How an extensions folder is watched; times are ms. */
export interface WatcherOptions {
  readonly folder: string;
  /** Watches one application in the folder, and no other: its file or folder there, and the name that it gets. */
  readonly only?: { readonly entry: string; readonly application: string };
  /** Called for each change after the first scan, one application after the other. */
  readonly onChange?: (change: Change) => void;
  /** Called with builds of files that may be half written still: as a rule `onChange` follows, with the same one. */
  readonly onDraft?: (build: Build) => void;
  /** Called where an application has other pages, with what of them has changed; without it they are not watched. */
  readonly onPages?: (application: string, edit: PageEdit) => void;
  /** Errors of the file system; what they hinder is tried again. */
  readonly log?: Log;
  /** Quiet time after a signal before anything is taken; an editor's save is several steps. */
  readonly settle?: number;
  /** Time between two looks without a signal: the net for what watching misses. */
  readonly poll?: number;
  /** How long an application must be gone to be removed: tools that replace a folder delete it first. */
  readonly gone?: number;
  /** True where it is no fault that there is no such folder. */
  readonly optional?: boolean;
  /** False for one look without watching. */
  readonly watch?: boolean;
  readonly stripper?: Stripper;
  /** Makes its builds; without it one of its own. */
  readonly builder?: Builder;
  /** The most that settings of applications may ask for; the defaults without it. */
  readonly ceilings?: Ceilings | undefined;
}

/** Default of `WatcherOptions.settle`: a save comes in one go, and what is half of it is found out by its content and by a second look. */
const SETTLE_MS = 15;
/** Quiet time after which what is there is built without being taken yet, as a part of `settle`: as a rule it is whole. */
const AHEAD = 1 / 8;
/** How often that is done within one burst of signals: of who writes in pieces each would be built otherwise. */
const MOST_AHEAD = 5;
/** Longest time for which signals keep what is there from being taken, in units of `settle`. */
const MAX_BURST = 20;
/** Time between two attempts to read a folder that can't be read, ms; there is nothing to watch that would signal. */
const RETRY_MS = 250;

/**
 * Watches an extensions folder and turns it into builds, whenever it changes. Signals only say when to look: what has changed
 * is told by content hashes. Nothing in the folder makes it throw.
 */
export class ExtensionsWatcher {
  readonly #settle: number;
  readonly #poll: number;
  readonly #gone: number;
  readonly #stripper: Stripper;
  readonly #builder: Builder;
  readonly #signal: FolderSignal;
  readonly #crowded = new CrowdedFolders();
  readonly #pages: PageChanges;
  readonly #tracked = new Map<string, TrackedApplication>();
  #scans: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pollTimer: ReturnType<typeof setInterval> | undefined;
  /** When the first signal of a burst came, when that is over, and how often it was looked ahead in it; by `performance.now()`. */
  #burst = 0;
  #quietAt = 0;
  #aheads = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** Ends the sleep of a scan between two passes; set while it sleeps. */
  #wake: (() => void) | undefined;
  #isLookQueued = false;
  readonly #complaints = new Map<"read" | "watch", string>();
  #closed = false;

  constructor(private readonly options: WatcherOptions) {
    this.#settle = options.settle ?? SETTLE_MS;
    this.#poll = options.poll ?? 2000;
    this.#gone = options.gone ?? 500;
    this.#stripper = options.stripper ?? new Stripper();
    this.#pages = new PageChanges(options.folder);
    this.#builder = options.builder ?? new Builder(this.#stripper);
    const { entry } = options.only ?? {};
    const isFile = entry !== undefined && isScript(entry);
    this.#signal = new FolderSignal(
      entry === undefined || isFile ? options.folder : join(options.folder, entry),
      () => this.#signalled(),
      (error) =>
        this.#complain(
          "watch",
          `Cannot watch ${options.folder}, looking every ${this.#poll} ms instead`,
          error,
        ),
      !isFile,
    );
  }

  /**
   * Looks at the folder now and resolves with what has changed since the last look; the first time, that is everything, and
   * watching starts. These changes are not given to `onChange` but, as soon as each is known, to `hear`. Never rejects.
   */
  async scan(hear: (change: Change) => void = () => {}): Promise<Change[]> {
    if (this.options.watch !== false && !this.#pollTimer && !this.#closed) {
      await this.#signal.arm();
      // Nobody is known to be writing what is there already; what changes from now on may have no signal of its own yet.
      this.#quietAt = 0;
      this.#lookIn(this.#settle);
      this.#pollTimer = setInterval(() => this.#look(), this.#poll);
      this.#pollTimer.unref();
    }
    const changes: Change[] = [];
    await this.#enqueue((change) => {
      changes.push(change);
      hear(change);
    });
    return changes;
  }

  /** Stops watching; no change is reported any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    clearInterval(this.#pollTimer);
    this.#wake?.();
    this.#signal.close();
    this.#stripper.close();
  }

  /** Takes a signal: what is there is taken later, but not never. */
  #signalled(): void {
    if (this.#closed) return;
    this.#pages.signal();
    const now = performance.now();
    if (now >= this.#quietAt) {
      this.#burst = now;
      this.#aheads = 0;
    }
    this.#quietAt = Math.min(now + this.#settle, this.#burst + this.#settle * MAX_BURST);
    const isAhead = this.#aheads < MOST_AHEAD;
    const wait = Math.min(isAhead ? this.#settle * AHEAD : this.#settle, this.#quietAt - now);
    this.#lookIn(Math.max(0, wait));
  }

  /** Looks after `ms`, and not before that because of an earlier signal. */
  #lookIn(ms: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), ms);
    this.#timer.unref();
  }

  #look(): void {
    if (this.#closed) return;
    this.#wake?.();
    if (this.#isLookQueued) return;
    this.#isLookQueued = true;
    void this.#enqueue(
      (change) => {
        try {
          this.options.onChange?.(change);
        } catch (error) {
          const message = `Cannot apply a change of application "${change.application}": ${messageOf(error)}`;
          this.options.log?.("error", message);
        }
      },
      () => {
        this.#isLookQueued = false;
      },
    );
  }

  /** Adds a scan, which comes after those before it and makes passes until nothing is unsettled. Resolves when it has ended. */
  #enqueue(emit: (change: Change) => void, onStart = () => {}): Promise<void> {
    const report = (change: Change) => {
      if (!this.#closed) emit(change);
    };
    const scan = this.#scans.then(async () => {
      onStart();
      for (;;) {
        const again = this.#closed ? undefined : await this.#pass(report);
        if (again === undefined) return;
        await this.#sleep(again);
      }
    });
    this.#scans = scan;
    return scan;
  }

  /** Waits between two passes of a scan, at most until the next signal, so that an application that settles holds up no other. */
  async #sleep(ms: number): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** Looks at every application once; resolves to the time until some have to be looked at again, or undefined. */
  async #pass(report: (change: Change) => void): Promise<number | undefined> {
    const { folder, only } = this.options;
    const quietAt = this.#quietAt;
    const left = Math.max(0, Math.ceil(quietAt - performance.now()));
    const waits: number[] = left > 0 ? [left] : [];
    const settle = (name: string, { change, again, draft }: Look) => {
      if (again !== undefined) waits.push(again);
      if (draft && !this.#closed) this.options.onDraft?.(draft);
      if (change?.kind === "removed") this.#forget(name, change, report);
      else if (change) report(change);
    };
    await this.#confirm(quietAt, settle);
    if (left > 0 && this.#aheads++ >= MOST_AHEAD) return Math.min(...waits);
    let found: FoundApplication[];
    try {
      if (this.options.watch !== false) await this.#signal.arm();
      found = await discover(folder, this.#crowded, only?.entry);
      if (only) found = found.map((each) => ({ ...each, name: only.application, folder: each.name }));
      if (this.#complaints.delete("read"))
        this.options.log?.("info", `Reading the extensions folder ${folder} again.`);
    } catch (error) {
      // What runs goes on: a folder that is gone may be a disk that is not mounted, or a rename half done.
      if (!this.options.optional || !isMissing(error) || this.#tracked.size > 0)
        this.#complain("read", `Cannot read the extensions folder ${folder}`, error);
      clearTimeout(this.#retry);
      if (this.options.watch === false || this.#closed) return undefined;
      this.#retry = setTimeout(() => this.#look(), RETRY_MS);
      this.#retry.unref();
      return undefined;
    }
    const present = new Set(found.map((each) => each.name));
    const missing = [...this.#tracked].filter(([name]) => !present.has(name));
    for (const [name, tracked] of missing) settle(name, tracked.miss());
    const looked = found.filter(({ name }) => !this.#track(name).hasDraft);
    await Promise.all(
      looked.map(async (each) => settle(each.name, await this.#track(each.name).look(each, quietAt))),
    );
    if (this.options.onPages && left === 0)
      for (const { application, edit } of await this.#pages.look(
        found.map((each) => each.folder ?? each.name),
      ))
        this.options.onPages(only?.application ?? application, edit);
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }

  /** Takes what earlier passes have built, where it is still what is there. */
  async #confirm(quietAt: number, settle: (name: string, look: Look) => void): Promise<void> {
    const drafts = [...this.#tracked].filter(([, { hasDraft }]) => hasDraft);
    const looks = drafts.map(async ([name, tracked]) => {
      const look = await tracked.confirm(quietAt);
      if (look) settle(name, look);
    });
    await Promise.all(looks);
  }

  #track(name: string): TrackedApplication {
    const known = this.#tracked.get(name);
    if (known) return known;
    const tracked = new TrackedApplication(
      name,
      this.#builder,
      this.#settle,
      this.#gone,
      this.options.ceilings,
    );
    this.#tracked.set(name, tracked);
    return tracked;
  }

  #forget(name: string, change: Change, report: (change: Change) => void): void {
    const { isReported } = this.#track(name);
    this.#tracked.delete(name);
    this.#builder.forget(name);
    if (isReported) report(change);
  }

  /** Logs an error once, until it is another one or has gone. */
  #complain(about: "read" | "watch", what: string, error: unknown): void {
    const complaint = `${what}: ${isMissing(error) ? "there is no such folder." : messageOf(error)}`;
    if (this.#closed || this.#complaints.get(about) === complaint) return;
    this.#complaints.set(about, complaint);
    this.options.log?.("warn", complaint);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
