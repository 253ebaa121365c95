import type { Build, Version } from "../ports/build.ts";
import type { Clock } from "../ports/clock.ts";
import type { Scripts } from "../ports/scripts.ts";
import type { EditReports } from "./edit_reports.ts";

/** A build that script hosts have loaded, and how long that took, ms. */
interface Loaded {
  readonly version: Version;
  readonly ms: number;
}

interface EarlyLoad {
  readonly build: Build;
  readonly loading: Promise<Loaded>;
  /** Cancels that it is forgotten when its time is over. */
  readonly keep: () => void;
}

/** How long a version is kept that nobody has asked for, ms: files that are half written are whole long before. */
const KEPT_MS = 5000;

/**
 * Loads builds, and begins with some of them before anybody knows that they are wanted: of files that may be half written still. Of each
 * application one such load is kept.
 */
export class EarlyLoads {
  readonly #loads = new Map<string, EarlyLoad>();

  constructor(
    private readonly deps: { readonly scripts: Scripts; readonly clock: Clock },
    private readonly reports: Pick<EditReports, "built">,
  ) {}

  /** Begins to load a build, if there is a script host that has nothing else to do; the one before of its application is forgotten. */
  begin(build: Build): void {
    const { scripts, clock } = this.deps;
    const { application } = build;
    const before = this.#loads.get(application);
    if (before && isSame(before.build, build)) return;
    this.forget(application);
    if (!scripts.hosts().some(({ spare, state }) => spare && state === "ready")) return;
    const loading = this.#load(build);
    // It is told to who asks for it.
    loading.catch(() => {});
    const keep = clock.after(KEPT_MS, () => this.forget(application));
    this.#loads.set(application, { build, loading, keep });
  }

  /** Resolves with what a build is loaded as; one of the same content and name may have been loaded early. Rejects as `Scripts.load`. */
  async load(build: Build): Promise<Version> {
    const { version, ms } = await (this.#take(build) ?? this.#load(build));
    this.reports.built(build, ms);
    return version;
  }

  /** Forgets what was loaded early of an application. */
  forget(application: string): void {
    const early = this.#loads.get(application);
    if (!early) return;
    this.#loads.delete(application);
    early.keep();
    const { scripts } = this.deps;
    early.loading.then(
      ({ version }) => scripts.unload(version),
      () => {},
    );
  }

  /** Forgets all. */
  close(): void {
    for (const application of [...this.#loads.keys()]) this.forget(application);
  }

  #take(build: Build): Promise<Loaded> | undefined {
    const early = this.#loads.get(build.application);
    if (!early || !isSame(early.build, build)) {
      this.forget(build.application);
      return undefined;
    }
    early.keep();
    this.#loads.delete(build.application);
    return early.loading;
  }

  async #load(build: Build): Promise<Loaded> {
    const { scripts, clock } = this.deps;
    const started = clock.monotonic();
    const version = await scripts.load(build);
    return { version, ms: clock.monotonic() - started };
  }
}

function isSame(early: Build, build: Build): boolean {
  return early.hash === build.hash && early.version === build.version;
}
