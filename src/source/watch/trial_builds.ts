import type { Ceilings } from "../../core/application/ceilings.ts";
import { BuildError } from "../../core/errors.ts";
import type { Build } from "../../core/ports/build.ts";
import { Builder } from "../compile/builder.ts";
import type { Stripper } from "../compile/stripper.ts";
import type { ApplicationPlace } from "../pages/page_folders.ts";
import { discoverOne } from "../find/discovery.ts";
import type { FoundApplication } from "../find/found_application.ts";
import { isGivenPath } from "../read/given_files.ts";
import { readSources } from "../read/sources.ts";

/** Builds applications as they would be if some of their files were others: nothing is written, and no version counts. */
export class TrialBuilds {
  /** `placeOf` returns where the files of an application lie. */
  constructor(
    private readonly placeOf: (application: string) => ApplicationPlace | undefined,
    private readonly stripper: Stripper,
    private readonly ceilings: Ceilings,
  ) {}

  /** Resolves with the build, whose version is called `edited`. Rejects with BuildError. */
  async build(application: string, files: Readonly<Record<string, string>>): Promise<Build> {
    const found = withFiles(await this.#find(application), files);
    const sources = await readSources(found, this.ceilings);
    const { build } = await new Builder(this.stripper).build(found, sources);
    return { ...build, version: `edited·${build.hash.slice(0, 6)}` };
  }

  async #find(application: string): Promise<FoundApplication> {
    const place = this.placeOf(application);
    if (!place) throw new BuildError(`${application} has no files on the disk: the program gives them.`);
    const found = await discoverOne(place.folder, place.name);
    if (found) return { ...found, name: application };
    throw new BuildError(`${application} has no files.`);
  }
}

/** Returns an application with other texts in the place of files, or beside them. */
function withFiles(found: FoundApplication, files: Readonly<Record<string, string>>): FoundApplication {
  const others = Object.entries(files).map(([path, text]) => {
    const isOwn = !found.oneFile || found.files.some((file) => file.path === path);
    if (!isGivenPath(path) || !isOwn)
      throw new BuildError(`${found.name} can't have the file ${JSON.stringify(path)}.`);
    return { path, absolute: path, size: new TextEncoder().encode(text).length, stamp: "", text };
  });
  const rest = found.files.filter(({ path }) => !Object.hasOwn(files, path));
  return { ...found, files: [...rest, ...others].sort((a, b) => (a.path < b.path ? -1 : 1)) };
}
