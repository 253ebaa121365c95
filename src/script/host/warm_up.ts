import { encodeBaseImages } from "./engine/base_images.ts";
import { bases, Guest, type GuestCallbacks } from "./sandbox/guest.ts";
import { Modules } from "./sandbox/modules.ts";

/** Bytes: as little as an engine can have. */
const MEMORY = 17 * 1024 * 1024;

/**
 * Does what the first sandbox of a process takes beyond those after it: compiles the engine, and makes the copy of it that
 * holds the prelude. Measured: 60 of the first one's 65 ms on Bun 1.4.5, 80 of 85 on Deno 2.9.6. The executable has that
 * copy embedded.
 */
export async function warmUp(): Promise<void> {
  await Guest.create(MEMORY, callbacks(), false);
}

/** The copies that warm up the executable's hosts, as a file; `.ci/compile.ts` embeds it as `bases.bin`. */
export async function makeBaseImages(): Promise<Uint8Array> {
  for (const withValibot of [false, true]) await Guest.create(MEMORY, callbacks(), withValibot);
  return encodeBaseImages(bases);
}

function callbacks(): GuestCallbacks {
  const modules = new Modules([]);
  return {
    interrupt: () => false,
    resolve: (base, specifier) => modules.resolve(base, specifier),
    source: (name) => modules.source(name),
    drain: () => {},
  };
}
