import { join } from "node:path";
import { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import { pathFrom } from "../../core/module_resolution.ts";
import { lineAt } from "../../core/source_position.ts";
import { isHidden, PUBLIC } from "../read/discovery.ts";
import { PageFile } from "./page_file.ts";
import { pageFiles, type PageFolders } from "./page_folders.ts";
import { isPageModule } from "./page_imports.ts";
import { type PageModules, shownError } from "./page_modules.ts";

/** Characters of an import in an error. */
const MAX_SHOWN = 500;

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
  return path?.startsWith(`${PUBLIC}/`) ? path : undefined;
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
