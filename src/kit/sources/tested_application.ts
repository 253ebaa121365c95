import type { Ceilings } from "../../core/application/ceilings.ts";
import type { Build } from "../../core/ports/build.ts";
import { BuildError } from "../../core/errors.ts";
import { Builder } from "../../source/compile/builder.ts";
import type { Stripper } from "../../source/compile/stripper.ts";
import type { FoundApplication } from "../../source/find/found_application.ts";
import { readSources, type Sources } from "../../source/read/sources.ts";
import { editedSources } from "./edited_sources.ts";

/** Files after an edit, by path; null for one that is gone. */
export type Edits = Readonly<Record<string, string | null>>;

/** One application of the folder as tests have it: as its files were when the tests began. */
export class TestedApplication {
  readonly #builder: Builder;
  #sources: Promise<Sources> | undefined;

  constructor(
    readonly found: FoundApplication,
    stripper: Stripper,
    private readonly ceilings: Ceilings,
  ) {
    this.#builder = new Builder(stripper);
  }

  /** Resolves with what its files hold. Rejects with BuildError. */
  sources(): Promise<Sources> {
    this.#sources ??= readSources(this.found, this.ceilings);
    return this.#sources;
  }

  /** Resolves with a build of sources. Rejects with BuildError. */
  async build(sources: Sources): Promise<Build> {
    return (await this.#builder.build(this.found, sources)).build;
  }

  /** Resolves with sources after an edit. Rejects with BuildError. */
  async edited(sources: Sources, edits: Edits): Promise<Sources> {
    const { oneFile, name } = this.found;
    const [first] = sources.files.keys();
    const strange = oneFile && Object.keys(edits).find((path) => path !== first);
    if (strange) throw new BuildError(`Cannot edit ${strange}: application "${name}" is the file ${first}.`);
    return editedSources(sources, edits, oneFile, this.ceilings);
  }
}
