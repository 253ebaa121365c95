import { createHash } from "node:crypto";
import { type FileHandle, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import type { Page } from "../../core/view/pages.ts";
import { stampOf } from "../find/found_application.ts";
import { openBelow } from "../read/opened_file.ts";

/** Bytes that are read at once, and so the most of a file that is in memory for one reader. */
const CHUNK_BYTES = 64 * 1024;

/** What can't be read for want of a file, a folder on its way, or a right: there is no page. */
const NO_FILE: ReadonlySet<unknown> = new Set([
  "ENOENT",
  "ENOTDIR",
  "EACCES",
  "EPERM",
  "ELOOP",
  "ENAMETOOLONG",
  "EINVAL",
  "ERR_INVALID_ARG_VALUE",
]);

/**
 * A file of a page as it was found. It holds nothing open: who reads slowly keeps no file descriptor. A reader whose file becomes
 * another one meanwhile gets an error, never a part of each.
 */
export class PageFile implements Page {
  private constructor(
    readonly name: string,
    private readonly root: string,
    /** Behind links. */
    readonly path: string,
    readonly size: number,
    /** Its `stampOf`. */
    readonly stamp: string,
  ) {}

  /** Resolves with the file at a path, which must lie below `root` behind all links; with "folder" for one; undefined else. */
  static async find(root: string, path: string, name: string): Promise<PageFile | "folder" | undefined> {
    try {
      const real = await realpath(path);
      if (!real.startsWith(root + sep)) return undefined;
      const stats = await stat(real);
      if (stats.isDirectory()) return "folder";
      return stats.isFile() ? new PageFile(name, root, real, stats.size, stampOf(stats)) : undefined;
    } catch (error) {
      if (NO_FILE.has((error as NodeJS.ErrnoException).code)) return undefined;
      throw error;
    }
  }

  get tag(): string {
    return tagOf(this.stamp);
  }

  /** Resolves with all of its bytes. Rejects with an Error if it is another file now, or with the file system's. */
  async bytes(start = 0, end = this.size): Promise<Uint8Array<ArrayBuffer>> {
    const file = await this.#open();
    try {
      const bytes = new Uint8Array(end - start);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, start + length);
        if (bytesRead === 0) throw this.#changed();
        length += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  }

  async read(start: number, end: number): Promise<ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>> {
    if (end - start <= CHUNK_BYTES) return await this.bytes(start, end);
    let at = start;
    return new ReadableStream(
      {
        pull: async (stream) => {
          const bytes = await this.bytes(at, Math.min(at + CHUNK_BYTES, end));
          at += bytes.length;
          stream.enqueue(bytes);
          if (at >= end) stream.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  async #open(): Promise<FileHandle> {
    const { file, place } = await openBelow(this.root, this.path);
    try {
      if (place !== this.path || stampOf(await file.stat()) !== this.stamp) throw this.#changed();
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  #changed(): Error {
    return new Error(`Cannot read ${this.name} to its end: it has changed.`);
  }
}

/** Returns an ETag that changes with a text. */
export function tagOf(text: string): string {
  return `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
}
