import type { Ceilings } from "../../core/application/ceilings.ts";
import type { Builder } from "../compile/builder.ts";
import type { ApplicationPlace } from "../pages/page_folders.ts";
import { discover } from "../find/discovery.ts";
import type { FoundApplication } from "../find/found_application.ts";
import { builtChange } from "./built_change.ts";
import type { Change } from "./tracked_application.ts";

/** Applications that come with the program, in a folder that nobody edits: one of the extensions folder that has the name of one of these takes its place. */
export class BundledApplications {
  readonly #found = new Map<string, FoundApplication>();
  /** Names that the extensions folder has. */
  readonly #covered = new Set<string>();

  constructor(
    private readonly folder: string,
    private readonly builder: Builder,
    private readonly ceilings: Ceilings,
  ) {}

  /** Takes a change of the extensions folder; returns true where that takes one's place or gives it back, so that its pages are others. */
  cover(change: Change): boolean {
    const { application } = change;
    const before = this.#covered.has(application);
    if (change.kind === "removed") this.#covered.delete(application);
    else this.#covered.add(application);
    return before !== this.#covered.has(application) && this.#found.has(application);
  }

  /** Finds them, and gives `hear` each whose place is not taken; resolves when it has. Rejects where the folder can't be read. */
  async scan(hear: (change: Change) => void): Promise<void> {
    for (const found of await discover(this.folder)) this.#found.set(found.name, found);
    await Promise.all([...this.#found.keys()].map((name) => this.bringBack(name, hear)));
  }

  /** Gives `hear` one, unless there is none of that name or its place is taken. Never rejects. */
  async bringBack(name: string, hear: (change: Change) => void): Promise<void> {
    const found = this.#found.get(name);
    if (!found || this.#covered.has(name)) return;
    const change = await builtChange(name, () => found, this.builder, this.ceilings);
    if (!this.#covered.has(name)) hear(change);
  }

  /** Returns where the files of one lie; undefined where there is none of that name, or its place is taken. */
  placeOf(name: string): ApplicationPlace | undefined {
    return this.#found.has(name) && !this.#covered.has(name) ? { folder: this.folder, name } : undefined;
  }

  /** Returns whether there is one of that name. */
  has(name: string): boolean {
    return this.#found.has(name);
  }
}
