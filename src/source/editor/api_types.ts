import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
// @ts-expect-error TS7016: no types, on purpose.
import { engineTypes } from "./engine_types.js";
// The type checker takes a declaration file for types; at run time the attribute makes it text.
// @ts-expect-error TS2846
import application from "./types/application.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import definition from "./types/definition.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import fetch from "./types/fetch.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import handlers from "./types/handlers.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import hotroom from "./types/hotroom.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import http from "./types/http.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import json from "./types/json.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import room from "./types/room.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import schema from "./types/schema.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import settings from "./types/settings.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import test from "./types/test.d.ts" with { type: "text" };
// @ts-expect-error TS2846
import user from "./types/user.d.ts" with { type: "text" };

/**
 * The script API for editors: texts by the name of their file. `hotroom.d.ts`, which names all others but `engine.d.ts` and `test.d.ts`,
 * comes last.
 */
export const apiTypes = {
  "application.d.ts": application,
  "definition.d.ts": definition,
  "engine.d.ts": engineTypes,
  "fetch.d.ts": fetch,
  "handlers.d.ts": handlers,
  "http.d.ts": http,
  "json.d.ts": json,
  "room.d.ts": room,
  "schema.d.ts": schema,
  "settings.d.ts": settings,
  "test.d.ts": test,
  "user.d.ts": user,
  "hotroom.d.ts": hotroom,
} as unknown as Readonly<Record<string, string>>;

/**
 * Resolves with the types of valibot. From source they are the installed package's; the executable has them embedded as
 * `valibot.d.ts.txt`, next to `mod.ts`, because its modules have no package around them. Rejects where the file is missing.
 */
export async function valibotTypes(): Promise<string> {
  const embedded = new URL("./valibot.d.ts.txt", import.meta.url);
  if (existsSync(embedded)) return await readFile(embedded, "utf8");
  // Not `import.meta.resolve`: without a node_modules Deno may answer it with `npm:valibot@1.5.0`.
  const main = createRequire(import.meta.url).resolve("valibot");
  return await readFile(join(dirname(main), "index.d.mts"), "utf8");
}
