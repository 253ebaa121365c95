import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/core/ports/clock.ts";
import type { Log } from "../../src/core/ports/log.ts";
import { SqliteStore } from "../../src/store/sqlite_store.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Program and arguments of the writer of a folder, on each runtime, with the rights that it has there. */
export const writers = {
  bun: (folder: string) => ["bun", "run", join(root, "mod.ts"), "store-writer", folder, String(process.pid)],
  deno: (folder: string) => [
    ..."deno run --quiet --no-prompt --cached-only".split(" "),
    `--allow-read=${folder}`,
    `--allow-write=${folder}`,
    "--allow-sys=statfs",
    join(root, "mod.ts"),
    "store-writer",
    folder,
    String(process.pid),
  ],
};

/** A data folder of a test, and the stores that are opened in it. */
export class StoreFolder {
  readonly path: string;
  readonly lines: string[] = [];
  readonly #stores: SqliteStore[] = [];

  constructor(
    private readonly command: (folder: string) => readonly string[] = writers.bun,
    parent = tmpdir(),
  ) {
    this.path = join(mkdtempSync(join(parent, "hotroom-store-")), "data");
  }

  readonly log: Log = (level, message) => void this.lines.push(`${level}: ${message}`);

  /** Opens the store of the folder, with another command for its writer where one is given. */
  async open(command = this.command): Promise<SqliteStore> {
    const store = await SqliteStore.open({ folder: this.path, clock: systemClock, log: this.log, command });
    this.#stores.push(store);
    return store;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#stores.map((store) => store.close()));
    rmSync(join(this.path, ".."), { recursive: true, force: true });
  }
}
