/** WebAssembly: the engine's module, found from source on both runtimes and inside the compiled executable, and its instances. */
import { readFileSync } from "node:fs";
import process from "node:process";
import releaseSync from "@jitl/quickjs-ng-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSEmscriptenModule,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from "quickjs-emscripten";
import { ENGINE_VARIABLE, engineFile } from "../../wire/host_variables.ts";
import { EngineFailure, type InstanceParts } from "./crossing.ts";

/** Bytes of a page of WebAssembly. */
const PAGE_BYTES = 65536;
/** Pages that the module was linked with: no memory can have less. */
const INITIAL_PAGES = 256;
/** Memory that an engine begins with, bytes. */
export const INITIAL_BYTES = INITIAL_PAGES * PAGE_BYTES;

/** One instance of the module, with one runtime and one context in it. */
export interface Instance {
  readonly memory: WebAssembly.Memory;
  readonly runtime: QuickJSRuntime;
  readonly context: QuickJSContext;
  /** What it stands on. */
  readonly parts: InstanceParts;
}

let compiled: WebAssembly.Module | undefined;

/**
 * Makes an instance, which takes a few milliseconds. `memory` is the cap of all of its memory, bytes; `grow` returns true if that may grow by so
 * many bytes, and is asked before it does. Throws where the module's file is missing.
 */
export async function makeInstance(memory: number, grow: (bytes: number) => boolean): Promise<Instance> {
  const maximum = Math.max(INITIAL_PAGES, Math.floor(memory / PAGE_BYTES));
  const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum });
  limitGrowth(wasmMemory, maximum, grow);
  let parts: InstanceParts | undefined;
  const variant = newVariant(
    exposing(releaseSync, (made) => (parts = made)),
    {
      wasmModule: engineModule,
      wasmMemory,
      // Standard output belongs to the frames. The name lies in the memory: without it that would be the path of what
      // was started, whose length moves all that comes after it.
      emscriptenModule: {
        print: console.error,
        printErr: console.error,
        thisProgram: "hotroom",
      } as object,
    },
  );
  const library = await newQuickJSWASMModuleFromVariant(variant);
  const runtime = library.newRuntime();
  const context = runtime.newContext();
  if (!parts) throw new EngineFailure("the library did not make an instance");
  return { memory: wasmMemory, runtime, context, parts };
}

/** Compiles the module once for the process. */
function engineModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(process.env[ENGINE_VARIABLE] ?? engineFile()));
  return compiled;
}

/** Has a memory ask before it grows, of which it has `maximum` pages at most: the engine calls the method of this object. */
function limitGrowth(memory: WebAssembly.Memory, maximum: number, grow: (bytes: number) => boolean): void {
  const growNow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    const after = memory.buffer.byteLength + pages * PAGE_BYTES;
    if (after > maximum * PAGE_BYTES || !grow(pages * PAGE_BYTES)) {
      throw new RangeError(`Cannot grow the memory by ${pages} pages.`);
    }
    return growNow(pages);
  };
}

/** Returns the variant with a spy: `made` hears what each instance stands on that is made of it. */
function exposing(variant: QuickJSSyncVariant, made: (parts: InstanceParts) => void): QuickJSSyncVariant {
  const importFFI: typeof variant.importFFI = async () => {
    const Ffi = await variant.importFFI();
    return class extends Ffi {
      constructor(module: QuickJSEmscriptenModule) {
        super(module);
        const newContext = this.QTS_NewContext;
        this.QTS_NewContext = (runtime, intrinsics) => {
          const context = newContext(runtime, intrinsics);
          made({ module, ffi: this, context });
          return context;
        };
      }
    };
  };
  return { ...variant, importFFI };
}
