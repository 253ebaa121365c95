import { basename, dirname, resolve } from "node:path";
import type { Ceilings } from "../../core/application/ceilings.ts";
import { BuildError } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import { Builder } from "../compile/builder.ts";
import type { ApplicationPlace } from "../pages/page_folders.ts";
import { type GivenFiles, givenApplication } from "../read/given_files.ts";
import { readSources } from "../read/sources.ts";
import { type Change, ExtensionsWatcher, type WatcherOptions } from "./extensions_watcher.ts";

/** Where applications are: each in a file or folder of its own, which is watched, or given as texts. */
export type GivenApplications = Readonly<Record<string, string | GivenFiles>>;

/** Where all applications of a server come from. */
export interface SourcesOptions
  extends Required<Pick<WatcherOptions, "onChange" | "stripper">>,
    Pick<WatcherOptions, "onPages"> {
  /** The folder of applications; without it there are only those that are given. */
  readonly extensions?: string | undefined;
  /** By name; one of the folder that has the name of one of these is not taken. */
  readonly applications: GivenApplications;
  readonly ceilings: Ceilings;
  readonly log: Log;
}

/** The applications of a server: those of the extensions folder, those that lie elsewhere, and those that are texts. */
export class ApplicationSources {
  readonly #options: SourcesOptions;
  readonly #folder: ExtensionsWatcher | undefined;
  /** Those of single applications. */
  readonly #watchers: ExtensionsWatcher[] = [];
  readonly #places = new Map<string, ApplicationPlace>();
  readonly #builder: Builder;
  /** Names that were found in the folder though they are taken. */
  readonly #refused = new Set<string>();
  /** The last build of texts. */
  #built: Promise<unknown> = Promise.resolve();

  constructor(options: SourcesOptions) {
    const { extensions, applications, onChange } = options;
    this.#options = options;
    this.#builder = new Builder(options.stripper);
    if (extensions !== undefined) {
      const own = (change: Change) => this.#isFree(change.application) && onChange(change);
      this.#folder = new ExtensionsWatcher({ ...options, folder: extensions, onChange: own });
    }
    for (const [application, given] of Object.entries(applications)) {
      if (typeof given !== "string") continue;
      const path = resolve(given);
      const [folder, entry] = [dirname(path), basename(path)];
      this.#places.set(application, { folder, name: entry.replace(/\.[jt]s$/, "") });
      this.#watchers.push(new ExtensionsWatcher({ ...options, folder, only: { entry, application } }));
    }
  }

  /** Starts watching, and gives `hear` all that is there already; resolves when it has. Never rejects. */
  async scan(hear: (change: Change) => void): Promise<void> {
    const { applications } = this.#options;
    const own = (change: Change) => this.#isFree(change.application) && hear(change);
    const texts = Object.entries(applications).map(async ([name, given]) => {
      if (typeof given !== "string") hear(await this.build(name, given));
    });
    await Promise.all([
      this.#folder?.scan(own),
      ...this.#watchers.map((watcher) => watcher.scan(hear)),
      ...texts,
    ]);
  }

  /** Resolves with the next version of an application that is given as texts, or with what is wrong with it; one after another. */
  build(application: string, files: GivenFiles): Promise<Change> {
    const change = this.#built.then(() => this.#build(application, files));
    this.#built = change;
    return change;
  }

  async #build(application: string, files: GivenFiles): Promise<Change> {
    try {
      const found = givenApplication(application, files);
      const sources = await readSources(found, this.#options.ceilings);
      return { kind: "changed", application, ...(await this.#builder.build(found, sources)) };
    } catch (error) {
      return { kind: "broken", application, error: BuildError.of(error) };
    }
  }

  /** Returns where the files of an application lie; undefined where it is given as texts. */
  placeOf(application: string): ApplicationPlace | undefined {
    const { applications, extensions } = this.#options;
    if (Object.hasOwn(applications, application)) return this.#places.get(application);
    return extensions === undefined ? undefined : { folder: extensions, name: application };
  }

  /** Stops watching. */
  close(): void {
    this.#folder?.close();
    for (const watcher of this.#watchers) watcher.close();
    this.#options.stripper.close();
  }

  /** Returns whether an application of the folder has a name of its own; says so, once, where it has not. */
  #isFree(application: string): boolean {
    if (!Object.hasOwn(this.#options.applications, application)) return true;
    if (!this.#refused.has(application))
      this.#options.log("warn", "The one in the extensions folder is not taken: the program gives another.", {
        application,
      });
    this.#refused.add(application);
    return false;
  }
}
