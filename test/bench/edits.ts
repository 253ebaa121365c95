import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extensions, type RunningServer } from "./servers.ts";

const template = readFileSync(join(extensions, "ledger/rooms/ledger.js"), "utf8");

/** Edits that must not go live, each broken in its own way. */
const breakages: readonly ((source: string) => string)[] = [
  (source) => source.replace("const { state } = room;", "const { state = room;"),
  (source) => `${source}\nthrow new Error("broken at the top level");\n`,
  (source) => source.replace("messages: {", "messages: 7,\n  others: {"),
  (source) => `import { nothing } from "../lib/missing.ts";\n${source}`,
  (source) => source.replace("export default", "export const room ="),
];

/** The ledger application in a folder of its own, as TypeScript, to be edited while it runs. */
export class EditedLedger {
  readonly folder = mkdtempSync(join(tmpdir(), "hotroom-bench-"));
  readonly #file = join(this.folder, "ledger/rooms/ledger.ts");
  /** What no run before has saved: the server must not know a text already, from its cache. */
  readonly #run = `// ${crypto.randomUUID()}\n`;
  #edition = 0;
  #broken = 0;

  constructor() {
    cpSync(join(extensions, "ledger"), join(this.folder, "ledger"), { recursive: true });
    rmSync(join(this.folder, "ledger/rooms/ledger.js"));
    writeFileSync(this.#file, this.#source());
  }

  /** Saves an edition that works; answers its number. */
  improve(): number {
    this.#edition++;
    writeFileSync(this.#file, this.#source());
    return this.#edition;
  }

  /** Saves an edition that can't be built or loaded. */
  break(): void {
    this.#edition++;
    const breakage = breakages[this.#broken++ % breakages.length] as (source: string) => string;
    writeFileSync(this.#file, breakage(this.#source()));
  }

  /** Removes the folder. */
  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #source(): string {
    return this.#run + template.replace("const EDITION = 0;", `const EDITION: number = ${this.#edition};`);
  }
}

/** What is wrong with the newest edit, as the API shows it; undefined where nothing is. */
export async function brokenEdit(server: RunningServer): Promise<string | undefined> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/applications/ledger`);
  return ((await response.json()) as { error?: { message: string } }).error?.message;
}
