import packageJson from "../../package.json" with { type: "json" };

/** The commit and its date, which the compiler puts in; there is none where the sources run. */
declare const HOTROOM_COMMIT: string | undefined;

/** Returns the version, with commit and date where it is an executable: `0.1.0 (1a2b3c4, 2026-11-29)`. */
export function versionText(): string {
  const commit = typeof HOTROOM_COMMIT === "undefined" ? "" : HOTROOM_COMMIT;
  return commit ? `${packageJson.version} (${commit})` : packageJson.version;
}
