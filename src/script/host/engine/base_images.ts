import { Buffer } from "node:buffer";
import { existsSync, readFileSync } from "node:fs";
import { isExecutable } from "../../../process/executable.ts";
import type { EngineImage } from "./engine.ts";
import { MemoryImage } from "./memory_image.ts";

/** Engines with nothing but the prelude in them, by whether valibot is there too: made once, then copied. */
export type BaseImages = Map<boolean, EngineImage>;

/** Name of the file among those that are embedded in the executable. */
const FILE = "base_images.bin";

const LINE_FEED = 10;

/** What the first line of the file says of each image; the bytes of all runs follow, in this order. */
interface ImageEntry extends Pick<EngineImage, "context" | "values"> {
  readonly valibot: boolean;
  readonly fresh: readonly number[];
  readonly runs: readonly (readonly [at: number, size: number])[];
}

/** Returns the file that `decodeBaseImages` reads; `.ci/compile.ts` writes it. */
export function encodeBaseImages(images: BaseImages): Uint8Array {
  const head = [...images].map(([valibot, { memory, context, values, fresh }]): ImageEntry => {
    const runs = memory.runs.map(({ at, bytes }) => [at, bytes.length] as const);
    return { valibot, context, values, fresh: [...fresh], runs };
  });
  const bodies = [...images.values()].flatMap(({ memory }) => memory.runs.map(({ bytes }) => bytes));
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...bodies]);
}

/** Returns the images that were made when the executable was compiled; none where the program runs from source. */
export function embeddedBaseImages(): BaseImages {
  const url = new URL(`./${FILE}`, import.meta.url);
  if (!isExecutable() || !existsSync(url)) return new Map();
  return decodeBaseImages(readFileSync(url));
}

/** Returns what `encodeBaseImages` was given; the images keep views of the file. */
export function decodeBaseImages(file: Uint8Array): BaseImages {
  const end = file.indexOf(LINE_FEED);
  const head = JSON.parse(Buffer.from(file.subarray(0, end)).toString()) as ImageEntry[];
  let rest = file.subarray(end + 1);
  const taken = (size: number) => {
    const bytes = rest.subarray(0, size);
    rest = rest.subarray(size);
    return bytes;
  };
  return new Map(
    head.map(({ valibot, context, values, fresh, runs }) => {
      const memory = new MemoryImage(runs.map(([at, size]) => ({ at, bytes: taken(size) })));
      return [valibot, { memory, context, values, fresh: new Set(fresh) }];
    }),
  );
}
