import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
// @ts-expect-error TS2846: the type checker takes a declaration file for types, at run time the attribute makes it text.
import hotroomTypes from "./types/hotroom.d.ts" with { type: "text" };

/** Files that come with the server for the folder of the extensions. */
export type AssetName = "hotroom.d.ts" | "valibot.d.ts";

/**
 * The text of a file that comes with the server. From source, valibot's types are the installed package's; the
 * executable has them embedded as `valibot.d.ts.txt`, next to `mod.ts`, because its modules have no package around them.
 * Rejects where the file is missing.
 */
export async function readAsset(name: AssetName): Promise<string> {
  if (name === "hotroom.d.ts") return hotroomTypes as unknown as string;
  const embedded = new URL("./valibot.d.ts.txt", import.meta.url);
  if (existsSync(embedded)) return await readFile(embedded, "utf8");
  // Not `import.meta.resolve`: without a node_modules Deno may answer it with `npm:valibot@1.5.0`.
  const main = createRequire(import.meta.url).resolve("valibot");
  return await readFile(join(dirname(main), "index.d.mts"), "utf8");
}
