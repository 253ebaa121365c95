/** What an import of a script leads to: one rule for the check of a saved file and for the sandbox that runs it. */

/** Modules that scripts can import besides the files of their application. */
export const builtInModules: ReadonlySet<string> = new Set(["hotroom", "valibot"]);
/** What files of tests can import besides. */
const TEST_MODULE = "hotroom/test";

/** Returns true if a file has tests for `hotroom test`: it is no part of its application. */
export function isTestFile(path: string): boolean {
  return /\.test\.[jt]s$/.test(path);
}

/** What an import leads to: the path of a file, or the name of a built-in module. */
export interface ResolvedModule {
  readonly path: string;
}

/** Why an import leads nowhere. */
export interface UnresolvedModule {
  /** A sentence for the script's author: `Cannot import "./gone.ts": there is no file rooms/gone.ts.` */
  readonly error: string;
  /** The path that was looked for, where it lies in the application's folder and no file has it. */
  readonly missing?: string;
}

/**
 * Returns what `specifier` means in the file `from`. Paths are relative to the application's folder, with `/`
 * (`rooms/match.ts`); `has` returns true if the application has a file of that path.
 */
export function resolveModule(
  specifier: string,
  from: string,
  has: (path: string) => boolean,
): ResolvedModule | UnresolvedModule {
  if (builtInModules.has(specifier)) return { path: specifier };
  if (specifier === TEST_MODULE) {
    if (isTestFile(from)) return { path: specifier };
    return refusal(specifier, "only files of tests can, as match.test.ts.");
  }
  if (!/^\.\.?\//.test(specifier)) {
    return refusal(
      specifier,
      'only "hotroom", "valibot", files of the application and packages that are installed can be imported.',
    );
  }
  const path = pathFrom(from, specifier);
  if (path === undefined) return refusal(specifier, "it is outside of the application's folder.");
  const found = candidates(path).find(has);
  if (found !== undefined) return { path: found };
  return { ...refusal(specifier, `there is no file ${path}.`), missing: path };
}

function refusal(specifier: string, reason: string): UnresolvedModule {
  return { error: `Cannot import ${JSON.stringify(specifier)}: ${reason}` };
}

/** Returns the path that a relative specifier means in a file; undefined if it leaves the application's folder. */
export function pathFrom(file: string, specifier: string): string | undefined {
  const parts = file.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/** Returns the paths that a path may stand for: the file itself, TypeScript by the name it compiles to, a name without ending. */
export function candidates(path: string): string[] {
  const typed = path.endsWith(".js") ? [`${path.slice(0, -3)}.ts`] : [];
  return [path, ...typed, `${path}.ts`, `${path}.js`];
}
