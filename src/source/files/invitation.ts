import { realpath } from "node:fs/promises";
import type { ApplicationPlace } from "../pages/page_folders.ts";
import { isScript } from "../find/file_names.ts";
import { type Located, locate, readBelow } from "./located_files.ts";

/** What a comment begins with whose next line wants to be edited first. */
const WORDS = "// Edit this line and watch";
/** Scripts of an application that are looked into for it, and bytes of one. */
const MAX_SCRIPTS = 100;
const MAX_BYTES = 64 * 1024;

/** A line that its author asks to be edited first: in which file, as the application and as the disk call it; 1-based. */
export interface Invitation {
  readonly path: string;
  readonly absolute: string;
  readonly line: number;
}

/** Resolves with the first line of an application that wants to be edited, undefined where there is none. Never rejects. */
export async function invitationOf(place: ApplicationPlace): Promise<Invitation | undefined> {
  return await invitationIn(place, (await locate(place).catch(() => undefined)) ?? []);
}

/** Resolves with the same, of these files of it. */
export async function invitationIn(
  { folder }: ApplicationPlace,
  files: readonly Located[],
): Promise<Invitation | undefined> {
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined) return undefined;
  for (const file of files.filter(({ path }) => isScript(path)).slice(0, MAX_SCRIPTS)) {
    // What can't be read, or is too large to be meant, invites nobody.
    const read = await readBelow(root, file, MAX_BYTES).catch(() => undefined);
    const lines = read ? new TextDecoder().decode(read.bytes).split("\n") : [];
    const at = lines.findIndex((line) => line.includes(WORDS));
    if (at >= 0) return { path: file.path, absolute: file.absolute, line: at + 2 };
  }
  return undefined;
}
