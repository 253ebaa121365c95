/** Makes the console that the server serves, in `src/http/page`, from `src/console`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BunPlugin } from "bun";
import { apiTables } from "./api_table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const folder = join(root, "src/http/page");

/** The modules that are made, each with the file that it begins with. */
const modules: Readonly<Record<string, string>> = {
  "console.generated.js": "src/console/main.tsx",
  "editor.generated.js": "src/console/editor/code_editor.ts",
};

/** The parts of the stylesheet, in order. */
const styles = "base controls shell overview rooms players editor figures".split(" ");

/** What the editor completes by: made of the declarations of the script API. */
const completed: BunPlugin = {
  name: "completed",
  setup(bundle) {
    const path = "/page/api_table.json";
    bundle.onResolve({ filter: /^\/page\/api_table\.json$/ }, () => ({ path, namespace: "made" }));
    bundle.onLoad({ filter: /.*/, namespace: "made" }, () => ({
      contents: JSON.stringify(apiTables()),
      loader: "json",
    }));
  },
};

/** What the server has by itself: the compiler is told where its types are, and the bundler is to leave it. */
const served: BunPlugin = {
  name: "served",
  setup(bundle) {
    bundle.onResolve({ filter: /^\/(client|page\/editor)\.js$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** Returns each of the texts by its name. Throws where one can't be made. */
export async function consoleTexts(): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const [name, entry] of Object.entries(modules)) {
    const { outputs } = await Bun.build({
      entrypoints: [join(root, entry)],
      format: "esm",
      target: "browser",
      plugins: [served, completed],
      minify: true,
      define: { "process.env.NODE_ENV": '"production"' },
    });
    const [output] = outputs;
    if (!output) throw new Error(`Cannot make ${name}: the bundler wrote nothing.`);
    texts.set(name, await output.text());
  }
  // Only put together: a bundler would write `light-dark()` for browsers of years ago.
  const parts = styles.map((name) => readFileSync(join(root, `src/console/styles/${name}.css`), "utf8"));
  texts.set("console.generated.css", parts.join("\n"));
  return texts;
}

if (import.meta.main)
  for (const [name, text] of await consoleTexts()) writeFileSync(join(folder, name), text);
