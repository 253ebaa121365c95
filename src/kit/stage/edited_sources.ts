import { createHash } from "node:crypto";
import { BuildError } from "../../core/errors.ts";
import type { Ceilings } from "../../core/application/ceilings.ts";
import { readSettings, settingsFile } from "../../source/read/settings_file.ts";
import type { Sources } from "../../source/read/sources.ts";

/** Bytes of text that one edit may have. */
const MOST_UNITS = 4 * 1024 * 1024;

/** Returns sources after an edit: files by path, null for one that is gone. Throws BuildError where the settings can't be used. */
export function editedSources(
  sources: Sources,
  edits: Readonly<Record<string, string | null>>,
  oneFile: boolean,
  ceilings?: Ceilings,
): Sources {
  const files = new Map(sources.files);
  let { settings } = sources;
  const size = Object.values(edits).reduce((sum, text) => sum + (text?.length ?? 0), 0);
  if (size > MOST_UNITS) throw new BuildError(`The edit is too large: ${size} characters of ${MOST_UNITS}.`);
  for (const [path, text] of Object.entries(edits)) {
    if (path === settingsFile) settings = readSettings(text ?? undefined, oneFile, ceilings);
    else if (text === null) files.delete(path);
    else files.set(path, text);
  }
  const hash = createHash("sha256").update(JSON.stringify([sources.hash, edits]));
  return {
    files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))),
    settings,
    hash: hash.digest("hex"),
  };
}
