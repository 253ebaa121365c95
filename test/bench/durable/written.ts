import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { processTree } from "../process_tree.ts";

/** Bytes that a process has written: in all, by system calls; and those of them that went, or will go, to a disk. */
export interface Written {
  readonly calls: number;
  readonly disk: number;
}

/** Returns what the process under `root` has written that has files of a folder open; undefined where there is none. */
export function writtenInto(folder: string, root: number): Written | undefined {
  const writer = processTree(root).find((pid) => pid !== root && hasOpen(pid, folder));
  if (writer === undefined) return undefined;
  const text = readFileSync(`/proc/${writer}/io`, "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, "m").exec(text)?.[1] ?? 0);
  return { calls: of("wchar"), disk: of("write_bytes") };
}

/** Returns how large the files of a folder are together, bytes. */
export function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

function hasOpen(pid: number, folder: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) =>
      readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(folder),
    );
  } catch {
    return false;
  }
}
