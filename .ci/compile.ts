/**
 * Compiles the server into one executable, `build/hotroom`. For another system: `bun run compile bun-darwin-arm64`
 * (any target of `bun build --compile`); a second argument is the name that the file gets.
 */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BunPlugin } from "bun";
import { create } from "tar";
import { makeBaseImages } from "../src/script/host/warm_up.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const build = join(root, "build");
const require = createRequire(import.meta.url);
const valibot = dirname(require.resolve("valibot"));

mkdirSync(build, { recursive: true });
// Beside the executable's place, so that it gets there whole; what else the bundler writes goes with the folder.
const work = mkdtempSync(join(build, "unfinished-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
// By another name: as `.d.mts` it would be compiled, to nothing.
const valibotTypes = join(work, "valibot.d.ts.txt");
copyFileSync(join(valibot, "index.d.mts"), valibotTypes);
const baseImages = join(work, "base_images.bin");
writeFileSync(baseImages, await makeBaseImages());
const examples = join(work, "examples.bin");
const extensions = join(root, "extensions");
await create(
  { cwd: extensions, file: examples, gzip: true, portable: true },
  readdirSync(extensions).filter((name) => !name.startsWith(".")),
);

/**
 * `import … from "valibot" with { type: "text" }`, beside the server's own import of it: the bundler knows one
 * module a file (Bun 1.4.5), so the text gets an address of its own.
 */
const valibotAsText: BunPlugin = {
  name: "valibot as text",
  setup(bundle) {
    bundle.onResolve({ filter: /^valibot$/ }, ({ importer }) =>
      /[\\/]built_in_modules\.ts$/.test(importer) ? { path: "valibot", namespace: "text" } : undefined,
    );
    bundle.onLoad({ filter: /.*/, namespace: "text" }, () => ({
      contents: readFileSync(join(valibot, "index.mjs"), "utf8"),
      loader: "text",
    }));
  },
};

const target = process.argv[2] as Bun.Build.CompileTarget | undefined;
const name = process.argv[3] ?? "hotroom";
/** The commit that this is, and its date; empty where git does not tell. */
const { stdout: commit } = spawnSync("git", ["show", "-s", "--format=%h, %cs"], {
  cwd: root,
  encoding: "utf8",
});
await Bun.build({
  entrypoints: [
    join(root, "mod.ts"),
    require.resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm"),
    valibotTypes,
    baseImages,
    examples,
  ],
  // These keep their names: `src/script/wire/host_variables.ts`, `src/script/host/engine/base_images.ts`, `src/cli/make/examples.ts` and `src/source/editor/api_types.ts` look for them.
  naming: { asset: "[name].[ext]" },
  loader: { ".txt": "file", ".bin": "file" },
  plugins: [valibotAsText],
  define: { HOTROOM_COMMIT: JSON.stringify(commit?.trim() ?? "") },
  compile: {
    ...(target ? { target } : {}),
    outfile: join(work, "hotroom"),
    // The folder it is started in has no say in how it runs.
    autoloadDotenv: false,
    autoloadBunfig: false,
  },
  // Names in stack traces stay.
  minify: { whitespace: true, syntax: true, identifiers: true, keepNames: true },
  sourcemap: "linked",
  bytecode: true,
  format: "esm",
});

// For Windows it has the ending `.exe`.
const [executable = "hotroom"] = readdirSync(work).filter((name) => /^hotroom(\.exe)?$/.test(name));
renameSync(join(work, executable), join(build, executable.replace("hotroom", name)));
