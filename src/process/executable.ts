import { runtime } from "./runtime.ts";

/**
 * Returns true if this program is one executable, and not a `mod.ts` that a runtime runs. Bun's compiled modules have
 * addresses that only the executable can read; one compiled by Deno is not called `deno`.
 */
export function isExecutable(): boolean {
  if (runtime === "bun") return /\$bunfs|~BUN/.test(import.meta.url);
  return !/(^|[\\/])deno(\.exe)?$/.test(process.execPath);
}
