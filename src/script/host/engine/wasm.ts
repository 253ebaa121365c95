/** The engine's WebAssembly module: found from source on both runtimes, and inside the compiled executable. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

/** Name of the file in the package, and of the extra entry of `bun build --compile --asset-naming='[name].[ext]'`. */
const FILE = "emscripten-module.wasm";

/** The variable that tells a process where the engine is that may read nothing else: where it would look may differ. */
export const ENGINE_VARIABLE = "HOTROOM_ENGINE";

let compiled: WebAssembly.Module | undefined;

/** Compiles the engine once for the process (about 12 ms); throws where its file is missing. */
export function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(process.env[ENGINE_VARIABLE] ?? engineFile()));
  return compiled;
}

/** Where the engine is. In the executable every module's URL is the root of the embedded files, and packages don't resolve. */
export function engineFile(): URL | string {
  const inExecutable = /\/(\$bunfs|~BUN)\//.test(import.meta.url);
  if (inExecutable) return new URL(`./${FILE}`, import.meta.url);
  // Not `import.meta.resolve`: without a node_modules Deno may answer it with `npm:…`.
  return createRequire(import.meta.url).resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm");
}
