import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { BuildError, messageOf } from "../../core/errors.ts";
import { type Ceilings, ceilingsOf } from "../../core/application/ceilings.ts";
import type { Settings } from "../../core/application/settings.ts";
import { type FoundApplication, type FoundFile, stampOf } from "../find/found_application.ts";
import { openBelow } from "./opened_file.ts";
import { readSettings, settingsFile, settingsFileText } from "./settings_file.ts";

/** What the files of one application held at one time. */
export interface Sources {
  /** Text by path, as written but for a byte order mark; without `hotroom.json`. */
  readonly files: ReadonlyMap<string, string>;
  /** What `hotroom.json` says, else the defaults: a script may export others. */
  readonly settings: Settings;
  /** Whether there is a `hotroom.json`. */
  readonly hasSettingsFile: boolean;
  /** The most that settings may ask for. */
  readonly ceilings: Ceilings;
  /** Bytes of the files. */
  readonly size: number;
  /** SHA-256 of all paths and contents, `hotroom.json` included, as hex. */
  readonly hash: string;
}

/** An error that says: a file was being written while it was read, and has to be looked at again. */
export class Unsettled extends Error {
  override readonly name = "Unsettled";

  /** `file` is its path as it is shown. */
  constructor(file: string) {
    super(`${file} keeps changing while it is read`);
  }
}

/** Bytes of a `hotroom.json`, which the server itself parses. */
const MAX_SETTINGS_BYTES = 64 * 1024;

/**
 * Resolves with what an application's files hold. Rejects with Unsettled where one changed meanwhile, and with BuildError
 * where one is no text or can't be read, where all are more than `limits.source`, or `hotroom.json` can't be used or asks for
 * more than `ceilings` allow. Nothing that is too large is read.
 */
export async function readSources(
  found: FoundApplication,
  ceilings: Ceilings = ceilingsOf(),
): Promise<Sources> {
  if (found.error) throw found.error;
  const settingsOn = found.oneFile ? undefined : found.files.find((file) => file.path === settingsFile);
  if (settingsOn && settingsOn.size > MAX_SETTINGS_BYTES) {
    throw new BuildError(
      `${found.name}/${settingsFile} is too large: ${settingsOn.size} bytes of ${MAX_SETTINGS_BYTES}.`,
    );
  }
  const written = settingsOn && (await read(settingsOn, found));
  const settings = readSettings(
    written === undefined ? undefined : settingsFileText(written),
    found.oneFile,
    ceilings,
  );
  const sources = found.files.filter((file) => file !== settingsOn);
  const size = sources.reduce((sum, file) => sum + file.size, 0);
  // A script may say that there may be more than the default, so it has to be read first.
  checkSize(found, size, written === undefined ? ceilings.source : settings.limits.source);
  const texts = await Promise.all(sources.map((file) => read(file, found)));
  const files = new Map(sources.map((file, index) => [file.path, texts[index] ?? ""]));
  const entry = written === undefined ? entryOf(found) : undefined;
  if (entry === undefined || !(files.get(entry) ?? "").includes("settings"))
    checkSize(found, size, settings.limits.source);
  const hash = createHash("sha256");
  const all = written === undefined ? files : new Map([...files, [settingsFile, written]]);
  for (const [path, text] of all) hash.update(`${path}\0${text.length}\0${text}\0`);
  const hasSettingsFile = written !== undefined;
  return { files, settings, hasSettingsFile, ceilings, size, hash: hash.digest("hex") };
}

/** Returns the path of the script that may export the application's settings; undefined where there is none. */
export function entryOf({ oneFile, files }: FoundApplication): string | undefined {
  if (oneFile) return files[0]?.path;
  return ["app.ts", "app.js"].find((path) => files.some((file) => file.path === path));
}

/** Throws a BuildError where the sources of an application are larger than its settings allow, bytes. */
export function checkSize({ name }: FoundApplication, size: number, limit: number): void {
  if (size <= limit) return;
  throw new BuildError(
    `Application "${name}" is too large: its source files have ${size} bytes, limits.source allows ${limit}.`,
  );
}

/** Resolves with the text of a file that stayed the same from when it was found until after it was read. */
async function read(file: FoundFile, found: FoundApplication): Promise<string> {
  if (file.text !== undefined) return file.text;
  let bytes: Uint8Array;
  let after: string;
  try {
    const { file: opened } = await openBelow(rootOf(found), file.absolute);
    try {
      bytes = await opened.readFile();
      after = stampOf(await stat(file.absolute));
    } finally {
      await opened.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new Unsettled(shown(file, found));
    throw new BuildError(`Cannot read ${shown(file, found)}: ${messageOf(error)}`);
  }
  if (after !== file.stamp || bytes.byteLength !== file.size) throw new Unsettled(shown(file, found));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new BuildError(`Cannot read ${shown(file, found)}: it is not UTF-8 text.`);
  }
}

function shown(file: FoundFile, found: FoundApplication): string {
  return found.oneFile ? file.path : `${found.name}/${file.path}`;
}

/** The extensions folder, as it is named. */
export function rootOf({ oneFile, files }: FoundApplication): string {
  const [first] = files;
  if (!first) throw new RangeError("An application without files is in no folder.");
  const above = oneFile ? 1 : first.path.split("/").length + 1;
  let folder = first.absolute;
  for (let n = 0; n < above; n++) folder = dirname(folder);
  return folder;
}

/** Resolves with whether the files of an application, and the folders that they lie in, are still what they were when it was found. */
export async function areUnchanged({ files, folders = [] }: FoundApplication): Promise<boolean> {
  const onDisk = [...files.filter(({ text }) => text === undefined), ...folders];
  const same = onDisk.map(({ absolute, stamp }) =>
    stat(absolute).then(
      (stats) => stampOf(stats) === stamp,
      () => false,
    ),
  );
  return (await Promise.all(same)).every(Boolean);
}
