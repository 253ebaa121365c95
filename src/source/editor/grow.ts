import { lstat, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../core/errors.ts";
import { fileNameFault, isFileName } from "../../protocol/names.ts";
import { BESIDE, PUBLIC } from "../read/discovery.ts";
import { settingsFile } from "../read/settings_file.ts";

/** What an application in one file has without a word, and a folder has not: its rooms are made by joining. */
const settings = `{ "rooms": "join" }\n`;

/**
 * Makes a folder of an application in one file: its script is the room type of its name, its pages and its test come along. What runs goes
 * on, since the application is there under its name all the time. Resolves with the paths that were made, from the extensions folder on.
 * Rejects with an Error where that can't be done; then all is as it was.
 */
export async function growApplication(extensions: string, name: string): Promise<string[]> {
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

  // Hidden, so that no server takes it for an application before it is whole.
  const draft = at(`.${name}.grow-${process.pid}`);
  const done: (() => Promise<void>)[] = [];
  try {
    await mkdir(join(draft, "rooms"), { recursive: true });
    if (!hasPages) await mkdir(join(draft, PUBLIC));
    await writeFile(join(draft, settingsFile), settings);
    for (const [from, to] of moves) {
      await rename(at(from), join(draft, to));
      done.unshift(() => rename(join(draft, to), at(from)));
    }
    await rename(draft, at(name));
  } catch (error) {
    for (const undo of done) await undo();
    await rm(draft, { recursive: true, force: true });
    throw cannot(messageOf(error));
  }
  return [...moves.map(([, to]) => to), ...(hasPages ? [] : [PUBLIC]), settingsFile].map((path) =>
    join(name, path),
  );
}

async function kindOf(path: string): Promise<"link" | "other" | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  return stats && (stats.isSymbolicLink() ? "link" : "other");
}
