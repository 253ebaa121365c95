import { afterAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const root = join(import.meta.dir, "../..");
const clone = mkdtempSync(join(tmpdir(), "hotroom-clone-"));
afterAll(() => rmSync(clone, { recursive: true }));

test("a fresh clone compiles, and nothing but the executable is left in build", () => {
  const notCloned = new Set(["node_modules", "build", ".git", "test"]);
  cpSync(root, clone, { recursive: true, filter: (path) => !notCloned.has(relative(root, path)) });
  const run = (command: string, ...args: string[]) =>
    spawnSync(command, args, { cwd: clone, encoding: "utf8" });
  const { status, stderr } = run(process.execPath, "run", "compile");
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  const left = readdirSync(join(clone, "build"));
  expect(left).toEqual([process.platform === "win32" ? "hotroom.exe" : "hotroom"]);
  const help = run(join(clone, "build", left[0] as string), "--help");
  expect(help.stdout).toContain("serve");
}, 300_000);
