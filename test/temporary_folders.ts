/**
 * Folders that go when the tests have ended. Loaded ahead of all files (bunfig.toml): an `afterAll` of a module that several files import
 * is heard behind the first of them only, and a run of tests emits no `exit`.
 */
import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders = new Set<string>();
const endings = new Set<() => void>();

afterAll(() => {
  for (const end of endings) end();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
});

/** Makes an empty folder. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "hotroom-test-"));
  folders.add(folder);
  return folder;
}

/** Has something ended before the folders go. */
export function beforeFoldersGo(end: () => void): void {
  endings.add(end);
}
