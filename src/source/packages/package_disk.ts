import { Buffer } from "node:buffer";
import { readFile, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import { BuildError, messageOf } from "../../core/errors.ts";
import { parseJson } from "../read/json_text.ts";
import { stampOf } from "../read/discovery.ts";

/** What of a `package.json` says what an import leads to. */
export interface PackageJson {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly imports?: unknown;
}

/** Source files that the packages of one application may have together, and their bytes. */
const MAX_FILES = 2000;
const MAX_BYTES = 4 * 1024 * 1024;
/** Bytes of a `package.json`, which the server itself parses. */
const MAX_JSON_BYTES = 256 * 1024;

/**
 * The extensions folder as one build of an application sees the packages in it. It remembers where it has looked, also in vain,
 * so that it can be told whether another look would find something else.
 */
export class PackageDisk {
  /** Stamps by absolute path, "" for what is not there. */
  readonly #looked = new Map<string, string>();
  readonly #json = new Map<string, PackageJson | undefined>();
  #files = 0;
  #bytes = 0;

  /** `root` is the extensions folder, behind links. */
  constructor(readonly root: string) {}

  /**
   * Resolves with the path of a file or a folder behind all links; undefined where there is none. Rejects with a BuildError where links lead out
   * of the extensions folder.
   */
  async find(path: string, kind: "file" | "folder"): Promise<string | undefined> {
    try {
      const stats = await stat(path);
      // What a folder holds is asked for by itself: that of it which counts is that it is there.
      this.#looked.set(path, stats.isFile() ? stampOf(stats) : "folder");
      if (kind === "file" ? !stats.isFile() : !stats.isDirectory()) return undefined;
      const real = await realpath(path);
      if (real.startsWith(this.root + sep)) return real;
    } catch {
      this.#looked.set(path, "");
      return undefined;
    }
    throw new BuildError(
      `${this.#shown(path)} is a link that leads out of the extensions folder; it is not followed.`,
    );
  }

  /** Resolves with a package's own `package.json`; undefined where the folder has none. Rejects with a BuildError where it can't be used. */
  async packageJson(folder: string): Promise<PackageJson | undefined> {
    if (this.#json.has(folder)) return this.#json.get(folder);
    const file = await this.find(`${folder}${sep}package.json`, "file");
    const value = file && parseJson(this.#shown(file), await this.#text(file, MAX_JSON_BYTES));
    const json = typeof value === "object" && value !== null ? (value as PackageJson) : undefined;
    this.#json.set(folder, json);
    return json;
  }

  /** Resolves with the text of a source file. Rejects with a BuildError where all are too many or too large. */
  async source(file: string): Promise<string> {
    if (++this.#files > MAX_FILES)
      throw new BuildError(
        `The packages that the application imports have more than ${MAX_FILES} source files.`,
      );
    const text = await this.#text(file, MAX_BYTES - this.#bytes);
    this.#bytes += Buffer.byteLength(text);
    return text;
  }

  /** What `stamps` gives as long as nothing has changed. */
  get seen(): string {
    return Array.from(this.#looked, ([path, stamp]) => `${path} ${stamp}`).join("\n");
  }

  /**
   * Resolves with a text that is another one as soon as something has changed of what was looked at, and with when that was touched, ms
   * since the epoch; 0 where nothing has changed.
   */
  async stamps(): Promise<{ stamps: string; touched: number }> {
    let touched = 0;
    const all = await Promise.all(
      Array.from(this.#looked, async ([path, before]) => {
        const stats = await stat(path).catch(() => undefined);
        const stamp = !stats ? "" : stats.isFile() ? stampOf(stats) : "folder";
        if (stats && stamp !== before) touched = Math.max(touched, stats.ctimeMs, stats.mtimeMs);
        return `${path} ${stamp}`;
      }),
    );
    return { stamps: all.join("\n"), touched };
  }

  async #text(file: string, most: number): Promise<string> {
    try {
      const { size } = await stat(file);
      if (size > most) {
        throw new BuildError(
          most > MAX_JSON_BYTES || !file.endsWith("package.json")
            ? `The packages that the application imports are too large: their source files may have ${MAX_BYTES} bytes together.`
            : `${this.#shown(file)} is too large: ${size} bytes of ${MAX_JSON_BYTES}.`,
        );
      }
      return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
    } catch (error) {
      if (error instanceof BuildError) throw error;
      const why = error instanceof TypeError ? "it is not UTF-8 text." : messageOf(error);
      throw new BuildError(`Cannot read ${this.#shown(file)}: ${why}`);
    }
  }

  #shown(path: string): string {
    return path.slice(this.root.length + 1).replaceAll(sep, "/");
  }
}
