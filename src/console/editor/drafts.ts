/** Files of applications as they are in the editor, kept while the page is open. */
import { signal } from "@preact/signals";
import { type AskError, api, request } from "../server/ask.ts";

/** A file in the editor. */
export interface Draft {
  readonly path: string;
  readonly text: string;
  /** As it was read or saved last. */
  readonly original: string;
  /** What the server knows that state of it by; undefined for a file that is new. */
  readonly tag: string | undefined;
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

/** The texts that differ from the disk, by path. */
export function editedFiles(application: string): Record<string, string> {
  const edited = [...(drafts.value.get(application)?.values() ?? [])].filter(isEdited);
  return Object.fromEntries(edited.map(({ path, text }) => [path, text]));
}

/** Keeps what was written. */
export function write(application: string, path: string, text: string): void {
  change(application, path, { text });
}

/** Reads a file anew: who has not written in it sees it as it is, who has is told. Rejects with AskError. */
export async function read(application: string, path: string): Promise<void> {
  const answer = await request("GET", addressOf(application, path));
  const text = await answer.text();
  const tag = answer.headers.get("etag") ?? undefined;
  const known = draftOf(application, path);
  if (known?.tag === tag && known !== undefined) return;
  if (known && isEdited(known) && known.text !== text) change(application, path, { isBehind: true });
  else change(application, path, { text, original: text, tag, isBehind: false });
}

/** Throws what was written away, and shows the file as it is on the disk. */
export async function revert(application: string, path: string): Promise<void> {
  const known = draftOf(application, path);
  if (known) change(application, path, { text: known.original, tag: undefined });
  await read(application, path);
}

/** Saves a draft on the disk. Rejects with AskError; with 412 the file has changed there meanwhile. */
export async function saveDraft(application: string, path: string): Promise<void> {
  const draft = draftOf(application, path);
  if (!draft) return;
  const { text, tag } = draft;
  const headers: Record<string, string> = tag === undefined ? { "if-none-match": "*" } : { "if-match": tag };
  try {
    const answer = await request("PUT", addressOf(application, path), {
      body: text,
      type: "text/plain",
      headers,
    });
    change(application, path, {
      original: text,
      tag: answer.headers.get("etag") ?? undefined,
      isBehind: false,
    });
  } catch (error) {
    if ((error as AskError).status === 412) change(application, path, { isBehind: true });
    throw error;
  }
}

/** Takes the state on the disk for known, so that the next save goes over it. */
export async function overwrite(application: string, path: string): Promise<void> {
  const answer = await request("GET", addressOf(application, path));
  change(application, path, {
    original: await answer.text(),
    tag: answer.headers.get("etag") ?? undefined,
    isBehind: false,
  });
  await saveDraft(application, path);
}

function change(application: string, path: string, part: Partial<Draft>): void {
  const before = draftOf(application, path) ?? {
    path,
    text: "",
    original: "",
    tag: undefined,
    isBehind: false,
  };
  const files = new Map(drafts.value.get(application)).set(path, { ...before, ...part });
  drafts.value = new Map(drafts.value).set(application, files);
}

function addressOf(application: string, path: string): string {
  return `${api(application, "files")}/${path.split("/").map(encodeURIComponent).join("/")}`;
}
