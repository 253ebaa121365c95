/** What the session may do. */
import { signal } from "@preact/signals";
import { ask } from "./ask.ts";

/** What a token can allow. */
export type Scope = "read" | "operate" | "edit";

/** All of it where the server does not say: then it refuses what is not allowed. */
const scopes = signal<readonly Scope[]>(["read", "operate", "edit"]);

/** Asks the server what the session may do. */
export async function askRights(): Promise<void> {
  try {
    scopes.value = (await ask<{ scopes: Scope[] }>("GET", "/api/session")).scopes;
  } catch {
    // Then whatever is not allowed is refused when it is tried.
  }
}

/** Returns true if the session may do that. */
export function may(scope: Scope): boolean {
  return scopes.value.includes(scope);
}
