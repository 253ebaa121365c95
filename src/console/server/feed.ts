/** The feed of edits over all applications, and why each application runs the version that it runs. */
import { signal } from "@preact/signals";
import type { FailureView } from "../../core/errors.ts";
import type { VersionsView } from "../../core/view/version_control.ts";
import { api, ask } from "./ask.ts";
import { lookForInvitation } from "./invitations.ts";
import { lookForPage } from "./pages.ts";
import { follow } from "./stream.ts";

/** What an edit came to, step by step; entries of one save of scripts have the same version, one of pages has none. */
export interface Edit {
  readonly id: number;
  readonly application: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly kind: string;
  readonly version?: string;
  readonly files?: readonly string[];
  readonly gone?: readonly string[];
  /** Files that are not named. */
  readonly more?: number;
  readonly ms?: number;
  readonly error?: FailureView;
  readonly from?: string;
  readonly to?: string;
  readonly rooms?: number;
  readonly kept?: number;
  readonly tried?: number;
  readonly failed?: number;
  readonly changed?: number;
  readonly room?: string | null;
  /** A room type; null: the application's extension. */
  readonly type?: string | null;
  readonly reason?: string;
  readonly policy?: string;
}

/** Entries that the page keeps. */
const MOST_EDITS = 400;

/** Newest first. */
export const edits = signal<readonly Edit[]>([]);
/** What is known of the versions of each application, by name. */
export const versions = signal<ReadonlyMap<string, VersionsView>>(new Map());

/** Begins to follow the feed. */
export function followEdits(): void {
  const hear = ({ entries }: { entries: Edit[] }) => {
    const known = new Set(edits.value.map(keyOf));
    const fresh = entries.filter((entry) => !known.has(keyOf(entry)));
    if (fresh.length === 0) return;
    edits.value = [...fresh.reverse(), ...edits.value]
      .toSorted((a, b) => b.at - a.at || b.id - a.id)
      .slice(0, MOST_EDITS);
    for (const name of new Set(fresh.map(({ application }) => application))) {
      askVersions(name);
      lookForPage(name);
      lookForInvitation(name);
    }
  };
  follow(() => "/api/live?feed=0", { feed: hear });
}

/** The number of an application's newest edit of pages; undefined where none is known. */
export function lastPagesEdit(application: string): number | undefined {
  return edits.value.find((edit) => edit.kind === "pages" && edit.application === application)?.id;
}

/** Asks for the versions of an application. */
export async function askVersions(name: string): Promise<void> {
  try {
    const found = await ask<VersionsView>("GET", api(name, "versions"));
    versions.value = new Map(versions.value).set(name, found);
  } catch {
    // None runs, or the server is away: the overview says so.
    const rest = new Map(versions.value);
    if (rest.delete(name)) versions.value = rest;
  }
}

/** A server that was started again begins anew with its numbers. */
function keyOf({ id, at }: Edit): string {
  return `${id} ${at}`;
}
