import type { Platform } from "./platform.ts";

/** Resolves with the platform of the runtime that runs this, and loads no other; rejects if there is none for it. */
export async function currentPlatform(): Promise<Platform> {
  if ("Bun" in globalThis) return (await import("./bun/listener.ts")).bun;
  if ("Deno" in globalThis) return (await import("./deno/listener.ts")).deno;
  throw new Error("Cannot choose a platform: this runtime is neither Bun nor Deno.");
}
