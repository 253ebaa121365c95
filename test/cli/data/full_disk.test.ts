/** `hotroom data` on a disk that has no byte left: a small file system, filled by the store and by somebody else. */
import { afterAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoreError, Write } from "../../../src/core/ports/journal_store.ts";
import { StoreFolder } from "../../store/store_folder.ts";

const root = join(import.meta.dir, "../../..");
const disk = mkdtempSync(join(tmpdir(), "hotroom-disk-"));
const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=20m", "tmpfs", disk]).status === 0;
if (!isMounted) console.error("SKIPPED: the test of a full disk needs the right to mount a tmpfs.");
afterAll(() => {
  if (isMounted) spawnSync("umount", ["-l", disk]);
  rmSync(disk, { recursive: true, force: true });
});

const programs = {
  bun: ["bun", "run", "mod.ts"],
  deno: "deno run -A --quiet --cached-only mod.ts".split(" "),
};

/** Commits events of two rooms until the disk is full; returns how many. */
async function fill(folder: StoreFolder): Promise<number> {
  const store = await folder.open();
  for (let number = 1; ; number++) {
    const at = { application: "chat", room: number % 2 ? "large" : "small" };
    const record = `"${"x".repeat(number % 2 ? 60_000 : 500)}"`;
    const write: Write = { kind: "append", at, log: "events", number, record };
    const failed = await store.commit([write], "relaxed").catch((error: StoreError) => error);
    if (!failed) continue;
    expect(failed.code).toBe("no_space");
    await store.close();
    return number - 1;
  }
}

/** Takes all of the disk that is left. */
function takeRest(): void {
  const file = openSync(join(disk, "ballast"), "w");
  try {
    for (const bytes of [64 * 1024, 1]) while (isWritten(() => writeSync(file, new Uint8Array(bytes))));
  } finally {
    closeSync(file);
  }
}

/** Returns how many bytes what is kept in a folder takes. */
function bytesIn(folder: string): number {
  const names = readdirSync(folder).filter((name) => /^(store|commits)/.test(name));
  return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function isWritten(write: () => void): boolean {
  try {
    write();
    return true;
  } catch {
    return false;
  }
}

describe.each(Object.entries(programs))("under %s", (_, [program = "", ...rest]) => {
  test.skipIf(!isMounted)(
    "a full disk is no reason that a room can't be deleted, and gives its space back",
    async () => {
      await using folder = new StoreFolder(undefined, disk);
      const data = (...args: string[]) => {
        // Nobody is to write a copy elsewhere in its place.
        const options = { cwd: root, encoding: "utf8", env: { ...process.env, TMPDIR: disk } } as const;
        return spawnSync(program, [...rest, "data", ...args, "--data", folder.path], options);
      };
      const count = await fill(folder);
      takeRest();
      // A server starts, too, and reads what it has.
      const full = await folder.open();
      const large = await full.records({ application: "chat", room: "large" }, "events");
      expect(large).toHaveLength(count - (count >> 1));
      await full.close();
      takeRest();
      const small = `chat/small  0 items, ${count >> 1} records, ${(count >> 1) * 502} characters\n`;
      const { stdout } = data("list");
      expect(stdout).toContain(small);
      expect(stdout).toContain("chat/large");
      const before = bytesIn(folder.path);
      expect(data("delete", "chat", "large")).toMatchObject({
        status: 0,
        stdout: "chat/large is forgotten\n",
      });
      expect(data("list").stdout).toBe(small);
      expect(data("compact")).toMatchObject({ status: 0, stderr: "" });
      expect(bytesIn(folder.path)).toBeLessThan(before / 4);
      // What has become free is the store's as well as anybody's.
      const store = await folder.open();
      const at = { application: "chat", room: "small" };
      expect(await store.records(at, "events")).toHaveLength(count >> 1);
      await store.commit([{ kind: "trim", at, log: "events", upTo: count }], "strict");
      rmSync(join(disk, "ballast"));
    },
  );
});
