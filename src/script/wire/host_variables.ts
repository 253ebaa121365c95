/** What the server tells the process of a script host by variables of its environment. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { isExecutable } from "../../process/executable.ts";

/** The variable that tells how much of QuickJS's stack scripts may use, bytes. */
export const SCRIPT_STACK_VARIABLE = "HOTROOM_SCRIPT_STACK";

/** The variable that tells where the engine's file is: the process may read no other, and its own search could differ. */
export const ENGINE_VARIABLE = "HOTROOM_ENGINE";

/** Name of the file in its package, and of the extra entry of `bun build --compile --asset-naming='[name].[ext]'`. */
const ENGINE_FILE = "emscripten-module.wasm";

/**
 * Returns where the engine's WebAssembly module is. In the executable the URL of every module is the root of the embedded
 * files, and packages don't resolve.
 */
export function engineFile(): URL | string {
  const embedded = new URL(`./${ENGINE_FILE}`, import.meta.url);
  if (isExecutable() && existsSync(embedded)) return embedded;
  // Not `import.meta.resolve`: without a node_modules Deno may answer it with `npm:…`.
  return createRequire(import.meta.url).resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm");
}
