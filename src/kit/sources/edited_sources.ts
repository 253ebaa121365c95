import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { BuildError } from "../../core/errors.ts";
import type { Ceilings } from "../../core/application/ceilings.ts";
import { readSettings, settingsFile, settingsFileText } from "../../source/read/settings_file.ts";
import type { Sources } from "../../source/read/sources.ts";

/** UTF-16 units of text that one edit may have. */
const MOST_UNITS = 4 * 1024 * 1024;

/** Returns sources after an edit: files by path, null for one that is gone. Throws BuildError where the settings can't be used. */
export function editedSources(
  sources: Sources,
  edits: Readonly<Record<string, string | null>>,
  oneFile: boolean,
  ceilings?: Ceilings,
): Sources {
  const files = new Map(sources.files);
  let { settings, hasSettingsFile } = sources;
  const size = Object.values(edits).reduce((sum, text) => sum + (text?.length ?? 0), 0);
  if (size > MOST_UNITS)
    throw new BuildError(`Cannot take the edit: it is too large, ${size} characters of ${MOST_UNITS}.`);
  for (const [path, text] of Object.entries(edits)) {
    if (path === settingsFile) {
      hasSettingsFile = text !== null;
      settings = readSettings(text === null ? undefined : settingsFileText(text), oneFile, ceilings);
    } else if (text === null) files.delete(path);
    else files.set(path, text);
  }
  const hash = createHash("sha256").update(JSON.stringify([sources.hash, edits]));
  return {
    ...sources,
    files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))),
    settings,
    hasSettingsFile,
    size: [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    hash: hash.digest("hex"),
  };
}
