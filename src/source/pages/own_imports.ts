import { join } from "node:path";
import { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import { pathFrom } from "../../core/module_resolution.ts";
import { lineAt } from "../../core/source_position.ts";
import { isHidden, PUBLIC } from "../find/file_names.ts";
import { PageFile } from "./page_file.ts";
import { pageFiles, type PageFolders } from "./page_folders.ts";
import { isPageModule } from "./page_imports.ts";
import { type PageModules, shownError } from "./page_modules.ts";

/** Characters of an import in an error. */
const MAX_SHOWN = 500;
/** Documents that are looked through, and bytes of one. */
const MAX_DOCUMENTS = 1000;
const MAX_DOCUMENT_BYTES = 1024 * 1024;
/** A script of a document that is a file of its own; what is longer is passed over, so that no text takes long. */
const scripts = /<script\b[^>]{0,500}?\ssrc\s{0,9}=\s{0,9}(?:"([^"]{1,500})"|'([^']{1,500})')/gi;

/** Resolves with the imports of an application's pages that lead to a page which is not there: browsers get 404 for it. */
export async function deadImports(
  application: string,
  folders: PageFolders,
  modules: PageModules,
): Promise<BuildError[]> {
  const errors: BuildError[] = [];
  const own = (await pageFiles(folders)).filter(isPageModule).sort();
  for (const each of own) {
    const path = `${PUBLIC}/${each}`;
    const place = { application, folders, path };
    const file = await pageAt(folders, path);
    const { source, imports } = (file && (await modules.imports(place, file))) ?? { source: "", imports: [] };
    for (const { specifier, line, column } of imports) {
      const target = ownPath(application, path, specifier);
      if (target === undefined || (await pageAt(folders, target))) continue;
      const message = `Cannot import ${JSON.stringify(excerpt(specifier, MAX_SHOWN))}: there is no such file.`;
      errors.push(
        shownError(place, new BuildError(message, { file: path, line, column }, lineAt(source, line))),
      );
    }
  }
  return errors;
}

/** Resolves with the scripts of an application's documents that are not there; what a document says of its base is taken for another place. */
export async function deadScripts(application: string, folders: PageFolders): Promise<BuildError[]> {
  const errors: BuildError[] = [];
  const documents = (await pageFiles(folders)).filter((name) => /\.html?$/.test(name)).sort();
  for (const each of documents.slice(0, MAX_DOCUMENTS)) {
    const path = `${PUBLIC}/${each}`;
    const file = await pageAt(folders, path);
    if (!file || file.size > MAX_DOCUMENT_BYTES) continue;
    const text = new TextDecoder().decode(await file.bytes());
    if (/<base\b/i.test(text)) continue;
    for (const { index, 0: found, 1: one, 2: other } of withoutComments(text).matchAll(scripts)) {
      const address = one ?? other ?? "";
      const isAddress = /^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(address);
      const target = ownPath(application, path, isAddress ? address : `./${address}`);
      if (target === undefined || (await pageAt(folders, target))) continue;
      const message = `There is no file ${JSON.stringify(address)}.`;
      const at = index + found.length - address.length - 1;
      errors.push(shownError({ application, folders, path }, BuildError.at(path, text, at, message)));
    }
  }
  return errors;
}

/** Returns a document whose comments are blank. */
function withoutComments(text: string): string {
  let blank = "";
  let end = 0;
  for (let at = text.indexOf("<!--"); at >= 0; at = text.indexOf("<!--", end)) {
    const close = text.indexOf("-->", at);
    const next = close < 0 ? text.length : close + 3;
    blank += text.slice(end, at) + " ".repeat(next - at);
    end = next;
  }
  return blank + text.slice(end);
}

/** Returns the path in the application's folder of what a browser asks for, where that lies in `public/`. */
function ownPath(application: string, from: string, specifier: string): string | undefined {
  const plain = decoded(specifier.replace(/[?#].*$/s, ""));
  const root = `/apps/${application}/`;
  const isOwn = plain?.startsWith(root) && !plain.startsWith(`${root}lib/`);
  const path = isOwn
    ? `${PUBLIC}/${plain?.slice(root.length)}`
    : plain && /^\.\.?\//.test(plain)
      ? pathFrom(from, plain)
      : undefined;
  // What is in lib/ there is that of the application.
  return path?.startsWith(`${PUBLIC}/`) && !path.startsWith(`${PUBLIC}/lib/`) ? path : undefined;
}

function decoded(address: string): string | undefined {
  try {
    return decodeURIComponent(address);
  } catch {
    return undefined;
  }
}

async function pageAt({ root, pages }: PageFolders, path: string): Promise<PageFile | undefined> {
  const names = path.split("/").slice(1);
  if (names.some((name) => name === "" || isHidden(name))) return undefined;
  const file = await PageFile.find(root, join(pages, ...names), path);
  return file instanceof PageFile ? file : undefined;
}
