import * as v from "valibot";
import { BuildError, messageOf } from "../core/errors.ts";
import { excerpt } from "../core/excerpt.ts";
import type { Build, Version } from "../core/ports/build.ts";
import type { Log, LogLevel } from "../core/ports/log.ts";
import { lineAt, type SourcePosition } from "../core/source_position.ts";
import type { ScriptHosts } from "../script/server/script_hosts.ts";
import type { Stripper } from "../source/compile/stripper.ts";
import { namesSchema } from "./requests.ts";
import type { TestedApplication } from "./sources/tested_application.ts";
import type { TestedApplications } from "./sources/tested_applications.ts";
import type { BusyScripts } from "./stage/busy_scripts.ts";
import type { StageChance } from "./stage/stage_chance.ts";
import type { StageClock } from "./stage/stage_clock.ts";
import { VirtualClock } from "./stage/virtual_clock.ts";
import { buildTests } from "./test_build.ts";
import type { TestFile } from "./test_files.ts";
import { TestRun } from "./test_run.ts";
import { TestScript, TestScriptError } from "./test_script.ts";

/** Log lines that are kept of one test. */
const MOST_LINES = 200;
/** UTF-16 units that are kept of each. */
const MOST_LINE_UNITS = 10_000;

/** What became of one test; `name` is absent where its file as a whole can't be run. */
export interface TestResult {
  readonly application: string;
  readonly file: string;
  readonly name?: string;
  readonly ms: number;
  /** Absent where it has passed. */
  readonly failure?: BuildError;
  /** What scripts and the test itself have logged. */
  readonly lines: readonly { readonly level: LogLevel; readonly text: string }[];
}

/** What the tests of a file run with. */
export interface TestFileRunDeps {
  readonly tests: ScriptHosts;
  readonly stages: BusyScripts;
  readonly clock: StageClock;
  readonly chance: StageChance;
  readonly sources: TestedApplications;
  readonly stripper: Stripper;
}

/** The tests of one file. */
export class TestFileRun {
  #build: Build | undefined;

  constructor(
    private readonly source: TestedApplication,
    private readonly file: TestFile,
    private readonly deps: TestFileRunDeps,
    private readonly hear: (result: TestResult) => void,
  ) {}

  /** Runs those that the filter names; tells why where the file can't be run at all. */
  async run(filter: string | undefined): Promise<void> {
    const { tests, stripper } = this.deps;
    let version: Version;
    let names: string[];
    const started = performance.now();
    try {
      this.#build = await buildTests(this.source, this.file, stripper);
      version = await tests.load(this.#build);
      names = await this.#names(version);
    } catch (error) {
      return this.#tell(undefined, started, this.#failureOf(error), []);
    }
    for (const [index, name] of names.entries()) {
      if (filter === undefined || name.includes(filter) || this.file.path.includes(filter))
        await this.#one(version, index, name);
    }
    tests.unload(version);
  }

  async #names(version: Version): Promise<string[]> {
    const script = new TestScript(this.deps.tests, version, () => {});
    try {
      return v.parse(namesSchema, await script.ask("names"));
    } finally {
      script.close();
    }
  }

  async #one(version: Version, index: number, name: string): Promise<void> {
    const started = performance.now();
    const lines: { level: LogLevel; text: string }[] = [];
    const log: Log = (level, text, { room } = {}) => {
      const line = excerpt(room === undefined ? text : `${room}: ${text}`, MOST_LINE_UNITS);
      if (lines.length < MOST_LINES) lines.push({ level, text: line });
    };
    const clock = new VirtualClock();
    this.deps.clock.current = clock;
    this.deps.chance.begin();
    const script = new TestScript(this.deps.tests, version, log);
    const { sources, stages: scripts } = this.deps;
    let failure: BuildError | undefined;
    try {
      const failed = await new TestRun(script, { sources, scripts, clock, log }).run(index);
      failure = failed && this.#placed(failed.message, failed.position);
    } catch (error) {
      failure = this.#failureOf(error);
    } finally {
      script.close();
      this.deps.clock.current = undefined;
    }
    this.#tell(name, started, failure, lines);
  }

  #failureOf(error: unknown): BuildError {
    if (error instanceof TestScriptError) {
      const [message = ""] = error.message.split("\n    at ");
      // Its limits are no settings of the application.
      const text = message.replace(/^The handler took/, "It took").replace(/ \(limits\.\w+\)/, "");
      return this.#placed(text, error.failure?.position);
    }
    if (!(error instanceof BuildError)) return new BuildError(messageOf(error));
    const { message, position, sourceLine, sourceColumn } = error;
    return new BuildError(
      message,
      this.#shown(position),
      sourceColumn === undefined ? sourceLine : undefined,
    );
  }

  #placed(message: string, position: SourcePosition | undefined): BuildError {
    const source = position && this.#build?.sources.get(position.file);
    const line = source === undefined ? undefined : lineAt(source, position?.line ?? 1);
    return new BuildError(message.replace(/^(Error)?: /, ""), this.#shown(position), line);
  }

  /** Returns a place as whoever runs the tests finds it in the folder of applications. */
  #shown(position: SourcePosition | undefined): SourcePosition | undefined {
    const { name, oneFile } = this.source.found;
    return position && { ...position, file: oneFile ? position.file : `${name}/${position.file}` };
  }

  #tell(
    name: string | undefined,
    started: number,
    failure: BuildError | undefined,
    lines: TestResult["lines"],
  ): void {
    const { name: application } = this.source.found;
    const ms = performance.now() - started;
    const named = { application, file: this.file.path, ...(name !== undefined && { name }) };
    this.hear({ ...named, ms, lines, ...(failure && { failure }) });
  }
}
