/**
 * Writes the types of the SDK as one file without imports, `client_types.generated.d.ts`: what the compiler says of
 * src/client, of which only that is kept which something public needs.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** `await using` is younger than the libraries that programs are checked against. */
const head = `/// <reference lib="esnext.disposable" />
/** The types of hotroom's SDK, made from its sources; docs/CLIENT.md explains them. */`;

/** A declaration at a file's top, with the comment before it. */
interface Declaration {
  readonly name: string;
  readonly text: string;
}

/** Returns the text of the declaration file. Throws where the compiler complains, or two declarations have one name. */
export function clientTypes(): string {
  const folder = mkdtempSync(join(tmpdir(), "hotroom-types-"));
  try {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const flags =
      "--ignoreConfig --declaration --emitDeclarationOnly --stripInternal --allowImportingTsExtensions --strict";
    const target =
      "--module preserve --moduleResolution bundler --target esnext --lib esnext,dom,dom.iterable";
    const places = ["--rootDir", "src", "--outDir", folder, "src/client/client.ts"];
    const args = [compiler, ...flags.split(" "), ...target.split(" "), ...places];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    if (status !== 0) throw new Error(`Cannot make the types of the SDK:\n${stdout}`);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".ts"),
    );
    const texts = files.sort().map((path) => readFileSync(join(folder, path), "utf8"));
    const entry = readFileSync(join(folder, "client/client.d.ts"), "utf8");
    return bundle(entry, texts.flatMap(declarationsOf));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Puts together what the entry exports, and what that needs. */
function bundle(entry: string, all: Declaration[]): string {
  const listed = [...entry.matchAll(/^export (?:type )?\{ ([^}]*) \} from/gm)].flatMap(([, names = ""]) =>
    names.split(", "),
  );
  const own = [...entry.matchAll(/^export (?:declare )?(?:class|interface|type|function) (\w+)/gm)];
  const exported = new Set([...listed, ...own.map(([, name = ""]) => name)]);

  const needed = new Set(exported);
  for (const name of needed) {
    const found = all.filter((one) => one.name === name);
    if (found.length !== 1)
      throw new Error(`Cannot find ${name} once: ${found.length} declarations have that name.`);
    const words = new Set(withoutComments(found[0]?.text ?? "").match(/\w+/g));
    for (const other of all) if (words.has(other.name)) needed.add(other.name);
  }
  const kept = all.filter(({ name }) => needed.has(name));
  const texts = kept.map(({ name, text }) => (exported.has(name) ? text : text.replace(/^export /m, "")));
  return `${head}\n${texts.join("\n")}\nexport {};\n`;
}

/** Cuts a declaration file into its declarations; imports and re-exports are none. */
function declarationsOf(text: string): Declaration[] {
  const found: Declaration[] = [];
  let lines: string[] = [];
  for (const line of text.split("\n")) {
    lines.push(line);
    const code = withoutComments(lines.join("\n"));
    const depth = (code.match(/[{([]/g)?.length ?? 0) - (code.match(/[})\]]/g)?.length ?? 0);
    if (code.trim() === "" || depth !== 0 || !/[;}]\s*$/.test(code)) continue;
    const name = code.match(
      /^\s*(?:export )?(?:declare )?(?:class|interface|type|function|const) (\w+)/,
    )?.[1];
    if (name) found.push({ name, text: lines.join("\n").trim() });
    lines = [];
  }
  return found;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?(\*\/|$)/g, "");
}

if (import.meta.main) writeFileSync(join(root, "src/http/client_types.generated.d.ts"), clientTypes());
