import { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import type { Page } from "../../core/view/pages.ts";
import { lineAt } from "../../core/source_position.ts";
import type { ModuleImport } from "../compile/module_report.ts";
import { StripTurn } from "../compile/strip_queue.ts";
import type { Stripper } from "../compile/stripper.ts";
import { type PageFile, tagOf } from "./page_file.ts";
import type { PageFolders } from "./page_folders.ts";
import { pageImports, rewritten } from "./page_imports.ts";

/** Bytes of a module that is parsed; TypeScript that is larger is not served, JavaScript as it is. */
const MAX_MODULE_BYTES = 1024 * 1024;
/** UTF-16 units of compiled modules that are kept, of all applications, and how many modules are. */
const MAX_KEPT_UNITS = 16 * 1024 * 1024;
const MAX_KEPT = 5000;
/** How long a failure without a place holds, ms: such as that of a machine that was too busy to parse it in time. */
const RETRY_MS = 60_000;
/** Characters of an import in an error. */
const MAX_SHOWN = 500;

/** What a module of pages is served as. */
export interface PageModule {
  /** Undefined for JavaScript that is served as its file is. */
  readonly code?: string;
  /** Paths that it imports of `lib/`, as they are written. */
  readonly shared: readonly string[];
  /** Why it can't be run. */
  readonly error?: BuildError;
  /** What it imports by a name, which browsers need an import map for. */
  readonly named?: BuildError;
}

interface Kept {
  readonly stamp: string;
  readonly module: Promise<PageModule>;
  units: number;
  /** By `performance.now()`; set for what failed and may not fail again. */
  retryAt?: number;
}

/** Where a module belongs. */
export interface ModulePlace {
  readonly application: string;
  readonly folders: PageFolders;
  /** Path in the application's folder, with `public/` also where that is one beside its file. */
  readonly path: string;
}

/** Makes what browsers run of the modules of pages, in the strip process, once for each content. */
export class PageModules {
  /** By application and path, those asked for last at the end. */
  readonly #kept = new Map<string, Kept>();
  #units = 0;

  constructor(
    private readonly stripper: Stripper,
    /** Hears, once for each content, why a module can't be run. */
    private readonly tell: (application: string, error: BuildError) => void = () => {},
  ) {}

  /** Resolves with what a module is served as. Rejects where its file, or the strip process, can't be had. */
  async of(place: ModulePlace, file: PageFile): Promise<PageModule> {
    const key = `${place.application}\0${place.path}`;
    const known = this.#kept.get(key);
    this.#drop(key);
    const isOver = known?.retryAt !== undefined && performance.now() >= known.retryAt;
    const kept = known?.stamp === file.stamp && !isOver ? known : this.#make(place, file);
    this.#kept.set(key, kept);
    this.#units += kept.units;
    try {
      const module = await kept.module;
      if (this.#kept.get(key) === kept && kept.units === 0) {
        kept.units = module.code?.length ?? 0;
        if (module.error && !module.error.position) kept.retryAt = performance.now() + RETRY_MS;
        this.#units += kept.units;
        this.#shrink();
      }
      return module;
    } catch (error) {
      if (this.#kept.get(key) === kept) this.#drop(key);
      throw error;
    }
  }

  /** Resolves with what a module imports, and its source; undefined where it can't be parsed. Rejects as `of`. */
  async imports(
    { application, path }: ModulePlace,
    file: PageFile,
  ): Promise<{ readonly source: string; readonly imports: readonly ModuleImport[] } | undefined> {
    if (file.size > MAX_MODULE_BYTES) return undefined;
    try {
      const source = textOf(path, await file.bytes());
      const { imports } = await this.stripper.strip(new StripTurn(application), path, source, "page");
      return { source, imports };
    } catch (error) {
      if (error instanceof BuildError) return undefined;
      throw error;
    }
  }

  #make(place: ModulePlace, file: PageFile): Kept {
    const module = this.#compile(place, file).catch((error: unknown): PageModule => {
      if (!(error instanceof BuildError)) throw error;
      const shown = shownError(place, error);
      this.tell(place.application, shown);
      return { code: failing(shown), shared: [], error: shown };
    });
    return { stamp: file.stamp, module, units: 0 };
  }

  async #compile({ application, folders, path }: ModulePlace, file: PageFile): Promise<PageModule> {
    const isTyped = path.endsWith(".ts");
    if (file.size > MAX_MODULE_BYTES) {
      if (!isTyped) return { shared: [] };
      throw new BuildError(`${path} is too large: ${file.size} bytes of ${MAX_MODULE_BYTES}.`);
    }
    const source = textOf(path, await file.bytes());
    // What can't lead out of the folder is served as it is, whatever its size.
    if (!isTyped && !source.includes("../")) return { shared: [] };
    const report = await this.stripper.strip(new StripTurn(application), path, source, "page");
    const { shared, fault, named } = pageImports(path, report, folders.lib !== undefined);
    const told = (message: string, { line, column }: ModuleImport) =>
      new BuildError(excerpt(message, MAX_SHOWN), { file: path, line, column }, lineAt(source, line));
    if (fault) throw told(fault.message, fault.at);
    const code = rewritten(application, path, report);
    if (!named) return { code, shared };
    const message = `Browsers find ${JSON.stringify(excerpt(named.specifier, MAX_SHOWN / 2))} by an import map only, and no page of the application has one.`;
    return { code, shared, named: shownError({ application, folders, path }, told(message, named)) };
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (!kept) return;
    this.#kept.delete(key);
    this.#units -= kept.units;
  }

  #shrink(): void {
    for (const key of this.#kept.keys()) {
      if (this.#units <= MAX_KEPT_UNITS && this.#kept.size <= MAX_KEPT) return;
      this.#drop(key);
    }
  }
}

/** Returns a module as a page that is served. */
export function pageOf(name: string, code: string): Page {
  const bytes = new TextEncoder().encode(code);
  return {
    name,
    tag: tagOf(code),
    size: bytes.length,
    read: async (start, end) => bytes.slice(start, end),
  };
}

function textOf(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new BuildError(`Cannot read ${path}: it is not UTF-8 text.`);
  }
}

/** Returns an error with the file as its author calls it. */
export function shownError({ folders, path }: ModulePlace, error: BuildError): BuildError {
  if (folders.lib !== undefined) return error;
  const shown = (text: string) => text.replace(/^public(?=\/)/, folders.shown);
  const { position, sourceLine } = error;
  const message = error.message.replaceAll(path, shown(path));
  return new BuildError(message, position && { ...position, file: shown(position.file) }, sourceLine);
}

/** Returns a module that tells in a browser's console why it can't be run. */
function failing(error: BuildError): string {
  return `throw new SyntaxError(${JSON.stringify(error.toString())});\n`;
}
