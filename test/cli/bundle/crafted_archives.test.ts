/** Executables that somebody else has made, taken apart: what is in their archives is of their choice. */
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Header, type HeaderData } from "tar";
import { unbundle } from "../../../src/cli/bundle/unbundle.ts";
import { temporaryFolder } from "../../temporary_folders.ts";

const BLOCK = 512;

/** Returns an entry; of a file that says it is larger than its one block no more follows. */
function entry(path: string, data: HeaderData): Buffer {
  const header = new Header({ path, type: "File", size: 1, mode: 0o644, mtime: new Date(0), ...data });
  header.encode();
  return Buffer.concat([header.block as Buffer, Buffer.alloc(header.size === 0 ? 0 : BLOCK, "x")]);
}

/** Makes an executable that carries these entries. */
function executable(...entries: Buffer[]): string {
  const file = join(temporaryFolder(), "game");
  const archive = gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]));
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(archive.length));
  const hash = createHash("sha256").update(archive).digest();
  writeFileSync(file, Buffer.concat([archive, size, hash, Buffer.from("hotroom bundle 1")]));
  return file;
}

test("one that unpacks to gigabytes, or to very many files, is given up before", async () => {
  const folder = temporaryFolder();
  const large = executable(entry("large.bin", { size: 3 * 1024 ** 3 }));
  await expect(unbundle(folder, large)).rejects.toThrow("more than 50000 files, or 512 MB");
  const one = entry("app.ts", { size: 0 });
  const many = executable(...Array<Buffer>(50_001).fill(one));
  await expect(unbundle(folder, many)).rejects.toThrow("more than 50000 files, or 512 MB");
  expect(readdirSync(folder)).toEqual([]);
}, 60_000);

test("no file of it runs as whoever has unpacked it, or can be written by others", async () => {
  const folder = temporaryFolder();
  await unbundle(folder, executable(entry("tool", { mode: 0o6777 })));
  expect(statSync(join(folder, "tool")).mode & 0o7777).toBe(0o755);
});

test.each<[string, Buffer]>([
  ["an absolute path", entry("/tmp/hotroom-elsewhere.ts", {})],
  ["a path that leads up", entry("../hotroom-elsewhere.ts", {})],
  ["a link to elsewhere", entry("game", { type: "SymbolicLink", linkpath: "/etc", size: 0 })],
  ["a link that leads up", entry("game", { type: "SymbolicLink", linkpath: "../../..", size: 0 })],
  ["a hard link to elsewhere", entry("game.ts", { type: "Link", linkpath: "/etc/hostname", size: 0 })],
  ["a hard link that leads up", entry("game.ts", { type: "Link", linkpath: "../../etc/hostname", size: 0 })],
  ["a pipe", entry("game.ts", { type: "FIFO", size: 0 })],
])("%s is refused, and nothing is left", async (_, part) => {
  const folder = join(temporaryFolder(), "extensions");
  await expect(unbundle(folder, executable(part))).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
  expect(existsSync("/tmp/hotroom-elsewhere.ts")).toBe(false);
});
