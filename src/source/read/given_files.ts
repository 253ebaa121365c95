import { BuildError } from "../../core/errors.ts";
import { isScript } from "../find/file_names.ts";
import type { FoundApplication } from "../find/found_application.ts";
import { layoutError } from "../find/layout.ts";

/** Files of an application that a program gives as texts, by their paths in it: `app.ts`, `rooms/match.ts`. */
export type GivenFiles = Readonly<Record<string, string>>;

/** What paths of such files are: scripts and JSON, below the application's own folder. */
const givenPath = /^(?!\.|node_modules\/)[^/\\:]+(?:\/(?!\.)[^/\\:]+)*\.(?:[jt]s|json)$/;

/** Returns true if a file that is given as text may have this path. */
export function isGivenPath(path: string): boolean {
  return givenPath.test(path);
}

/** Returns an application of files that are not on the disk; what is wrong with them is its `error`. */
export function givenApplication(name: string, files: GivenFiles): FoundApplication {
  const paths = Object.keys(files).sort();
  const wrong = paths.find((path) => !givenPath.test(path) || typeof files[path] !== "string");
  const error =
    wrong === undefined
      ? layoutError(name, paths.filter(isScript))
      : new BuildError(
          `${name}/ can't have the file ${JSON.stringify(wrong)}: it is text by a path such as "rooms/match.ts".`,
        );
  return {
    name,
    oneFile: false,
    touched: 0,
    files: paths.map((path) => ({
      path,
      absolute: path,
      size: new TextEncoder().encode(String(files[path])).length,
      stamp: "",
      text: String(files[path]),
    })),
    ...(error && { error }),
  };
}
