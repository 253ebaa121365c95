import { Buffer } from "node:buffer";
import { existsSync, readFileSync } from "node:fs";
import type { Snapshot } from "./engine.ts";
import { MemoryImage } from "./memory_image.ts";

/** Engines with nothing but the built-in modules in them, by whether valibot is among them: made once, then copied. */
export type BaseImages = Map<boolean, Snapshot>;

/** Name of the file among those that are embedded in the executable. */
const FILE = "bases.bin";

/** What the first line of the file says of each base; the bytes of all runs follow, in this order. */
interface Entry extends Pick<Snapshot, "context" | "values"> {
  readonly valibot: boolean;
  readonly fresh: readonly number[];
  readonly runs: readonly (readonly [at: number, size: number])[];
}

/** The file that `embeddedBases` reads; `.ci/compile.ts` writes it. */
export function encodeBaseImages(bases: BaseImages): Uint8Array {
  const head = [...bases].map(([valibot, { image, context, values, fresh }]): Entry => {
    const runs = image.runs.map(({ at, bytes }) => [at, bytes.length] as const);
    return { valibot, context, values, fresh: [...fresh], runs };
  });
  const bodies = [...bases.values()].flatMap(({ image }) => image.runs.map(({ bytes }) => bytes));
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...bodies]);
}

/** The bases that were made when the executable was compiled; none where there is no such file, as from source. */
export function embeddedBaseImages(): BaseImages {
  const url = new URL(`./${FILE}`, import.meta.url);
  if (!/\/(\$bunfs|~BUN)\//.test(import.meta.url) || !existsSync(url)) return new Map();
  return decodeBaseImages(readFileSync(url));
}

/** What `encodeBases` wrote; the images keep views of the file. */
export function decodeBaseImages(file: Uint8Array): BaseImages {
  const end = file.indexOf(10);
  const head = JSON.parse(Buffer.from(file.subarray(0, end)).toString()) as Entry[];
  let rest = file.subarray(end + 1);
  const taken = (size: number) => {
    const bytes = rest.subarray(0, size);
    rest = rest.subarray(size);
    return bytes;
  };
  return new Map(
    head.map(({ valibot, context, values, fresh, runs }) => {
      const image = new MemoryImage(runs.map(([at, size]) => ({ at, bytes: taken(size) })));
      return [valibot, { image, context, values, fresh: new Set(fresh) }];
    }),
  );
}
