import type { Platform } from "./platform.ts";

/** The platform of the runtime that runs this; only that runtime's module is loaded. Throws on any other runtime. */
export async function currentPlatform(): Promise<Platform> {
  if ("Bun" in globalThis) return (await import("./bun/listener.ts")).bun;
  if ("Deno" in globalThis) return (await import("./deno/listener.ts")).deno;
  throw new Error("Cannot choose a platform: this runtime is neither Bun nor Deno.");
}
