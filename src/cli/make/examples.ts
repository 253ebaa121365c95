import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";

/** The examples as the executable has them, beside `mod.ts`: its modules have no folder around them. */
const packed = new URL("./examples.bin", import.meta.url);
/** The same where the sources run. */
const folder = new URL("../../../extensions/", import.meta.url);

/** What the clone's own folder has for editors, which leads to the clone: a new folder gets its own. */
const editorFiles = new Set([".hotroom", "tsconfig.json"]);
const isExample = (path: string): boolean => !editorFiles.has(path);

/** Writes the examples into a folder that is not there yet; resolves with the names of what is in it, empty where this program has none. */
export async function writeExamples(target: string): Promise<string[]> {
  if (existsSync(packed)) {
    await mkdir(target, { recursive: true });
    const { extract } = await import("tar");
    // Only what reads a file whole can read one that is inside an executable.
    const archive = Readable.from([await readFile(packed)]);
    await pipeline(archive, extract({ cwd: target, strict: true, preserveOwner: false, filter: isExample }));
  } else if (existsSync(folder)) {
    await cp(folder, target, {
      recursive: true,
      filter: (path) => isExample(relative(fileURLToPath(folder), path)),
    });
  } else return [];
  return (await readdir(target)).filter((name) => !name.startsWith(".")).sort();
}
