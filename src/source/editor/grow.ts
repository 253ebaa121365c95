import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { BuildError, messageOf } from "../../core/errors.ts";
import { fileNameFault, isFileName } from "../../protocol/names.ts";
import { StripTurn } from "../compile/strip_queue.ts";
import type { Stripper } from "../compile/stripper.ts";
import { BESIDE, PUBLIC } from "../find/file_names.ts";
import { settingsFile } from "../read/settings_file.ts";

/** What an application in one file has without a word, and a folder has not: its rooms are made by joining. */
const usual = { rooms: "join" };

/** What a folder was made of. */
export interface Growth {
  /** Paths from the extensions folder on. */
  readonly made: readonly string[];
  /** The script, where it exports settings, which nobody reads there any more. */
  readonly exporting?: string;
  /** Files that still have the script at its old place, from the extensions folder on, with what they call it. */
  readonly stale: readonly { readonly file: string; readonly old: string; readonly now: string }[];
}

/** Bytes of a file that is looked into; a longer one comes along as it is. */
const MAX_LOOKED_AT = 1024 * 1024;
/** How many files of its pages are looked into. */
const MAX_FILES = 200;

/**
 * Makes a folder of an application in one file: its script is the room type of its name, its pages and its test come along. What runs goes
 * on, since the application is there under its name all the time. What settings the script exports become its settings file. Rejects with an
 * Error where that can't be done; then all is as it was.
 */
export async function growApplication(extensions: string, name: string, stripper: Stripper): Promise<Growth> {
  const cannot = (why: string) => new Error(`Cannot grow "${name}": ${why}.`);
  if (!isFileName(name)) throw cannot(`it ${fileNameFault(name)}`);
  const at = (...path: string[]) => join(extensions, ...path);
  const found = await Promise.all([`${name}.ts`, `${name}.js`].map((file) => kindOf(at(file))));
  const [script, more] = [`${name}.ts`, `${name}.js`].filter((_, index) => found[index] !== undefined);
  if ((await kindOf(at(name))) !== undefined)
    throw cannot(script ? `${at(name)} is there already` : `${at(name)} is a folder already`);
  if (!script) throw cannot(`there is no ${name}.ts in ${extensions}`);
  if (more) throw cannot(`there are both ${script} and ${more}`);
  const pages = name + BESIDE;
  const test = script.replace(/(?=\.[jt]s$)/, ".test");
  const moves: [from: string, to: string][] = [[script, join("rooms", script)]];
  if ((await kindOf(at(test))) !== undefined) moves.push([test, join("rooms", test)]);
  const hasPages = (await kindOf(at(pages))) !== undefined;
  if (hasPages) moves.push([pages, PUBLIC]);
  for (const [from] of moves)
    if ((await kindOf(at(from))) === "link") throw cannot(`${from} is a link, and would lead elsewhere`);
  const own = await settingsOf(at(script), script, stripper).catch((error: unknown) => {
    throw cannot(messageOf(error));
  });

  // Hidden, so that no server takes it for an application before it is whole.
  const draft = at(`.${name}.grow-${process.pid}`);
  const done: (() => Promise<void>)[] = [];
  try {
    await mkdir(join(draft, "rooms"), { recursive: true });
    if (!hasPages) await mkdir(join(draft, PUBLIC));
    await writeFile(join(draft, settingsFile), `${JSON.stringify({ ...usual, ...own }, null, 2)}\n`);
    for (const [from, to] of moves) {
      await rename(at(from), join(draft, to));
      done.unshift(() => rename(join(draft, to), at(from)));
    }
    const typed = hasPages ? await leadToTypes(join(draft, PUBLIC, "tsconfig.json")) : undefined;
    if (typed) done.unshift(typed);
    await rename(draft, at(name));
  } catch (error) {
    for (const undo of done) await undo();
    await rm(draft, { recursive: true, force: true });
    throw cannot(messageOf(error));
  }
  const made = [...moves.map(([, to]) => to), ...(hasPages ? [] : [PUBLIC]), settingsFile];
  return {
    made: made.map((path) => join(name, path)),
    ...(own && { exporting: join(name, "rooms", script) }),
    stale: await staleIn(at(name), script),
  };
}

/**
 * Has a `tsconfig.json` that extends `../.hotroom/pages.json` find it one folder further down; resolves with what takes that back,
 * undefined where there is nothing to do.
 */
async function leadToTypes(path: string): Promise<(() => Promise<void>) | undefined> {
  const text = await textOf(path);
  const led = text?.replace('"../.hotroom/', '"../../.hotroom/');
  if (text === undefined || led === undefined || led === text) return undefined;
  await writeFile(path, led);
  return () => writeFile(path, text);
}

/** Resolves with the files of a folder that was made which name the script as it lay beside it: pages by an import, its test by an edit. */
async function staleIn(folder: string, script: string): Promise<Growth["stale"]> {
  const pages = await readdir(join(folder, PUBLIC), { withFileTypes: true });
  const modules = pages.filter((each) => each.isFile() && /\.[jt]s$/.test(each.name)).slice(0, MAX_FILES);
  const test = join("rooms", script.replace(/(?=\.[jt]s$)/, ".test"));
  const looked = [
    ...modules.map(({ name }) => ({
      file: join(PUBLIC, name),
      old: `../${script}`,
      now: `../rooms/${script}`,
    })),
    { file: test, old: script, now: `rooms/${script}` },
  ];
  const texts = await Promise.all(looked.map(({ file }) => textOf(join(folder, file))));
  return looked
    .filter(({ old }, index) => texts[index]?.includes(JSON.stringify(old)))
    .map((each) => ({ ...each, file: join(basename(folder), each.file) }));
}

/** Resolves with the text of a file; undefined where there is none, or it is a link or too long. */
async function textOf(path: string): Promise<string | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isFile() && stats.size <= MAX_LOOKED_AT ? await readFile(path, "utf8") : undefined;
}

/** Resolves with the settings that a script exports; undefined where it exports none. Rejects where they, or it, can't be read. */
async function settingsOf(path: string, script: string, stripper: Stripper): Promise<object | undefined> {
  const source = await readFile(path, "utf8");
  const { settings } = await stripper.strip(new StripTurn(script), script, source);
  if (!settings) return undefined;
  if ("fault" in settings) throw BuildError.at(script, source, settings.offset, settings.fault);
  return JSON.parse(settings.json) as object;
}

async function kindOf(path: string): Promise<"link" | "other" | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  return stats && (stats.isSymbolicLink() ? "link" : "other");
}
