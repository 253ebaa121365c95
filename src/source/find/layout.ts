import { BuildError } from "../../core/errors.ts";
import { fileNameFault, isFileName } from "../../protocol/names.ts";
import { stem } from "./file_names.ts";

/** Returns why the scripts of these paths are no application; undefined where they are one. */
export function layoutError(
  name: string,
  scripts: readonly string[],
  hasPages = false,
): BuildError | undefined {
  const isRoom = (path: string) => /^rooms\/[^/]+$/.test(path);
  const entries = scripts.filter((path) => /^app\.[jt]s$/.test(path) || isRoom(path));
  return (
    nameError(name, `${name}/`, "application") ??
    (entries.length === 0 && !hasPages
      ? new BuildError(
          `${name}/ is not an application: it has neither app.ts nor a room type in rooms/, as rooms/match.ts, nor pages in public/.`,
        )
      : undefined) ??
    entries
      .filter(isRoom)
      .map((path) => nameError(stem(path.slice("rooms/".length)), `${name}/${path}`, "room type"))
      .find((each) => each !== undefined) ??
    twinError(name, entries)
  );
}

/** Returns why a name can't be that of an application or room type; undefined where it can. */
export function nameError(name: string, file: string, what: string): BuildError | undefined {
  if (isFileName(name)) return undefined;
  return new BuildError(
    `${file}: "${name}" can't be the name of ${what === "application" ? "an" : "a"} ${what}. It ${fileNameFault(name)}; such a name has 1 to 64 letters, marks, digits and _.:@#'+-, a letter or digit first.`,
  );
}

/** Returns the error of `app.ts` beside `app.js`, where nobody can tell which one is meant. */
function twinError(name: string, entries: string[]): BuildError | undefined {
  const paths = new Set(entries);
  const twin = entries.find((path) => path.endsWith(".js") && paths.has(`${stem(path)}.ts`));
  if (!twin) return undefined;
  return new BuildError(`${name}/ has both ${stem(twin)}.ts and ${twin}. Remove one.`);
}
