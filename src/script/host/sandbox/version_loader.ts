import { Buffer } from "node:buffer";
import type { QuickJSHandle } from "quickjs-emscripten";
import { lineAt, positionsOf, type SourcePosition } from "../../../core/source_position.ts";
import { excerpt } from "../../../core/excerpt.ts";
import type { Loaded, LoadRequest } from "../../wire/frame_kinds.ts";
import { Thrown } from "../engine/engine.ts";
import type { Guest } from "./guest.ts";
import type { Modules } from "./modules.ts";
import { ENTRY_MODULE } from "./module_names.ts";
import { positionOfRegExp, positionOfWord } from "./position_search.ts";

/** Words that code with promises can't do without; jobs that come from elsewhere are noticed at the end of the batch. */
const signsOfJobs = /async|await|promise|microtask|\bthen\b|import\s*\(/i;

/** Characters of a regular expression that are told. */
const MAX_SHOWN = 200;

/** The application's extension or a room type: what the prelude knows it by, and its file. */
interface Part {
  readonly kind: "application" | "room";
  readonly key: string;
  readonly path: string;
}

/** Loads one version into a guest. */
export class VersionLoader {
  /** The file whose definition is being read. */
  #path: string | undefined;

  constructor(
    private readonly guest: Guest,
    private readonly modules: Modules,
    private readonly version: LoadRequest,
    /** Returns true if the engine was interrupted since the loading began, and gives time anew for the explanation. */
    private readonly wasInterrupted: () => boolean,
  ) {}

  /** Runs the version's modules and returns what they define, or why they can't. Throws only where the engine fails. */
  load(): Loaded {
    this.#setUp();
    const { extension, rooms } = this.version;
    const parts: Part[] = rooms.map(([type, path]) => ({ kind: "room", key: `room:${type}`, path }));
    if (extension !== undefined) parts.push({ kind: "application", key: "application", path: extension });
    const missing = parts.find(({ path }) => !this.modules.has(path));
    if (missing) return { ok: false, message: `There is no file ${missing.path}.` };
    try {
      const namespace = this.#evaluated(parts);
      if (!namespace) return { ok: false, message: "The top level awaits what never comes." };
      const definitions = parts.map((part, i) => this.#registered(part, namespace, i));
      return {
        ok: true,
        ...(extension === undefined ? {} : { extension: definitions.at(-1) }),
        rooms: rooms.map(([type], i) => [type, definitions[i]]),
      };
    } catch (error) {
      if (!(error instanceof Thrown)) throw error;
      return this.#failed(error);
    }
  }

  #setUp(): void {
    const { limits, files, config, env } = this.version;
    const settings = {
      limits,
      config,
      env,
      files: files.map(([path, source]) => [path, positionsOf(source)]),
      async: files.some(([, source]) => signsOfJobs.test(source)),
    };
    const { engine } = this.guest;
    this.guest.call("setup", engine.string(JSON.stringify(settings)), engine.number(Date.now())).dispose();
  }

  /**
   * Runs the top level of all modules and returns their exports; undefined where they await what never comes. Throws
   * Thrown.
   */
  #evaluated(parts: readonly Part[]): QuickJSHandle | undefined {
    const { engine } = this.guest;
    const imports = parts.map(({ path }, i) => `export * as part${i} from ${JSON.stringify(path)};`);
    const result = engine.evaluate(imports.join("\n"), ENTRY_MODULE);
    engine.runJobs();
    return engine.settled(result);
  }

  /** Returns what the part with this index defines. Throws Thrown where it defines nothing. */
  #registered({ kind, key, path }: Part, namespace: QuickJSHandle, index: number) {
    this.#path = path;
    const { engine } = this.guest;
    const names = [kind, key, path].map((text) => engine.string(text));
    return this.guest.ask("register", ...names, engine.get(namespace, `part${index}`));
  }

  /** Returns why the version can't be loaded, for what one of its modules has thrown. */
  #failed({ value }: Thrown): Loaded {
    const isTooLong = this.wasInterrupted();
    const { message, position } = this.guest.ask("explain", value) as Explanation;
    if (isTooLong) {
      return failure(
        `Loading took longer than ${this.version.limits.load} ms of CPU time (limits.load).`,
        position,
      );
    }
    const problem = this.modules.explain(message, position);
    if (problem.position) {
      const place = problem.isInCode ? this.#authorPosition(problem.position) : problem.position;
      return failure(problem.message, place);
    }
    if (this.#path !== undefined) return failure(problem.message, { file: this.#path, line: 1, column: 1 });
    return this.#unplaced(problem.message);
  }

  /** Returns why the version can't be loaded where the engine does not tell the place of an error of the syntax. */
  #unplaced(message: string): Loaded {
    const [label = "", problem] = /^SyntaxError: (.*)$/s.exec(message) ?? [];
    const file = this.modules.last;
    if (problem === undefined || file === undefined) return failure(message, undefined);
    const { engine } = this.guest;
    const found = positionOfRegExp(file, problem, (pattern, flags) =>
      this.guest.ask("problemOfRegExp", engine.string(pattern), engine.string(flags)),
    );
    if (!found) {
      const [, word = ""] = /'(.+)'/.exec(problem) ?? [];
      return failure(message, this.#authorPosition(positionOfWord(file, word)));
    }
    return failure(`${label}: ${excerpt(found.text, MAX_SHOWN)}`, this.#authorPosition(found.position));
  }

  /** Returns where its author has what a file's code has at a position. */
  #authorPosition({ file, line, column }: SourcePosition): SourcePosition {
    const before = (lineAt(this.modules.code(file), line) ?? "").slice(0, column - 1);
    // The engine's columns, which the map is about, are bytes, and on the first line one less.
    const told = Buffer.byteLength(before) + (line === 1 ? 0 : 1);
    const { engine } = this.guest;
    const asked = [engine.string(file), engine.number(line), engine.number(told)];
    const place = this.guest.ask("authorPlace", ...asked);
    const isSame = place.line === line && place.column === told;
    return { file, line: place.line, column: isSame ? column : place.column };
  }
}

/** What `explain` of `prelude/dispatcher.js` returns. */
interface Explanation {
  readonly message: string;
  readonly position?: SourcePosition;
}

function failure(message: string, position: SourcePosition | undefined): Loaded {
  return { ok: false, message, ...(position ? { position } : {}) };
}
