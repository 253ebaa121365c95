import { encodeBaseImages } from "./engine/base_images.ts";
import { baseImages, Guest, type GuestCallbacks } from "./sandbox/guest.ts";
import { Modules } from "./sandbox/modules.ts";

/** Memory of an engine that nothing will run in, bytes: little more than it starts with. */
const MEMORY_BYTES = 17 * 1024 * 1024;

/**
 * Does what the first sandbox of a process needs and those after it don't: compiles the engine, and makes the image of it
 * that holds the prelude, unless that is embedded in the executable (docs/decisions/0006-start.md).
 */
export async function warmUp(): Promise<void> {
  await Guest.create(MEMORY_BYTES, callbacks(), false);
}

/**
 * Returns the images that warm up the executable's hosts, as a file; `.ci/compile.ts` embeds it as `base_images.bin`.
 */
export async function makeBaseImages(): Promise<Uint8Array> {
  for (const withValibot of [false, true]) await Guest.create(MEMORY_BYTES, callbacks(), withValibot);
  return encodeBaseImages(baseImages);
}

/** What an engine needs in which only built-in modules are loaded. */
function callbacks(): GuestCallbacks {
  const modules = new Modules([]);
  return {
    interrupt: () => false,
    resolve: (base, specifier) => modules.resolve(base, specifier),
    source: (name) => modules.source(name),
    drain: () => {},
    checkTime: () => {},
    grow: () => true,
  };
}
