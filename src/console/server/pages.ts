/** Which applications have pages, and where. */
import { signal } from "@preact/signals";
import { api, ask } from "./ask.ts";

/** Path of each application's page, by its name; undefined where it has none. */
const paths = signal<ReadonlyMap<string, string | undefined>>(new Map());
/** The version for which that was asked. */
const asked = new Map<string, string | undefined>();

/** Returns the path of an application's page; undefined where it has none, and while that is not known. Asks once a version. */
export function pageOf({
  name,
  version,
}: {
  name: string;
  version?: string | undefined;
}): string | undefined {
  if (!asked.has(name) || asked.get(name) !== version) {
    asked.set(name, version);
    queueMicrotask(() => askPage(name));
  }
  return paths.value.get(name);
}

/** Has the page of an application asked for again: its first one has come, or its last one has gone. */
export function forgetPage(name: string): void {
  if (asked.has(name)) askPage(name);
}

async function askPage(name: string): Promise<void> {
  try {
    const { pages } = await ask<{ pages?: string }>("GET", api(name));
    // It becomes an address in the console, and came from the server alone; still only what is below `/apps/` is one.
    paths.value = new Map(paths.value).set(name, pages?.startsWith("/apps/") ? pages : undefined);
  } catch {
    asked.delete(name);
  }
}
