import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { extname, isAbsolute, join } from "node:path";
import packageJson from "../../../package.json" with { type: "json" };
import { messageOf } from "../../core/errors.ts";
import type { ModuleReport } from "./module_report.ts";
import type { SourceUse } from "./strip_wire.ts";

const { acorn, amaro } = packageJson.dependencies;
/** What made the entries: other versions neither find nor overwrite them. */
const MAKER = `6 amaro ${amaro} acorn ${acorn}`;
/** Bytes of entries that are kept. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Entries that are kept. */
const MAX_ENTRIES = 10_000;
/** Names of entries and of their drafts; what else is there is not ours. */
const ENTRY = /^[0-9a-f]{64}(?:\.|$)/;
/** Entries written between two looks at how much there is. */
const PRUNE_EVERY = 100;

/**
 * What the strip process made of sources, on disk, so that a start can do without the process. One file for each source,
 * named by its hash: servers share a folder without a lock, and what is here is never out of date. Never an error of a build:
 * what can't be read or written is told once, and the process is asked.
 */
export class StripCache {
  #usable: Promise<boolean> | undefined;
  #writes = 0;
  #told = false;

  /** `tell` hears, once, why the cache is of no use. */
  constructor(
    private readonly folder: string,
    private readonly tell: (message: string) => void = () => {},
    private readonly limit = MAX_BYTES,
  ) {}

  /**
   * Resolves with what was made of a source, if it is here whole; the file's name counts only for its ending. Never rejects.
   */
  async read(file: string, source: string, use: SourceUse = "script"): Promise<ModuleReport | undefined> {
    if (!(await this.#open())) return undefined;
    try {
      const entry = await readFile(this.#path(file, source, use), "utf8");
      const end = entry.indexOf("\n");
      const report = entry.slice(end + 1);
      // A file that the disk lost a part of, or that somebody has edited, is written anew.
      return entry.slice(0, end) === hashOf(report) ? (JSON.parse(report) as ModuleReport) : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.#complain(error);
      return undefined;
    }
  }

  /** Keeps what was made of a source. Never rejects. */
  async write(file: string, source: string, report: ModuleReport, use: SourceUse = "script"): Promise<void> {
    if (!(await this.#open())) return;
    const path = this.#path(file, source, use);
    const number = this.#writes++;
    const draft = `${path}.${process.pid}.${number}`;
    try {
      const text = JSON.stringify(report);
      await writeFile(draft, `${hashOf(text)}\n${text}`, { mode: 0o600 });
      await rename(draft, path);
      if (number % PRUNE_EVERY === 0) await this.#prune();
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Makes the folder; resolves to true if nobody else can put anything into it, since what it holds becomes code. */
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
    const names = (await readdir(this.folder)).filter((name) => ENTRY.test(name));
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(this.folder, name);
        // Another server may have deleted it meanwhile.
        const stats = await stat(path).catch(() => undefined);
        return { path, size: stats?.size ?? 0, time: stats?.mtimeMs ?? 0 };
      }),
    );
    let size = 0;
    for (const [index, entry] of found.sort((a, b) => b.time - a.time).entries()) {
      size += entry.size;
      if (size > this.limit || index >= MAX_ENTRIES) await rm(entry.path, { force: true });
    }
  }

  #path(file: string, source: string, use: SourceUse): string {
    const kind = use === "page" ? `page ${extname(file)}` : extname(file);
    return join(this.folder, hashOf(`${MAKER}\0${kind}\0${source}`));
  }

  #complain(error: unknown): void {
    if (this.#told) return;
    this.#told = true;
    this.tell(
      `Cannot keep stripped sources in ${this.folder}, each start strips them anew: ${messageOf(error)}`,
    );
  }
}

/** Returns where this user's cache is, by the customs of the system; undefined where the system names no place. */
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
