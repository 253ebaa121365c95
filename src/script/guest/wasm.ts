/** The engine's WebAssembly module: found from source on both runtimes, and inside the compiled executable. */
import { readFileSync } from "node:fs";

/** Name of the file in the package, and of the extra entry of `bun build --compile --asset-naming='[name].[ext]'`. */
const FILE = "emscripten-module.wasm";

let compiled: WebAssembly.Module | undefined;

/** Compiles the engine once for the process (about 12 ms); throws where its file is missing. */
export function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(location()));
  return compiled;
}

/** In the executable every module's URL is the root of the embedded files, and packages don't resolve. */
function location(): URL {
  const inExecutable = /\/(\$bunfs|~BUN)\//.test(import.meta.url);
  if (inExecutable) return new URL(`./${FILE}`, import.meta.url);
  return new URL(import.meta.resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm"));
}
