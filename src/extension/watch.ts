import { BuildError } from "../core/errors.ts";
import type { Build, Log } from "../core/ports.ts";
import { Builder } from "./build.ts";
import { type FoundApplication, discover } from "./discover.ts";
import { FolderSignal } from "./signal.ts";
import { type Sources, Unsettled, readSources } from "./sources.ts";
import { Stripper } from "./stripper.ts";

/** What became of one application in the extensions folder. */
export type Change =
  | { kind: "added" | "changed"; application: string; build: Build }
  /** Its files can't be made into a version; what runs goes on. */
  | { kind: "broken"; application: string; error: BuildError }
  | { kind: "removed"; application: string };

/** How an extensions folder is watched; times are ms. */
export interface WatcherOptions {
  readonly folder: string;
  /** Called for each change after the first scan, one application after the other. */
  readonly onChange?: (change: Change) => void;
  /** Errors of the file system; what they hinder is tried again. */
  readonly log?: Log;
  /** Quiet time after a signal before the folder is looked at; an editor's save is several steps. */
  readonly settle?: number;
  /** Time between two looks without a signal: the net for what watching misses. */
  readonly poll?: number;
  /** How long an application must be gone to be removed: tools that replace a folder delete it first. */
  readonly gone?: number;
  /** False for one look without watching. */
  readonly watch?: boolean;
  readonly stripper?: Stripper;
}

/** What is known of an application since it was last looked at. */
interface Known {
  /** Stamps of its files; equal ones are not read again, once they are old enough to be trusted. */
  stamps: string;
  trusted: boolean;
  /** What was reported last: the hash of its content, or the error. */
  reported?: string;
  /** Whether a build of it was reported; an application whose every version was broken is `added` by the first good one. */
  built: boolean;
  /** Since when its files are unsettled or its build fails though it was just touched. */
  waiting?: number;
  missing?: number;
}

/** A file written twice in one tick of the file system's clock keeps its stamp: younger ones are read again, ms. */
const racy = 1000;
/** How long a file may be empty, or not parse, after it was touched, before that is taken for what its author wants, ms. */
const patience = 250;
/** How long files may keep changing before they are taken as they are or reported as they fail, ms. */
const endurance = 3000;
/** Longest time that signals put a look off, in units of `settle`. */
const longestBurst = 20;

/**
 * Turns an extensions folder into builds, and goes on doing so when it changes. Signals only say when to look: what has
 * changed is told by content hashes. It never throws for what is in the folder.
 */
export class ExtensionsWatcher {
  readonly #settle: number;
  readonly #poll: number;
  readonly #gone: number;
  readonly #stripper: Stripper;
  readonly #builder: Builder;
  readonly #signal: FolderSignal;
  readonly #known = new Map<string, Known>();
  #scans: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pollTimer: ReturnType<typeof setInterval> | undefined;
  #burst: number | undefined;
  #complaint: string | undefined;
  #closed = false;

  constructor(private readonly options: WatcherOptions) {
    this.#settle = options.settle ?? 50;
    this.#poll = options.poll ?? 2000;
    this.#gone = options.gone ?? 500;
    this.#stripper = options.stripper ?? new Stripper();
    this.#builder = new Builder(this.#stripper);
    this.#signal = new FolderSignal(
      options.folder,
      () => this.#signalled(),
      (error) =>
        this.#complain(`Cannot watch ${options.folder}, looking every ${this.#poll} ms instead`, error),
    );
  }

  /**
   * Looks at the folder now and resolves to what has changed since the last look; the first time, that is everything,
   * and watching starts. These changes are not given to `onChange`. Never rejects.
   */
  async scan(): Promise<Change[]> {
    if (this.options.watch !== false && !this.#pollTimer && !this.#closed) {
      await this.#signal.arm();
      this.#pollTimer = setInterval(() => this.#look(), this.#poll);
      this.#pollTimer.unref();
    }
    const changes: Change[] = [];
    await this.#enqueue((change) => changes.push(change));
    return changes;
  }

  /** Stops watching; no change is reported any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#pollTimer);
    this.#signal.close();
    this.#stripper.close();
  }

  /** Puts the look off while signals come, but not for ever. */
  #signalled(): void {
    if (this.#closed) return;
    const now = Date.now();
    this.#burst ??= now;
    const wait = Math.min(this.#settle, this.#burst + this.#settle * longestBurst - now);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#burst = undefined;
        this.#look();
      },
      Math.max(0, wait),
    );
    this.#timer.unref();
  }

  #look(): void {
    if (this.#closed) return;
    void this.#enqueue((change) => {
      try {
        this.options.onChange?.(change);
      } catch (error) {
        this.#log("error", `Cannot apply a change of application "${change.application}"`, error);
      }
    });
  }

  /** One scan after the other; a scan goes on until nothing is unsettled. */
  #enqueue(emit: (change: Change) => void): Promise<void> {
    const report = (change: Change) => {
      if (!this.#closed) emit(change);
    };
    const scan = this.#scans.then(async () => {
      while (!this.#closed) {
        const again = await this.#pass(report);
        if (again === undefined) return;
        await new Promise((resolve) => setTimeout(resolve, again));
      }
    });
    this.#scans = scan;
    return scan;
  }

  /** Looks at every application once; resolves to the time until some have to be looked at again, or undefined. */
  async #pass(report: (change: Change) => void): Promise<number | undefined> {
    const { folder } = this.options;
    let found: FoundApplication[];
    try {
      if (this.options.watch !== false) await this.#signal.arm();
      found = await discover(folder);
      if (this.#complaint) this.#log("info", `Reading ${folder} again`);
      this.#complaint = undefined;
    } catch (error) {
      // What runs goes on: a folder that is gone may be a disk that is not mounted, or a rename half done.
      this.#complain(`Cannot read the extensions folder ${folder}`, error);
      return undefined;
    }
    const names = new Set(found.map((each) => each.name));
    const waits = await Promise.all([
      ...found.map((each) => this.#examine(each, report)),
      ...[...this.#known]
        .filter(([name]) => !names.has(name))
        .map(([name, known]) => this.#miss(name, known, report)),
    ]);
    const least = Math.min(...waits.filter((wait) => wait !== undefined));
    return Number.isFinite(least) ? least : undefined;
  }

  #miss(name: string, known: Known, report: (change: Change) => void): number | undefined {
    known.missing ??= Date.now();
    const left = known.missing + this.#gone - Date.now();
    if (left > 0) return left;
    this.#known.delete(name);
    this.#builder.forget(name);
    if (known.reported !== undefined) report({ kind: "removed", application: name });
    return undefined;
  }

  async #examine(found: FoundApplication, report: (change: Change) => void): Promise<number | undefined> {
    const { name: application } = found;
    const now = Date.now();
    const known = this.#known.get(application) ?? { stamps: "", trusted: false, built: false };
    this.#known.set(application, known);
    delete known.missing;
    const stamps =
      found.files.map((file) => `${file.path} ${file.stamp}`).join("\n") + (found.error?.message ?? "");
    if (known.trusted && known.stamps === stamps) return undefined;
    const touched = Math.max(0, ...found.files.map((file) => file.touched));
    // A clock that is behind the file system's makes the age negative; such a file is taken for old.
    const age = now - touched;
    const fresh = age >= 0 && age < patience;
    const waited = now - (known.waiting ?? now);

    let sources: Sources | undefined;
    let error: BuildError | undefined;
    try {
      sources = await readSources(found);
    } catch (thrown) {
      if (thrown instanceof Unsettled && waited < endurance) {
        known.waiting ??= now;
        return this.#settle;
      }
      error =
        thrown instanceof BuildError ? thrown : new BuildError(`Cannot read the files: ${messageOf(thrown)}`);
    }
    known.stamps = stamps;
    known.trusted = sources !== undefined && age > racy;
    const empty = found.files.some((file) => file.size === 0);
    if (sources && sources.hash === known.reported) {
      delete known.waiting;
      return undefined;
    }
    let build: Build | undefined;
    let hindered = sources === undefined;
    if (sources && !(empty && fresh)) {
      try {
        build = await this.#builder.build(found, sources);
      } catch (thrown) {
        error =
          thrown instanceof BuildError
            ? thrown
            : new BuildError(`Cannot make a version: ${messageOf(thrown)}`);
      }
    }
    if (!build && fresh && waited < endurance) {
      // Half a file, as a rule: its other half is on its way.
      known.trusted = false;
      known.waiting ??= now;
      return this.#settle;
    }
    delete known.waiting;
    if (build) {
      known.reported = build.hash;
      report({ kind: known.built ? "changed" : "added", application, build });
      known.built = true;
    } else if (error) {
      // What is not the fault of the content may go away without a change of it.
      if (hindered) known.trusted = false;
      const told = (hindered ? undefined : sources?.hash) ?? error.toString();
      if (told === known.reported) return undefined;
      known.reported = told;
      report({ kind: "broken", application, error });
    }
    return undefined;
  }

  /** Logs an error once, until it is another one or has gone. */
  #complain(what: string, error: unknown): void {
    const complaint = `${what}: ${messageOf(error)}`;
    if (this.#closed || this.#complaint === complaint) return;
    this.#complaint = complaint;
    this.options.log?.("warn", complaint);
  }

  #log(level: "info" | "error", message: string, error?: unknown): void {
    this.options.log?.(level, error === undefined ? message : `${message}: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
