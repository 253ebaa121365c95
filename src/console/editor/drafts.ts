/** Files of applications as they are in the editor, kept while the page is open. */
import { signal } from "@preact/signals";
import { type AskError, api, ask } from "../server/ask.ts";

/** A file in the editor. */
export interface Draft {
  readonly path: string;
  readonly text: string;
  /** As it was read or saved last. */
  readonly original: string;
  /** What the server knows that state of it by; "" where it is to be read. */
  readonly tag: string;
  /** Whether it has changed on the disk meanwhile, too. */
  readonly isBehind: boolean;
}

/** By application, then by path. */
const drafts = signal<ReadonlyMap<string, ReadonlyMap<string, Draft>>>(new Map());

/** A draft; undefined where the file was not opened. */
export function draftOf(application: string, path: string): Draft | undefined {
  return drafts.value.get(application)?.get(path);
}

/** Returns true if a draft has been written in. */
export function isEdited({ text, original }: Draft): boolean {
  return text !== original;
}

/** Returns true if a file is one of the pages, of which no version is made. */
export function isPage(path: string): boolean {
  return path.startsWith("public/");
}

/** The texts of scripts and settings that differ from the disk, by path. */
export function editedFiles(application: string): Record<string, string> {
  const edited = [...(drafts.value.get(application)?.values() ?? [])].filter(
    (draft) => isEdited(draft) && !isPage(draft.path),
  );
  return Object.fromEntries(edited.map(({ path, text }) => [path, text]));
}

/** Keeps what was written. */
export function write(application: string, path: string, text: string): void {
  change(application, path, { text });
}

/** Reads a file anew: who has not written in it sees it as it is, who has is told. Rejects with AskError. */
export async function read(application: string, path: string): Promise<void> {
  const { text, tag } = await fetchFile(application, path);
  const known = draftOf(application, path);
  if (known !== undefined && known.tag === tag) return;
  if (known && isEdited(known) && known.text !== text) change(application, path, { isBehind: true });
  else change(application, path, { text, original: text, tag, isBehind: false });
}

/** Throws what was written away, and shows the file as it is on the disk. */
export async function revert(application: string, path: string): Promise<void> {
  const known = draftOf(application, path);
  if (known) change(application, path, { text: known.original, tag: "" });
  await read(application, path);
}

/** Saves a draft on the disk. Rejects with AskError; `file_changed` where the file has changed there meanwhile. */
export async function saveDraft(application: string, path: string): Promise<void> {
  const draft = draftOf(application, path);
  if (!draft) return;
  const { text, tag } = draft;
  try {
    const saved = await ask<{ tag: string }>("PUT", api(application, "file"), { path, text, tag });
    change(application, path, { original: text, tag: saved.tag, isBehind: false });
  } catch (error) {
    if ((error as AskError).code === "file_changed") change(application, path, { isBehind: true });
    throw error;
  }
}

/** Takes the state on the disk for known, so that the next save goes over it. */
export async function overwrite(application: string, path: string): Promise<void> {
  const { text, tag } = await fetchFile(application, path);
  change(application, path, { original: text, tag, isBehind: false });
  await saveDraft(application, path);
}

function fetchFile(application: string, path: string): Promise<{ text: string; tag: string }> {
  return ask("GET", `${api(application, "file")}?${new URLSearchParams({ path })}`);
}

function change(application: string, path: string, part: Partial<Draft>): void {
  const before = draftOf(application, path) ?? {
    path,
    text: "",
    original: "",
    tag: "",
    isBehind: false,
  };
  const files = new Map(drafts.value.get(application)).set(path, { ...before, ...part });
  drafts.value = new Map(drafts.value).set(application, files);
}
