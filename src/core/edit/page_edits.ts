import { excerpt, ownExcerpt } from "../excerpt.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { printable } from "../printable.ts";
import type { EditFeed } from "./edit_feed.ts";

/** Files of an application's pages that differ from before, by paths as `public/index.html`: those that are there, and those that are gone. */
export interface PageEdit {
  readonly files: readonly string[];
  readonly gone: readonly string[];
}

/** Time without another save until an edit is told, and the longest that saves put that off, ms. */
const QUIET_MS = 250;
const LONGEST_MS = 2000;
/** Files that are held until then; what is over is neither named nor counted. */
const MAX_HELD = 1000;
/** Files that the feed names, and the log; and characters of a name. */
const MOST_FILES = 50;
const MOST_LOGGED = 3;
const MOST_CHARACTERS = 200;

/** An edit whose saves may go on; its files by path, each with whether it is gone. */
interface Saving {
  readonly files: Map<string, boolean>;
  readonly since: number;
  cancel: () => void;
}

/** Tells of edits of pages, in the log and in the feed: they are no version of scripts. Saves in quick succession are one edit. */
export class PageEdits {
  readonly #saving = new Map<string, Saving>();

  constructor(
    private readonly deps: { readonly log: Log; readonly clock: Clock },
    private readonly feed: EditFeed,
  ) {}

  /** Takes what has changed of an application's pages; it is told once all is quiet. */
  add(application: string, { files, gone }: PageEdit): void {
    const { clock } = this.deps;
    const now = clock.monotonic();
    const known = this.#saving.get(application);
    const saving = known ?? { files: new Map(), since: now, cancel: () => {} };
    for (const path of files) hold(saving.files, path, false);
    for (const path of gone) hold(saving.files, path, true);
    saving.cancel();
    const wait = Math.max(0, Math.min(QUIET_MS, saving.since + LONGEST_MS - now));
    saving.cancel = clock.after(wait, () => this.#tell(application, saving));
    this.#saving.set(application, saving);
  }

  /** Tells of nothing any more. */
  close(): void {
    for (const { cancel } of this.#saving.values()) cancel();
    this.#saving.clear();
  }

  #tell(application: string, saving: Saving): void {
    this.#saving.delete(application);
    const paths = [...saving.files.keys()].sort();
    const files = paths.filter((path) => !saving.files.get(path));
    const gone = paths.filter((path) => saving.files.get(path));
    const parts = [
      ...(files.length > 0 ? [`Pages changed: ${listed(files)}.`] : []),
      ...(gone.length > 0 ? [`Pages gone: ${listed(gone)}.`] : []),
    ];
    this.deps.log("info", parts.join(" "), { application });
    const named = files.slice(0, MOST_FILES);
    const namedGone = gone.slice(0, MOST_FILES - named.length);
    const more = paths.length - named.length - namedGone.length;
    this.feed.add(application, {
      kind: "pages",
      files: named.map(short),
      gone: namedGone.map(short),
      ...(more > 0 && { more }),
    });
  }
}

function hold(files: Map<string, boolean>, path: string, isGone: boolean): void {
  if (files.has(path) || files.size < MAX_HELD) files.set(path, isGone);
}

function short(path: string): string {
  return ownExcerpt(path, MOST_CHARACTERS);
}

/** Returns the first of the files in words: authors, and their tools, chose how many there are and their names. */
function listed(paths: readonly string[]): string {
  const names = paths.slice(0, MOST_LOGGED).map((path) => printable(excerpt(path, MOST_CHARACTERS)));
  const rest = paths.length - names.length;
  return `${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
