import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How long a browser may take to come up and read the file, ms. */
const KEPT_MS = 60_000;

/**
 * Writes a page that leads to an address, into a folder of its own, both for this user alone; returns its path. It goes after a minute, or
 * with this process. Throws where there is no place for it.
 */
export function openingFile(address: string): string {
  const folder = mkdtempSync(join(tmpdir(), "hotroom-console-")); // 0700
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  setTimeout(() => {
    process.off("exit", remove);
    remove();
  }, KEPT_MS).unref();
  const path = join(folder, "console.html");
  writeFileSync(path, pageTo(address), { mode: 0o600, flag: "wx" });
  return path;
}

function pageTo(address: string): string {
  const url = new URL(address).href.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<title>hotroom</title>
<a href="${url}">The console</a>
`;
}
