/** A file of commits, with real files: what is left of it whatever was cut off or has flipped, and on a disk without space. */
import { afterAll, expect, test } from "bun:test";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommitFile } from "../../../src/store/commits/commit_file.ts";

const folder = mkdtempSync(join(tmpdir(), "hotroom-commits-"));
const disk = mkdtempSync(join(folder, "disk-"));
const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).status === 0;
if (!isMounted) console.error("SKIPPED: the test of a full disk needs the right to mount a tmpfs.");
afterAll(() => {
  if (isMounted) spawnSync("umount", ["-l", disk]);
  rmSync(folder, { recursive: true, force: true });
});

/** Bytes before a commit's own. */
const HEAD = 16;
const textOf = (number: number) => `commit ${number} `.repeat(number);
let files = 0;

/** Makes a file with commits from 5 on; a commit is as long as its number says. */
function made(last: number): string {
  const path = join(folder, `commits-${++files}`);
  writeFileSync(path, "");
  const file = new CommitFile(path);
  for (let number = 5; number <= last; number++) file.add(number, Buffer.from(textOf(number)));
  file.close();
  return path;
}

/** Returns the numbers of the commits that are in a file, each of which must be as it was written. */
function read(path: string, isReader = false): number[] {
  const file = new CommitFile(path, isReader);
  const all = [...file.forwards(0)].map(({ number, changes }) => {
    expect(Buffer.from(changes).toString()).toBe(textOf(number));
    return number;
  });
  expect([...file.backwards(0)].map(({ number }) => number).reverse()).toEqual(all);
  file.close();
  return all;
}

test("what was added is there, from any number on, forwards and backwards", () => {
  const file = new CommitFile(made(9));
  expect(file).toMatchObject({ first: 5, last: 9, isEmpty: false });
  expect([...file.backwards(7)].map(({ number }) => number)).toEqual([9, 8]);
  expect([...file.forwards(7)].map(({ number }) => number)).toEqual([8, 9]);
  expect([...file.forwards(9), ...file.backwards(20)]).toEqual([]);
  file.clear();
  expect(file).toMatchObject({ first: 0, last: 0, isEmpty: true, bytes: 0 });
  file.add(12, Buffer.from(textOf(12)));
  file.close();
  expect(read(file.path)).toEqual([12]);
});

test("wherever it is cut, all whole commits are there, and others follow them", () => {
  const path = made(8);
  const whole = readFileSync(path);
  const ends = [5, 6, 7, 8].map((last) =>
    [5, 6, 7, 8].filter((n) => n <= last).reduce((sum, n) => sum + HEAD + textOf(n).length, 0),
  );
  for (let size = 0; size < whole.length; size++) {
    writeFileSync(path, whole.subarray(0, size));
    const last = 4 + ends.filter((end) => end <= size).length;
    const expected = [5, 6, 7, 8].filter((number) => number <= last);
    expect([size, read(path, true)]).toEqual([size, expected]);
    expect(statSync(path).size).toBe(size);
    const file = new CommitFile(path);
    file.add(last + 1, Buffer.from(textOf(last + 1)));
    file.close();
    expect(read(path)).toEqual([...expected, last + 1]);
  }
});

test("whatever byte of it has flipped, it ends before the commit with that", () => {
  const path = made(8);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    writeFileSync(path, bytes);
    const kept = read(path, true);
    expect(kept.length).toBeLessThan(4);
    expect(kept).toEqual([5, 6, 7, 8].slice(0, kept.length));
  }
});

test("zeros behind its end, as a loss of power leaves them, are cut off", () => {
  const path = made(7);
  truncateSync(path, statSync(path).size + 10_000);
  expect(read(path)).toEqual([5, 6, 7]);
});

test("a commit may be longer than what is read or copied at one time", () => {
  const path = made(5);
  const file = new CommitFile(path);
  const long = Buffer.alloc(3_000_000, "long ");
  file.add(6, long);
  file.add(7, Buffer.from(textOf(7)));
  file.close();
  const again = new CommitFile(path);
  expect([...again.forwards(5)].map(({ changes }) => Buffer.from(changes).equals(long))).toEqual([
    true,
    false,
  ]);
  again.close();
});

test("who reads it beside its writer reads on", () => {
  const path = made(6);
  const writer = new CommitFile(path);
  const reader = new CommitFile(path, true);
  writer.add(7, Buffer.from(textOf(7)));
  expect(reader.last).toBe(6);
  reader.readOn();
  expect(reader.last).toBe(7);
  writer.close();
  reader.close();
});

test.skipIf(!isMounted)("a commit that there is no space for leaves nothing, and smaller ones follow", () => {
  const path = join(disk, "commits");
  writeFileSync(path, "");
  const file = new CommitFile(path);
  let number = 5;
  for (const size of [600_000, 900_000]) {
    const add = () => file.add(number, Buffer.alloc(size, "x"));
    if (size > 600_000) expect(add).toThrow("ENOSPC");
    else add();
    if (number === 5) number++;
  }
  expect(statSync(path).size).toBe(HEAD + 600_000);
  file.add(6, Buffer.from(textOf(6)));
  file.close();
  const again = new CommitFile(path);
  expect([again.last, Buffer.from([...again.forwards(5)][0]?.changes ?? []).toString()]).toEqual([
    6,
    textOf(6),
  ]);
  again.close();
});
