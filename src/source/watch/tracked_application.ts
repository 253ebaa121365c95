import type { Ceilings } from "../../core/application/ceilings.ts";
import { BuildError, messageOf } from "../../core/errors.ts";
import type { Build } from "../../core/ports/build.ts";
import type { Builder, BuildWarning, CheckedBuild } from "../compile/builder.ts";
import type { FoundApplication } from "../find/found_application.ts";
import { areUnchanged, type Sources, Unsettled, readSources } from "../read/sources.ts";

/** What became of one application in the extensions folder. */
export type Change =
  | {
      kind: "added" | "changed";
      application: string;
      build: Build;
      warnings: readonly BuildWarning[];
    }
  /** Its files can't be made into a version; what runs goes on. */
  | { kind: "broken"; application: string; error: BuildError }
  | { kind: "removed"; application: string };

/**
 * What a look at an application gives: a change, or the time until it has to be looked at again, ms, or neither; and a build of files
 * that may be half written still.
 */
export type Look = { change?: Change; again?: number; draft?: Build };

/** A file written twice in one tick of the file system's clock keeps its stamp: younger ones are read again, ms. */
const RACY_MS = 1000;
/** From this age on a file that is written again has another stamp, by the clocks of the usual kernels; what is younger is not read yet, ms. */
const TICK_MS = 5;
/** How long after it was touched a file that is empty or does not parse may still be half written, ms. */
const HALF_WRITTEN_MS = 250;
/** How long files may keep changing before they are taken as they are, ms. */
const UNSETTLED_MS = 3000;
/** How long a look waits for a build, ms; a longer one is waited for in the next looks, which are at the others as well. */
const BUILD_WAIT_MS = 250;

/** What a look makes of the files that it finds. */
interface Draft {
  readonly found: FoundApplication;
  readonly sources: Attempt<Sources>;
  readonly build: Promise<Attempt<CheckedBuild>>;
  /** When the files have been left alone for long enough, by `performance.now()`. */
  readonly settled: number;
}

/** One application in the extensions folder, as it was when it was last looked at. */
export class TrackedApplication {
  /** Stamps of the files; equal ones are not read again, once they are old enough to be trusted. */
  #stamps: string | undefined;
  #trusted = false;
  /** What was reported last: the hash of the content, or the text of an error that another content would have as well. */
  #reported: string | undefined;
  /** The hash of the application's own files at the last look, and the stamps of its packages. */
  #own: string | undefined;
  #packages = "";
  /** True if a build was reported. */
  #built = false;
  /** Since when the files are unsettled. */
  #waiting: number | undefined;
  /** Since when the application is missing. */
  #missing: number | undefined;
  /** A build that takes longer than one look. */
  #slow: Draft | undefined;
  /** A build that is taken if its files stay what they are until they are settled. */
  #draft: Draft | undefined;

  constructor(
    private readonly name: string,
    private readonly builder: Builder,
    /** How long files are to be left alone before they are taken, and the time between two looks at unsettled ones, ms. */
    private readonly settle: number,
    /** How long it must be missing to be removed, ms. */
    private readonly gone: number,
    /** The most that its settings may ask for. */
    private readonly ceilings?: Ceilings,
  ) {}

  /** Looks at an application that is in the folder, of which nothing is taken before `quietAt`, by `performance.now()`. Never rejects. */
  async look(found: FoundApplication, quietAt: number): Promise<Look> {
    this.#missing = undefined;
    if (this.#slow) return await this.#wait(this.#slow);
    const stamps = [...found.files.map((file) => `${file.path} ${file.stamp}`), found.error?.message].join(
      "\n",
    );
    const packages = await this.builder.packageStamps(this.name);
    if (found.vanishing) return this.#goesOn() ? { again: this.settle } : {};
    const isSame = packages.stamps === this.#packages;
    if (this.#trusted && this.#stamps === stamps && isSame) {
      this.#waiting = undefined;
      return {};
    }
    // Date.now() is cut to ms and may be the younger file's; a file from farther in the future is taken for an old one.
    const age = Date.now() - Math.max(found.touched, packages.touched);
    const fresh = age > -RACY_MS && age < HALF_WRITTEN_MS;
    if (fresh && age < TICK_MS && this.#goesOn()) return { again: Math.ceil(TICK_MS - age) };
    // Somebody may be at it: the look came in the middle of a save or of a checkout.
    const settled = Math.max(quietAt, fresh ? performance.now() + this.settle - age : 0);
    const sources = await attempt(() => readSources(found, this.ceilings));
    this.#stamps = stamps;
    this.#trusted = sources.ok && age > RACY_MS;
    if (sources.ok && sources.value.hash === this.#own && isSame) {
      this.#waiting = undefined;
      return {};
    }
    const half = fresh && found.files.some((file) => file.size === 0);
    if (!sources.ok || half) return this.#isSettled(settled) ?? this.#conclude(sources, undefined, fresh);
    const build = attempt(() => this.builder.draft(found, sources.value));
    const draft = { found, sources, build, settled };
    const built = await within(BUILD_WAIT_MS, build);
    if (!built) {
      this.#slow = draft;
      return { again: 0 };
    }
    if (!built.ok) return this.#isSettled(settled) ?? this.#conclude(sources, built, fresh);
    if (leftUntil(settled) > 0 && this.#goesOn()) return this.#keep(draft, built.value);
    // The other half of a save may have come meanwhile: what parses may be half of it, too.
    if (!fresh || (await this.#isUnchanged(draft)) || !this.#goesOn())
      return this.#conclude(sources, built, fresh);
    this.#trusted = false;
    return { again: this.settle };
  }

  /**
   * Takes the build of an earlier look, where there is one, once its files are settled and still what they were. Resolves with undefined
   * where a look is to follow. Never rejects.
   */
  async confirm(quietAt: number): Promise<Look | undefined> {
    const draft = this.#draft;
    if (!draft) return undefined;
    const again = leftUntil(Math.max(quietAt, draft.settled));
    const goesOn = this.#goesOn();
    const isSame = !goesOn || (await this.#isUnchanged(draft));
    if (isSame && goesOn && again > 0) return { again };
    this.#draft = undefined;
    return isSame ? this.#conclude(draft.sources, await draft.build, false) : undefined;
  }

  /** Looks at an application that is not in the folder any more. */
  miss(): Look {
    this.#missing ??= performance.now();
    const again = this.#missing + this.gone - performance.now();
    return again > 0 ? { again } : { change: { kind: "removed", application: this.name } };
  }

  /** True if anything was reported of it; what never was needs no removal. */
  get isReported(): boolean {
    return this.#reported !== undefined;
  }

  /** True if there is a build that waits until its files are settled. */
  get hasDraft(): boolean {
    return this.#draft !== undefined;
  }

  /** Keeps a build until its files are settled. */
  #keep(draft: Draft, { build }: CheckedBuild): Look {
    this.#trusted = false;
    this.#goesOn();
    this.#draft = draft;
    return { again: leftUntil(draft.settled), draft: build };
  }

  /** Returns when to look again if files are not settled that can't be built; undefined if they are. */
  #isSettled(settled: number): Look | undefined {
    const again = leftUntil(settled);
    if (again === 0 || !this.#goesOn()) return undefined;
    this.#trusted = false;
    return { again };
  }

  async #isUnchanged({ found }: Draft): Promise<boolean> {
    const [isSame, packages] = await Promise.all([
      areUnchanged(found),
      this.builder.packageStamps(this.name),
    ]);
    return isSame && packages.stamps === this.builder.seenPackages(this.name);
  }

  /** Returns true if files that are not settled may be waited for, still. */
  #goesOn(): boolean {
    this.#waiting ??= performance.now();
    return performance.now() - this.#waiting < UNSETTLED_MS;
  }

  /** Goes on waiting for a slow build. When it has come, the files may be others already. */
  async #wait(draft: Draft): Promise<Look> {
    const built = await within(BUILD_WAIT_MS, draft.build);
    if (!built) return { again: 0 };
    this.#slow = undefined;
    if (built.ok) return this.#keep(draft, built.value);
    return { ...this.#conclude(draft.sources, built, false), again: 0 };
  }

  /** What a look comes to; `fresh` says that somebody may be writing still. */
  #conclude(sources: Attempt<Sources>, build: Attempt<CheckedBuild> | undefined, fresh: boolean): Look {
    // Half a file, as a rule: its other half is on its way.
    const unsettled = !sources.ok && sources.error instanceof Unsettled;
    if (unsettled || (fresh && !build?.ok)) {
      this.#trusted = false;
      if (this.#goesOn()) return { again: this.settle };
    }
    this.#waiting = undefined;
    // What is not the content's fault may go away without a change of it.
    const isOfContent = !build || build.ok || build.error instanceof BuildError;
    this.#own = sources.ok && isOfContent ? sources.value.hash : undefined;
    this.#packages = this.builder.seenPackages(this.name);
    if (build?.ok) {
      // Packages that were installed anew may hold what they held.
      if (build.value.build.hash === this.#reported) return {};
      return { change: this.#report(build.value) };
    }
    const failure = build ?? sources;
    return failure.ok ? {} : this.#fail(failure.error, sources);
  }

  #report({ build, warnings }: CheckedBuild): Change {
    const kind = this.#built ? "changed" : "added";
    this.#reported = build.hash;
    this.#built = true;
    this.builder.count(build);
    return { kind, application: this.name, build, warnings };
  }

  /** Reports an error once: until the content changes where it is the content's, else until it is another one. */
  #fail(thrown: unknown, sources: Attempt<Sources>): Look {
    const isBuildError = thrown instanceof BuildError;
    const error = isBuildError ? thrown : new BuildError(`Cannot make a version: ${messageOf(thrown)}.`);
    // What is not the fault of the content may go away without a change of it: look again at the next poll.
    if (!isBuildError) this.#trusted = false;
    const told = isBuildError && sources.ok ? `${sources.value.hash}\n${error}` : error.toString();
    if (told === this.#reported) return {};
    this.#reported = told;
    return { change: { kind: "broken", application: this.name, error } };
  }
}

/** Returns the time until then, ms; 0 where it has come. */
function leftUntil(time: number): number {
  return Math.max(0, Math.ceil(time - performance.now()));
}

type Attempt<Value> = { ok: true; value: Value } | { ok: false; error: unknown };

async function attempt<Value>(task: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { ok: true, value: await task() };
  } catch (error) {
    return { ok: false, error };
  }
}

/** Resolves with what the promise comes to, or with undefined after that time. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  const value = await Promise.race([promise, late]);
  clearTimeout(timer);
  return value;
}
