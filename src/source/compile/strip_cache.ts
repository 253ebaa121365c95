import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import packageJson from "../../../package.json" with { type: "json" };

/** What made the entries: other versions neither find nor overwrite them. */
const maker = `1 amaro ${packageJson.dependencies.amaro}`;
/** Bytes of entries that are kept; a source has 512 KB at most, and as a rule a few. */
const most = 32 * 1024 * 1024;
/** Entries written between two looks at how much there is. */
const lookEvery = 100;

/**
 * What sources were stripped to, on disk, so that a start needs no strip process (which takes 60 ms to come up). One file
 * for each source, named by its hash: servers share a folder without a lock, and what is here is never out of date. Never
 * an error of a build: what can't be read or written is told once, and the source is stripped.
 */
export class StripCache {
  #usable: Promise<boolean> | undefined;
  #writes = 0;
  #told = false;

  /** `tell` hears, once, why the cache is of no use. */
  constructor(
    private readonly folder: string,
    private readonly tell: (message: string) => void = () => {},
    private readonly limit = most,
  ) {}

  /** The stripped source, if it is here whole. Never rejects. */
  async read(source: string): Promise<string | undefined> {
    if (!(await this.#open())) return undefined;
    try {
      const entry = await readFile(this.#path(source), "utf8");
      const end = entry.indexOf("\n");
      const code = entry.slice(end + 1);
      // A file that the disk lost a part of, or that somebody has edited; it is written anew.
      return entry.slice(0, end) === hashOf(code) ? code : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.#complain(error);
      return undefined;
    }
  }

  /** Keeps what a source was stripped to. Never rejects. */
  async write(source: string, code: string): Promise<void> {
    if (!(await this.#open())) return;
    const path = this.#path(source);
    const number = this.#writes++;
    const draft = `${path}.${process.pid}.${number}`;
    try {
      await writeFile(draft, `${hashOf(code)}\n${code}`, { mode: 0o600 });
      await rename(draft, path);
      if (number % lookEvery === 0) await this.#prune();
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Makes the folder; tells whether nobody else can put anything into it, since what it holds becomes code. */
  #open(): Promise<boolean> {
    this.#usable ??= (async () => {
      try {
        await mkdir(this.folder, { recursive: true, mode: 0o700 });
        const { uid, mode } = await stat(this.folder);
        const own = process.getuid?.();
        if (own === undefined || (uid === own && (mode & 0o022) === 0)) return true;
        this.#complain("others may write to it");
      } catch (error) {
        this.#complain(error);
      }
      return false;
    })();
    return this.#usable;
  }

  /** Deletes what was written longest ago, until the rest is small enough; drafts that somebody left behind go the same way. */
  async #prune(): Promise<void> {
    const names = await readdir(this.folder);
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(this.folder, name);
        // Another server may have deleted it meanwhile.
        const stats = await stat(path).catch(() => undefined);
        return { path, size: stats?.size ?? 0, time: stats?.mtimeMs ?? 0 };
      }),
    );
    let size = 0;
    for (const entry of found.sort((a, b) => b.time - a.time)) {
      size += entry.size;
      if (size > this.limit) await rm(entry.path, { force: true });
    }
  }

  #path(source: string): string {
    return join(this.folder, hashOf(`${maker}\0${source}`));
  }

  #complain(error: unknown): void {
    if (this.#told) return;
    this.#told = true;
    const why = error instanceof Error ? error.message : String(error);
    this.tell(`Cannot keep stripped sources in ${this.folder}, each start strips them anew: ${why}`);
  }
}

/** Where this user's cache is, by the customs of the system; undefined where the system names no place. */
export function defaultCache(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (xdg && isAbsolute(xdg)) return join(xdg, "hotroom");
  if (process.platform === "win32") return local ? join(local, "hotroom", "cache") : undefined;
  let home: string;
  try {
    home = environment.HOME || homedir();
  } catch {
    return undefined; // A user without a home, as in some containers.
  }
  if (!isAbsolute(home)) return undefined;
  return process.platform === "darwin" ? join(home, "Library/Caches/hotroom") : join(home, ".cache/hotroom");
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
