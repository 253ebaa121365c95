import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apiTypes, valibotTypes } from "./api_types.ts";

/** Folder inside the extensions folder that holds the types; its name keeps it from being watched and served. */
const typesFolder = ".hotroom";

/** How scripts are checked by editors: the sandbox's language, without a DOM, with types that can be stripped. */
const tsconfig = `{
  // Made by hotroom, for editors only: it is yours to change, the server never reads it.
  "compilerOptions": {
    "target": "es2024",
    "module": "preserve",
    "moduleResolution": "bundler",
    // What the script engine has; engine.d.ts says what is missing from that.
    "lib": ["es2024", "esnext.array", "esnext.collection", "esnext.iterator"],
    "types": [],
    "paths": {
      "hotroom": ["./.hotroom/hotroom.d.ts"],
      "hotroom/test": ["./.hotroom/test.d.ts"],
      "valibot": ["./.hotroom/valibot.d.ts"]
    },
    "strict": true,
    "noEmit": true,
    "allowJs": true,
    "resolveJsonModule": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "skipLibCheck": true
  },
  "files": [".hotroom/hotroom.d.ts", ".hotroom/engine.d.ts"],
  "include": ["**/*"],
  "exclude": ["**/node_modules", "*/public", "*.public"]
}
`;

/** How pages are checked by editors: as scripts, in a browser, with the SDK; the `tsconfig.json` of an application's pages extends it. */
const pagesConfig = `{
  "extends": "../tsconfig.json",
  "compilerOptions": {
    "lib": ["es2024", "dom", "dom.iterable"],
    "paths": {
      "/client.js": ["./client.d.ts"],
      "hotroom": ["./hotroom.d.ts"],
      "valibot": ["./valibot.d.ts"]
    }
  },
  "files": ["./hotroom.d.ts"],
  "include": [],
  "exclude": []
}
`;

/**
 * Writes what editors need to know of `hotroom` and `valibot` into an extensions folder: `.hotroom/*.d.ts`, brought up
 * to date each time, and `tsconfig.json`, only where there is none. Called by `init` and, beside the executable, by
 * `serve`. With the types of the SDK, `client`, pages are told of it too. Rejects with the error of the file system; a server can run
 * without.
 */
export async function writeTypes(folder: string, client?: string): Promise<void> {
  const types = join(folder, typesFolder);
  await mkdir(types, { recursive: true });
  await replace(join(types, "valibot.d.ts"), await valibotTypes());
  for (const [name, text] of Object.entries(apiTypes)) await replace(join(types, name), text);
  if (client !== undefined) {
    await replace(join(types, "client.d.ts"), client);
    await replace(join(types, "pages.json"), pagesConfig);
  }
  await replace(join(types, ".gitignore"), "*\n");
  await writeNew(join(folder, "tsconfig.json"), tsconfig);
}

/** Writes a file that does not exist yet; resolves with false where it does. */
export async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Replaces a file in one step where its text differs, so that an editor never reads half of it. */
async function replace(path: string, text: string): Promise<void> {
  const old = await readFile(path, "utf8").catch(() => undefined);
  if (old === text) return;
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, text);
  await rename(draft, path);
}
