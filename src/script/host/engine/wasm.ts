/** The engine's WebAssembly module: found from source on both runtimes, and inside the compiled executable. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { ENGINE_VARIABLE, engineFile } from "../../wire/host_variables.ts";

let compiled: WebAssembly.Module | undefined;

/** Compiles the engine once for the process (about 12 ms); throws where its file is missing. */
export function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(process.env[ENGINE_VARIABLE] ?? engineFile()));
  return compiled;
}
