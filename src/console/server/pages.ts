/** Which applications have pages, and where; and which line of theirs wants to be edited first. */
import { signal } from "@preact/signals";
import { api, ask } from "./ask.ts";

/** A line of a file, 1-based. */
export interface Invitation {
  readonly path: string;
  readonly line: number;
}

/** What was found of an application's files. */
interface Found {
  readonly page?: string | undefined;
  readonly invitation?: Invitation | undefined;
}

/** What is asked of an application: its version says when again. */
interface Asked {
  readonly name: string;
  readonly version?: string | undefined;
}

const found = signal<ReadonlyMap<string, Found>>(new Map());
/** The version for which that was asked, by application. */
const asked = new Map<string, string | undefined>();

/** Returns the path of an application's page; undefined where it has none, and while that is not known. */
export function pageOf(application: Asked): string | undefined {
  return foundOf(application)?.page;
}

/** Returns the line of an application that its author asks to be edited first; undefined where there is none, and while that is not known. */
export function invitationOf(application: Asked): Invitation | undefined {
  return foundOf(application)?.invitation;
}

/** Has that asked for again: an edit of any kind may have brought a page, taken the last one, moved the line. */
export function lookAgain(name: string): void {
  if (asked.has(name)) askFiles(name);
}

/** Asks once a version. */
function foundOf({ name, version }: Asked): Found | undefined {
  if (!asked.has(name) || asked.get(name) !== version) {
    asked.set(name, version);
    queueMicrotask(() => askFiles(name));
  }
  return found.value.get(name);
}

async function askFiles(name: string): Promise<void> {
  try {
    const [{ pages }, { invitation }] = await Promise.all([
      ask<{ pages?: string }>("GET", api(name)),
      ask<{ invitation?: Invitation }>("GET", api(name, "files")),
    ]);
    // It becomes an address in the console, and came from the server alone; still only what is below `/apps/` is one.
    const page = pages?.startsWith("/apps/") ? pages : undefined;
    found.value = new Map(found.value).set(name, { page, invitation });
  } catch {
    asked.delete(name);
  }
}
