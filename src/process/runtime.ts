/** The runtime that runs this program; an executable has one inside. */
export const runtime: "bun" | "deno" = process.versions.deno === undefined ? "bun" : "deno";
