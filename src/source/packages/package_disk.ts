import { Buffer } from "node:buffer";
import { type FileHandle, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import { BuildError, messageOf } from "../../core/errors.ts";
import { parseJson } from "../read/json_text.ts";
import { stampOf } from "../find/found_application.ts";
import { openBelow } from "../read/opened_file.ts";

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
/** Bytes of a `package.json`, which the server itself parses, and of all that one application leads to. */
const MAX_JSON_BYTES = 256 * 1024;
const MAX_ALL_JSON_BYTES = 2 * 1024 * 1024;
/** Looks at the disk for one application; the places of these, and UTF-16 units of their paths. */
const MAX_LOOKS = 100_000;
const MAX_PLACES = 20_000;
const MAX_PLACE_UNITS = 4 * 1024 * 1024;

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
  #jsonBytes = 0;
  #looks = 0;
  #units = 0;

  /** `root` is the extensions folder, behind links. */
  constructor(readonly root: string) {}

  /**
   * Resolves with the path of a file or a folder behind all links; undefined where there is none. Rejects with a BuildError where links lead out
   * of the extensions folder.
   */
  async find(path: string, kind: "file" | "folder"): Promise<string | undefined> {
    this.#countLook(path);
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
    const json = file === undefined ? undefined : await this.#readJson(file);
    this.#json.set(folder, json);
    return json;
  }

  async #readJson(file: string): Promise<PackageJson | undefined> {
    const text = await this.#text(file, MAX_JSON_BYTES);
    this.#jsonBytes += Buffer.byteLength(text);
    if (this.#jsonBytes > MAX_ALL_JSON_BYTES)
      throw new BuildError(
        `The packages that the application imports are too large: their package.json may have ${MAX_ALL_JSON_BYTES} bytes together.`,
      );
    const value = parseJson(this.#shown(file), text);
    if (typeof value !== "object" || value === null) return undefined;
    // The rest of it is not kept.
    const { name, type, main, exports, imports } = value as PackageJson;
    return { name, type, main, exports, imports };
  }

  #countLook(path: string): void {
    if (!this.#looked.has(path)) this.#units += path.length;
    if (++this.#looks > MAX_LOOKS || this.#looked.size >= MAX_PLACES || this.#units > MAX_PLACE_UNITS)
      throw new BuildError("The packages that the application imports lie in too many places.");
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
    let opened: FileHandle | undefined;
    try {
      opened = (await openBelow(this.root, file)).file;
      const { size } = await opened.stat();
      if (size > most) {
        throw new BuildError(
          most > MAX_JSON_BYTES || !file.endsWith("package.json")
            ? `The packages that the application imports are too large: their source files may have ${MAX_BYTES} bytes together.`
            : `${this.#shown(file)} is too large: ${size} bytes of ${MAX_JSON_BYTES}.`,
        );
      }
      return new TextDecoder("utf-8", { fatal: true }).decode(await opened.readFile());
    } catch (error) {
      if (error instanceof BuildError) throw error;
      const why = error instanceof TypeError ? "it is not UTF-8 text." : messageOf(error);
      throw new BuildError(`Cannot read ${this.#shown(file)}: ${why}`);
    } finally {
      await opened?.close();
    }
  }

  #shown(path: string): string {
    return path.slice(this.root.length + 1).replaceAll(sep, "/");
  }
}
