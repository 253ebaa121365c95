import { basename, dirname, resolve } from "node:path";
import type { Ceilings } from "../../core/application/ceilings.ts";
import type { PageEdit } from "../../core/edit/page_edits.ts";
import type { Log } from "../../core/ports/log.ts";
import { Builder } from "../compile/builder.ts";
import type { ApplicationPlace } from "../pages/page_folders.ts";
import { type GivenFiles, givenApplication } from "../read/given_files.ts";
import { builtChange } from "./built_change.ts";
import { BundledApplications } from "./bundled_applications.ts";
import { type Change, ExtensionsWatcher, type WatcherOptions } from "./extensions_watcher.ts";

/** Where applications are: each in a file or folder of its own, which is watched, or given as texts. */
export type GivenApplications = Readonly<Record<string, string | GivenFiles>>;

/** Where all applications of a server come from. */
export interface SourcesOptions extends Required<Pick<WatcherOptions, "onChange" | "onDraft" | "stripper">> {
  /** Called where an application has other pages; without `edit` where all of them are others, since another folder took their place. */
  readonly onPages: (application: string, edit?: PageEdit) => void;
  /** The folder of applications; without it there are only those that are given. */
  readonly extensions?: string | undefined;
  /** The folder of those that come with the program; one of the extensions folder takes the place of one of these. */
  readonly bundled?: string | undefined;
  /** By name; one of the folder that has the name of one of these is not taken. */
  readonly applications: GivenApplications;
  readonly ceilings: Ceilings;
  readonly log: Log;
}

/** The applications of a server: those of the extensions folder, those that lie elsewhere, and those that are texts. */
export class ApplicationSources {
  readonly #options: SourcesOptions;
  readonly #folder: ExtensionsWatcher | undefined;
  readonly #bundled: BundledApplications | undefined;
  /** Those of single applications. */
  readonly #watchers: ExtensionsWatcher[] = [];
  readonly #places = new Map<string, ApplicationPlace>();
  readonly #builder: Builder;
  /** Names that were found in the folder though they are taken. */
  readonly #refused = new Set<string>();
  /** The last build of texts. */
  #built: Promise<unknown> = Promise.resolve();

  constructor(options: SourcesOptions) {
    const { extensions, bundled, applications } = options;
    this.#options = options;
    this.#builder = new Builder(options.stripper);
    if (bundled !== undefined)
      this.#bundled = new BundledApplications(bundled, this.#builder, options.ceilings);
    if (extensions !== undefined) {
      const own = (change: Change) => this.#ofFolder(change, options.onChange);
      this.#folder = new ExtensionsWatcher({
        ...options,
        folder: extensions,
        onChange: own,
        onDraft: (build) => {
          if (!Object.hasOwn(applications, build.application)) options.onDraft(build);
        },
        onPages: (application, edit) => {
          if (!Object.hasOwn(applications, application)) options.onPages(application, edit);
        },
        // Versions of an application are numbered in one row, wherever each comes from.
        ...(this.#bundled && { builder: this.#builder, optional: true }),
      });
    }
    for (const [application, given] of Object.entries(applications)) {
      if (typeof given !== "string") continue;
      const path = resolve(given);
      const [folder, entry] = [dirname(path), basename(path)];
      this.#places.set(application, { folder, name: entry.replace(/\.[jt]s$/, "") });
      this.#watchers.push(new ExtensionsWatcher({ ...options, folder, only: { entry, application } }));
    }
  }

  /** Starts watching, and gives `hear` all that is there already; resolves when it has. Rejects where the folder of what comes with the program can't be read. */
  async scan(hear: (change: Change) => void): Promise<void> {
    const { applications } = this.#options;
    const texts = Object.entries(applications).map(async ([name, given]) => {
      if (typeof given !== "string") hear(await this.build(name, given));
    });
    await Promise.all([
      this.#scanFolders(hear),
      ...this.#watchers.map((watcher) => watcher.scan(hear)),
      ...texts,
    ]);
  }

  async #scanFolders(hear: (change: Change) => void): Promise<void> {
    await this.#folder?.scan((change) => this.#ofFolder(change, hear));
    await this.#bundled?.scan((change) => this.#isFree(change.application) && hear(change));
  }

  /** Tells of a change of the extensions folder; where an application is gone there that comes with the program, that one runs again. */
  #ofFolder(change: Change, hear: (change: Change) => void): void {
    const { application, kind } = change;
    if (!this.#isFree(application)) return;
    if (this.#bundled?.cover(change)) this.#options.onPages(application);
    if (kind === "removed" && this.#bundled?.has(application))
      void this.#bundled.bringBack(application, hear);
    else hear(change);
  }

  /** Resolves with the next version of an application that is given as texts, or with what is wrong with it; one after another. */
  build(application: string, files: GivenFiles): Promise<Change> {
    const change = this.#built.then(() =>
      builtChange(
        application,
        () => givenApplication(application, files),
        this.#builder,
        this.#options.ceilings,
      ),
    );
    this.#built = change;
    return change;
  }

  /** Returns where the files of an application lie; undefined where it is given as texts. */
  placeOf(application: string): ApplicationPlace | undefined {
    const { applications, extensions } = this.#options;
    if (Object.hasOwn(applications, application)) return this.#places.get(application);
    const bundled = this.#bundled?.placeOf(application);
    return bundled ?? (extensions === undefined ? undefined : { folder: extensions, name: application });
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
