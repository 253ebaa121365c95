/**
 * Whether this program is one executable, and not a `mod.ts` that a runtime runs. Bun's compiled modules have addresses
 * that only the executable can read; one compiled by Deno is not called `deno`.
 */
export function isExecutable(): boolean {
  if (/\$bunfs|~BUN/.test(import.meta.url)) return true;
  return process.versions.deno !== undefined && !/(^|[\\/])deno(\.exe)?$/.test(process.execPath);
}
