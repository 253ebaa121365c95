/** The rules of the house: layers, sizes, names. A failure lists each place with the rule it breaks. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, posix, relative, sep } from "node:path";

const root = join(import.meta.dir, "..");

interface Source {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Path from the root where the specifier is relative. */
  readonly target: string | undefined;
}

/** Files that were written by hand, below a folder or at the root itself. */
function files(folder: string, name: RegExp): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !/(^|\/)(node_modules|build|\.git|fixtures)\/|\.generated\./.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

const sources = files("src", /\.(ts|js)$/);

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** The text with comments blanked, lines kept. */
function code(text: string): string {
  const blank = (comment: string) => comment.replace(/[^\n]/g, " ");
  return text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/(?<=^|[\s;{}(,])\/\/.*$/gm, blank);
}

function imports({ path, text }: Source): Import[] {
  const pattern =
    /^\s*(?:import|export)\b[^;"']*?\bfrom\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
  return [...code(text).matchAll(pattern)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? "";
    const target = specifier.startsWith(".") ? posix.join(dirname(path), specifier) : undefined;
    return { specifier, line: lineAt(text, match.index + match[0].length), target };
  });
}

/** The part of the house that a file belongs to: a folder of src/, or `server`, or undefined outside of src/. */
function partOf(path: string): string | undefined {
  return path.match(/^src\/([^/.]+)/)?.[1];
}

/** What each part may import of the others. */
const below: Record<string, readonly string[]> = {
  protocol: [],
  client: ["protocol"],
  core: ["protocol"],
  http: ["core", "protocol"],
  platform: ["core", "protocol"],
  process: [],
  source: ["core", "protocol", "process"],
  script: ["core", "protocol", "process"],
  server: ["core", "protocol", "http", "platform", "process", "source", "script"],
  cli: ["server", "core", "protocol", "http", "platform", "process", "source", "script"],
};

/** Which parts may import a package; what is not listed may be imported by none. */
const packages: readonly { readonly name: RegExp; readonly parts: RegExp }[] = [
  { name: /^node:/, parts: /^src\/(cli|source|http|platform|process|script)\/|^src\/server\.ts$/ },
  { name: /^valibot$/, parts: /^src\/(cli|core|source|http|protocol|script)\// },
  { name: /^hono(\/|$)/, parts: /^src\/http\// },
  { name: /^quickjs-emscripten|^@jitl\/quickjs/, parts: /^src\/script\/host\// },
  { name: /^amaro$/, parts: /^src\/source\// },
  { name: /^commander$/, parts: /^src\/cli\// },
  { name: /^bun(:|$)/, parts: /^src\/platform\// },
  // In text that is written for a script's author, and in a page's own script.
  { name: /^hotroom$/, parts: /^src\/source\// },
  { name: /^\/client\.js$/, parts: /^src\/http\/page\// },
];

test("imports point down only", () => {
  const broken = sources.flatMap((source) => {
    const part = partOf(source.path) ?? "";
    const allowed = below[part];
    if (!allowed) return [`${source.path}: src/${part} is a part that this test does not know`];
    return imports(source).flatMap(({ specifier, line, target }) => {
      if (target === undefined || target === "package.json") return [];
      const other = partOf(target);
      if (other === part || (other !== undefined && allowed.includes(other))) return [];
      return [
        `${source.path}:${line} imports ${specifier}: ${part} may import ${allowed.join(", ") || "nothing else"}`,
      ];
    });
  });
  expect(broken).toEqual([]);
});

test("packages are imported only where they belong", () => {
  // The prelude is text for the sandbox: what it imports is resolved there.
  const outside = sources.filter(({ path }) => !/\/prelude\/|^src\/source\/editor\/types\//.test(path));
  const broken = outside.flatMap((source) =>
    imports(source).flatMap(({ specifier, line, target }) => {
      if (target !== undefined) return [];
      const rule = packages.find(({ name }) => name.test(specifier));
      if (rule?.parts.test(source.path)) return [];
      return [
        `${source.path}:${line} imports ${specifier}: ${rule ? `only ${rule.parts} may` : "no part may"}`,
      ];
    }),
  );
  expect(broken).toEqual([]);
});

test("relative imports name the file with its extension, and it exists", () => {
  // The torture suite's scripts are texts that import what they must not get.
  const tests = files("test", /\.ts$/).filter(({ path }) => !path.startsWith("test/torture/scripts/"));
  const everywhere = [...sources, ...tests, ...files(".ci", /\.ts$/)];
  const broken = everywhere.flatMap((source) =>
    imports(source).flatMap(({ specifier, line, target }) => {
      if (target === undefined || /\.(ts|js|json|css|html)$/.test(target)) return [];
      return [`${source.path}:${line} imports ${specifier}: name the file, with .ts`];
    }),
  );
  expect(broken).toEqual([]);
});

test("only src/platform names the globals Bun and Deno", () => {
  const broken = sources
    .filter(({ path }) => !path.startsWith("src/platform/"))
    .flatMap(({ path, text }) =>
      [...code(text).matchAll(/(?<![\w$.])(Bun|Deno)(?=[.[]\w)/g)].map(
        ({ 0: global, index }) =>
          `${path}:${lineAt(text, index)} names ${global}: use a node: module, or a port`,
      ),
    );
  expect(broken).toEqual([]);
});

test("no file has more than 350 lines", () => {
  const long = [...sources, ...files("test", /\.ts$/), ...files("extensions", /\.ts$/)]
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > 350)
    .map(({ path, lines }) => `${path} has ${lines} lines: split it by noun`);
  expect(long).toEqual([]);
});

test("files are named by a noun of their own; there are no barrels", () => {
  const broken = sources.flatMap(({ path, text }) => {
    if (/^(utils?|helpers?|types|common|misc|shared|index)\.(ts|js)$/.test(basename(path)))
      return [`${path}: name it by the one thing that is in it`];
    // The sandbox's module "hotroom" is what scripts import from.
    if (path === "src/script/host/prelude/hotroom.js") return [];
    const rest = code(text).replace(/^\s*export\s+(type\s+)?(\*|\{[^}]*\})[^;]*?from\s*"[^"]+";?/gm, "");
    return rest.trim() === "" ? [`${path}: it only exports what others have`] : [];
  });
  expect(broken).toEqual([]);
});

test("no word stands for what DESIGN calls otherwise", () => {
  // Of the web's own names these are in use.
  const allowed =
    /^(AbortController|\w*StreamDefaultController|MessageChannel|BroadcastChannel|timeZone\w*)$/;
  const broken = sources.flatMap(({ path, text }) =>
    [...code(text).matchAll(/\b\w*?(Manager|Controller|Service|Zone|Channel|Actor)(?![a-z])\w*/g)]
      .filter(({ 0: name }) => !allowed.test(name))
      .map(
        ({ 0: name, 1: word, index }) =>
          `${path}:${lineAt(text, index)} ${name}: "${word}" is not one of our words`,
      ),
  );
  expect(broken).toEqual([]);
});

test("nothing names a place on one machine, or a registry", () => {
  const everything = files(".", /\.(ts|js|json|jsonc|md|html|css|toml|lock|yml)$|^run$/);
  const pattern =
    /(?<![\w$.})/-])\/(?:home\/(?!ann\b)|root\/|Users\/|work\/)[\w.]+|\bregistry\.\w+\.\w+|\bnpm\.jsr\.io\b/g;
  const broken = everything
    .filter(({ path }) => path !== "test/house.test.ts")
    .flatMap(({ path, text }) =>
      [...text.matchAll(pattern)].map(
        ({ 0: found, index }) => `${path}:${lineAt(text, index)} names ${found}`,
      ),
    );
  expect(broken).toEqual([]);
});

test("dependencies are pinned exactly, and both lock files know them", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const bunLock = readFileSync(join(root, "bun.lock"), "utf8");
  const denoLock = JSON.parse(readFileSync(join(root, "deno.lock"), "utf8"));
  for (const [name, version] of Object.entries<string>({ ...dependencies, ...devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(bunLock).toContain(`"${name}@${version}"`);
    // Behind an underscore Deno writes what a peer dependency was resolved to.
    expect(denoLock.specifiers[`npm:${name}@${version}`]?.split("_")[0]).toBe(version);
  }
});
