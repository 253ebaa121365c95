import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Files by path. */
export type Files = Record<string, string>;

/** A folder of its own for one test; `using` removes it. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), "hotroom-"));

  constructor(files: Files = {}) {
    this.write(files);
  }

  /** Writes files, with the folders that they lie in. */
  write(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(this.join(path)), { recursive: true });
      writeFileSync(this.join(path), text);
    }
  }

  join(path: string): string {
    return join(this.path, path);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
