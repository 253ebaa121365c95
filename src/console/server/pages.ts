/** Which applications have pages, and where. */
import { api, ask } from "./ask.ts";
import { PerVersion, type Versioned } from "./per_version.ts";

const pages = new PerVersion(async (name) => {
  const { pages } = await ask<{ pages?: string }>("GET", api(name));
  // It becomes an address in the console, and came from the server alone; still only what is below `/apps/` is one.
  return pages?.startsWith("/apps/") ? pages : undefined;
});

/** Returns the path of an application's page; undefined where it has none, and while that is not known. */
export function pageOf(application: Versioned): string | undefined {
  return pages.of(application);
}

/** Has that asked for again: an edit may have brought a page, or taken the last one. */
export function lookForPage(name: string): void {
  pages.again(name);
}
