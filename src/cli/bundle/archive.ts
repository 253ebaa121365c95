import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { MAX_BYTES, MAX_PATHS, TOO_MUCH } from "./bundled_paths.ts";

/**
 * What an executable ends with that carries applications: how many bytes their archive before it has (64 bits, big-endian), its
 * SHA-256, and this text.
 */
const MARK = Buffer.from("hotroom bundle 1", "latin1");
const HASH_BYTES = 32;
const END_BYTES = 8 + HASH_BYTES + MARK.length;
/** Rights that a file of it may have. */
const RIGHTS = 0o755;

/** Where the archive is that an executable carries. */
export interface Archive {
  readonly file: string;
  /** Bytes before it: the executable alone. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
  /** Its SHA-256, hexadecimal. */
  readonly hash: string;
}

/** Resolves with the archive that a file carries; undefined where it carries none. Rejects where the file can't be read. */
export async function archiveOf(file: string): Promise<Archive | undefined> {
  const handle = await open(file);
  try {
    const { size: whole } = await handle.stat();
    const end = Buffer.alloc(END_BYTES);
    if (whole < END_BYTES) return undefined;
    await handle.read(end, 0, END_BYTES, whole - END_BYTES);
    if (!end.subarray(8 + HASH_BYTES).equals(MARK)) return undefined;
    const size = Number(end.readBigUInt64BE(0));
    const start = whole - END_BYTES - size;
    if (start < 0) throw new Error(`Cannot read the applications in ${file}: it was cut.`);
    return { file, start, size, hash: end.toString("hex", 8, 8 + HASH_BYTES) };
  } finally {
    await handle.close();
  }
}

/** Adds an archive of files below a folder, by their paths in it, to an executable that carries none. Returns its bytes. */
export async function appendArchive(executable: string, folder: string, paths: string[]): Promise<number> {
  const { create } = await import("tar");
  const hash = createHash("sha256");
  let size = 0;
  const packed = create({ cwd: folder, gzip: true, portable: true, noDirRecurse: true }, paths);
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(size));
    yield Buffer.concat([length, hash.digest(), MARK]);
  };
  await pipeline(
    packed as unknown as AsyncIterable<Uint8Array>,
    counted,
    createWriteStream(executable, { flags: "a" }),
  );
  return size;
}

/**
 * Writes what an archive holds below a folder. Rejects, before anything is written, where it is not what was put in; and where more
 * is in it than a bundle may have, which may be some gigabytes of what anybody calls one.
 */
export async function unpack({ file, start, size, hash }: Archive, folder: string): Promise<void> {
  const bytes = () => createReadStream(file, { start, end: start + size - 1 });
  const found = createHash("sha256");
  for await (const chunk of bytes()) found.update(chunk);
  if (found.digest("hex") !== hash)
    throw new Error(`Cannot read the applications in ${file}: they were changed.`);
  const { extract } = await import("tar");
  const source = bytes();
  let paths = 0;
  let unpacked = 0;
  const filter = (_: string, entry: { size?: number; mode?: number } | Stats) => {
    paths++;
    unpacked += entry.size ?? 0;
    // Programs that run as whoever has written them are no part of applications.
    if (entry.mode !== undefined) entry.mode &= RIGHTS;
    if (paths <= MAX_PATHS && unpacked <= MAX_BYTES) return true;
    source.destroy(new Error(`Cannot unpack the applications in ${file}: they are ${TOO_MUCH}.`));
    return false;
  };
  await pipeline(source, extract({ cwd: folder, strict: true, preserveOwner: false, filter }));
}
