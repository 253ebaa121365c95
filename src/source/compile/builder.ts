import type { BuildError } from "../../core/errors.ts";
import type { Build } from "../../core/ports/build.ts";
import type { FoundApplication } from "../watch/discovery.ts";
import { checkImports } from "./imports.ts";
import { parseJson } from "../read/json_text.ts";
import type { Sources } from "../read/sources.ts";
import type { Stripper } from "./stripper.ts";

/** Makes builds out of sources, and numbers the versions of each application. */
export class Builder {
  readonly #counters = new Map<string, number>();
  /** What the last build of each application was made of, so that an edit strips one file and not all. */
  readonly #stripped = new Map<string, Map<string, { source: string; code: string }>>();

  constructor(private readonly stripper: Stripper) {}

  /**
   * Makes the next version of an application. Throws BuildError, with the position where it is in a source; what failed
   * takes no number.
   */
  async build(found: FoundApplication, { files: sources, settings, hash }: Sources): Promise<Build> {
    const { name: application, oneFile } = found;
    const files = new Map<string, string>();
    const old = this.#stripped.get(application);
    const made = new Map<string, { source: string; code: string }>();
    const results = await Promise.allSettled(
      [...sources].map(async ([file, source]) => {
        const known = old?.get(file);
        const code = known?.source === source ? known.code : await this.#compile(file, source);
        made.set(file, { source, code });
      }),
    );
    this.#stripped.set(application, made);
    for (const result of results) if (result.status === "rejected") throw result.reason;
    const paths = new Set(sources.keys());
    for (const [file, source] of sources) {
      const { code } = made.get(file) as { code: string };
      if (!file.endsWith(".json")) throwIf(checkImports(file, code, source, paths));
      files.set(file, code);
    }
    const count = (this.#counters.get(application) ?? 0) + 1;
    this.#counters.set(application, count);
    const extension = oneFile ? undefined : ["app.ts", "app.js"].find((path) => files.has(path));
    return {
      application,
      hash,
      version: `v${count}·${hash.slice(0, 6)}`,
      files,
      sources,
      ...(extension && { extension }),
      rooms: oneFile ? new Map([[application, [...files.keys()][0] as string]]) : roomsOf(files.keys()),
      settings,
    };
  }

  /** Forgets an application's code but not its count: should it come back, it goes on from there. */
  forget(application: string): void {
    this.#stripped.delete(application);
  }

  async #compile(file: string, source: string): Promise<string> {
    if (file.endsWith(".ts")) return await this.stripper.strip(file, source);
    if (!file.endsWith(".json")) return source;
    parseJson(file, source);
    // Not the text itself: in an object literal `__proto__` is no key, and U+2028 needs no care in JSON.parse's text.
    return `export default JSON.parse(${JSON.stringify(source)});`;
  }
}

/** Room types are the scripts that lie in `rooms/` itself; what is in folders below it is shared code. */
function roomsOf(paths: Iterable<string>): Map<string, string> {
  const rooms = new Map<string, string>();
  for (const path of paths) {
    const type = /^rooms\/([^/]+)\.[jt]s$/.exec(path)?.[1];
    if (type !== undefined) rooms.set(type, path);
  }
  return rooms;
}

function throwIf(error: BuildError | undefined): void {
  if (error) throw error;
}
