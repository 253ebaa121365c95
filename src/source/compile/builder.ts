import { createHash } from "node:crypto";
import { posix } from "node:path";
import { BuildError } from "../../core/errors.ts";
import { excerpt } from "../../core/excerpt.ts";
import { resolveModule } from "../../core/module_resolution.ts";
import type { Settings } from "../../core/application/settings.ts";
import type { Build } from "../../core/ports/build.ts";
import { lineAt, positionAt, type SourcePosition } from "../../core/source_position.ts";
import { nearest } from "../read/nearest.ts";
import { ExportedSettings } from "../read/exported_settings.ts";
import { readSettings, settingsFile } from "../read/settings_file.ts";
import { checkSize, entryOf, type Sources } from "../read/sources.ts";
import { PUBLIC } from "../find/file_names.ts";
import type { FoundApplication } from "../find/found_application.ts";
import type { PackageDisk } from "../packages/package_disk.ts";
import { isPackage, type PackageTree, packageDisk, packageTree } from "../packages/package_tree.ts";
import type { ModuleImport, ModuleReport } from "./module_report.ts";
import { UNKNOWN_TYPE } from "./module_warnings.ts";
import { StripTurn } from "./strip_queue.ts";
import type { Stripper } from "./stripper.ts";

/** Something in a build that works and is not what its author believes. */
export interface BuildWarning {
  readonly message: string;
  readonly position: SourcePosition;
}

/** A build and what is worth a second look in it, for `check`. */
export interface CheckedBuild {
  readonly build: Build;
  readonly warnings: readonly BuildWarning[];
}

/** A source file and what the strip process made of it. */
interface Compiled {
  readonly source: string;
  readonly report: ModuleReport;
}

/** Characters of an import in an error. */
const MAX_SHOWN = 500;

/** Makes builds out of sources, and numbers the versions of each application. */
export class Builder {
  /** How many builds each application has had, and the hash of the last one. */
  readonly #counters = new Map<string, { readonly count: number; readonly hash: string | undefined }>();
  /** What the last build of each application was made of, so that an edit compiles one file and not all. */
  readonly #compiled = new Map<string, ReadonlyMap<string, Compiled>>();

  /** Where the last build of each application has looked for packages. */
  readonly #disks = new Map<string, PackageDisk>();

  constructor(private readonly stripper: Stripper) {}

  /** Makes the next version of an application, as `draft`, and counts it. */
  async build(found: FoundApplication, read: Sources): Promise<CheckedBuild> {
    const checked = await this.draft(found, read);
    this.count(checked.build);
    return checked;
  }

  /** Gives a build the number that it has: the one after it has the next. */
  count({ application, hash }: Build): void {
    this.#counters.set(application, { count: this.#numberOf(application, hash), hash });
  }

  /**
   * Makes what is the next version of an application once it is counted. Rejects with a BuildError, with the position where it is in a
   * source; the content of the last build that was counted has the number of that.
   */
  async draft(found: FoundApplication, read: Sources): Promise<CheckedBuild> {
    const { name: application, oneFile } = found;
    const { files: sources, hash: ownHash } = read;
    const turn = new StripTurn(application);
    const own = await this.#compile(turn, sources);
    const entry = entryOf(found);
    const settings = settingsFor(found, read, entry === undefined ? undefined : own.get(entry), entry);
    const disk = await packageDisk(found, own);
    this.#setDisk(application, disk);
    const compileOne = (file: string, source: string) => this.#compileOne(turn, file, source);
    const packages = await packageTree(found, own, disk, compileOne);
    for (const [file, { source, report }] of own) {
      for (const each of report.imports) {
        const message =
          disk && isPackage(each) ? undefined : refusalOf(file, each.specifier, sources, oneFile);
        if (message !== undefined) throw importError(file, source, each, message);
      }
    }
    const compiled = new Map([...own, ...packages.files]);
    this.#compiled.set(application, compiled);
    const hash = hashWith(ownHash, packages);
    const files = new Map(Array.from(compiled, ([file, { report }]) => [file, report.code]));
    const extension = oneFile ? undefined : entry;
    const build = {
      application,
      hash,
      version: `v${this.#numberOf(application, hash)}·${hash.slice(0, 6)}`,
      files,
      sources: new Map(Array.from(compiled, ([file, { source }]) => [file, source])),
      ...(packages.imports.length > 0 && { imports: packages.imports }),
      ...(extension && { extension }),
      rooms: oneFile ? new Map([[application, [...own.keys()][0] as string]]) : roomsOf(own.keys()),
      settings,
    };
    const hasTypes = build.rooms.size > 1;
    const warnings = warningsOf(own).filter(({ message }) => hasTypes || message !== UNKNOWN_TYPE);
    return { build, warnings: [...warnings, ...unreadSettings(own, build.rooms, entry)] };
  }

  /** Forgets an application's code but not its count: should it come back, it goes on from there. */
  forget(application: string): void {
    this.#compiled.delete(application);
    this.#disks.delete(application);
    const last = this.#counters.get(application);
    if (last) this.#counters.set(application, { ...last, hash: undefined });
  }

  /**
   * Resolves with a text that is another one as soon as the packages that an application imports, or looked for in vain, have changed,
   * and with when one of them was touched since, ms since the epoch; both empty where it imports none.
   */
  async packageStamps(application: string): Promise<{ stamps: string; touched: number }> {
    return (await this.#disks.get(application)?.stamps()) ?? { stamps: "", touched: 0 };
  }

  /** Returns that text as it was when the last build looked. */
  seenPackages(application: string): string {
    return this.#disks.get(application)?.seen ?? "";
  }

  #numberOf(application: string, hash: string): number {
    const last = this.#counters.get(application);
    return last === undefined ? 1 : last.count + (last.hash === hash ? 0 : 1);
  }

  #setDisk(application: string, disk: PackageDisk | undefined): void {
    if (disk) this.#disks.set(application, disk);
    else this.#disks.delete(application);
  }

  /** Compiles what differs from the last build; in the order of the sources. */
  async #compile(
    turn: StripTurn,
    sources: ReadonlyMap<string, string>,
  ): Promise<ReadonlyMap<string, Compiled>> {
    const results = await Promise.allSettled(
      Array.from(sources, async ([file, source]): Promise<[string, Compiled]> => {
        return [file, await this.#compileOne(turn, file, source)];
      }),
    );
    const compiled = new Map(results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
    // What is well need not be compiled again when the rest is.
    this.#compiled.set(
      turn.application,
      new Map([...(this.#compiled.get(turn.application) ?? []), ...compiled]),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
    return compiled;
  }

  async #compileOne(turn: StripTurn, file: string, source: string): Promise<Compiled> {
    const known = this.#compiled.get(turn.application)?.get(file);
    return known?.source === source
      ? known
      : { source, report: await this.stripper.strip(turn, file, source) };
  }
}

/** The hash of an application's own files and of those of packages that it imports. */
function hashWith(own: string, { files }: PackageTree<Compiled>): string {
  if (files.size === 0) return own;
  const hash = createHash("sha256").update(own);
  for (const [path, { source }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`\0${path}\0${source.length}\0${source}`);
  return hash.digest("hex");
}

/** Returns what the script of an application exports as its settings, else what its file says. Throws a BuildError where both do. */
function settingsFor(
  found: FoundApplication,
  { settings, hasSettingsFile, ceilings, size }: Sources,
  compiled: Compiled | undefined,
  entry = "",
): Settings {
  const literal = compiled?.report.settings;
  if (compiled && literal && hasSettingsFile) {
    const both = `Cannot have settings both here and in ${settingsFile}: keep one of the two.`;
    throw BuildError.at(entry, compiled.source, literal.offset, both);
  }
  const exported =
    compiled && literal
      ? readSettings(new ExportedSettings(entry, compiled.source, literal), found.oneFile, ceilings)
      : settings;
  checkSize(found, size, exported.limits.source);
  return exported;
}

/** Warns of settings that room types export: nobody reads them. */
function unreadSettings(
  compiled: ReadonlyMap<string, Compiled>,
  rooms: ReadonlyMap<string, string>,
  entry: string | undefined,
): BuildWarning[] {
  return [...rooms.values()].flatMap((file) => {
    const { source, report } = compiled.get(file) ?? {};
    if (!report?.settings || source === undefined || file === entry) return [];
    const message = `Settings are read from app.ts or ${settingsFile} only, and are those of the whole application.`;
    return [{ message, position: positionAt(file, source, report.settings.offset) }];
  });
}

/** Room types are the scripts that lie in `rooms/` itself; what is in folders below it is shared code. */
function roomsOf(paths: Iterable<string>): Map<string, string> {
  const rooms = new Map<string, string>();
  for (const path of paths) {
    const type = /^rooms\/([^/]+)\.[jt]s$/.exec(path)?.[1];
    if (type !== undefined) rooms.set(type, path);
  }
  return rooms;
}

/**
 * Returns why a file can't import something; undefined where it can. The sandbox's loader, with the same rule, has the last
 * word; this is earlier, and can say what was meant.
 */
function refusalOf(
  file: string,
  specifier: string,
  sources: ReadonlyMap<string, string>,
  oneFile: boolean,
): string | undefined {
  const resolved = resolveModule(specifier, file, (path) => sources.has(path));
  if (!("error" in resolved)) return undefined;
  if (resolved.missing === undefined) return resolved.error;
  if (resolved.missing.startsWith(`${PUBLIC}/`))
    return `Cannot import ${JSON.stringify(specifier)}: what lies in ${PUBLIC}/ is for browsers. What scripts and pages share lies in lib/.`;
  if (oneFile)
    return `Cannot import ${JSON.stringify(specifier)}: an application in one file has no other files. "hotroom grow" makes a folder of it.`;
  const cannot = `Cannot import ${JSON.stringify(specifier)}: there is no such file in the application.`;
  const meant = nearest(resolved.missing, sources.keys());
  if (!meant || meant === file) return cannot;
  const relative = posix.relative(posix.dirname(file), meant);
  return `${cannot} Did you mean "${relative.startsWith(".") ? relative : `./${relative}`}"?`;
}

function importError(file: string, source: string, place: ModuleImport, message: string): BuildError {
  const { line, column } = place;
  return new BuildError(excerpt(message, MAX_SHOWN), { file, line, column }, lineAt(source, line));
}

function warningsOf(compiled: ReadonlyMap<string, Compiled>): BuildWarning[] {
  return Array.from(compiled, ([file, { report }]) =>
    report.warnings.map(({ message, line, column }) => ({ message, position: { file, line, column } })),
  ).flat();
}
