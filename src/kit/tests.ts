import type { Ceilings } from "../core/application/ceilings.ts";
import { ScriptHosts } from "../script/server/script_hosts.ts";
import { Stripper } from "../source/compile/stripper.ts";
import type { TestedApplication } from "./sources/tested_application.ts";
import { TestedApplications } from "./sources/tested_applications.ts";
import { BusyScripts } from "./stage/busy_scripts.ts";
import { StageChance } from "./stage/stage_chance.ts";
import { StageClock } from "./stage/stage_clock.ts";
import { TestFileRun, type TestFileRunDeps, type TestResult } from "./test_file_run.ts";
import { type TestFile, testFilesOf } from "./test_files.ts";

/** Which tests are run, and where. */
export interface TestsOptions {
  /** The folder of the applications. */
  readonly extensions: string;
  readonly ceilings: Ceilings;
  /** The one application whose tests are run; without it of all. */
  readonly application?: string | undefined;
  /** What a test's name, or its file's, must contain. */
  readonly filter?: string | undefined;
  readonly tether?: (command: readonly string[]) => readonly string[];
}

/**
 * Runs the tests of applications, one after the other; `hear` is told of each. Rejects with the file system's error, and with HotroomError
 * where there is no application of that name.
 */
export async function runTests(options: TestsOptions, hear: (result: TestResult) => void): Promise<void> {
  const { extensions, ceilings, application, filter, tether } = options;
  const stripper = new Stripper({ ...(tether && { tether }) });
  try {
    const sources = await TestedApplications.of(extensions, stripper, ceilings);
    if (application !== undefined && !sources.find(application)) throw sources.missing(application);
    const files = await filesOf(extensions, sources, application);
    // Nothing is started where there is nothing to run.
    if (files.length === 0) return;
    await onHosts(async (hosts) => {
      for (const [source, file] of files)
        await new TestFileRun(source, file, { ...hosts, sources, stripper }, hear).run(filter);
    });
  } finally {
    stripper.close();
  }
}

/** Resolves with the files of tests of one application, or of all, each with its application. */
async function filesOf(
  extensions: string,
  sources: TestedApplications,
  application: string | undefined,
): Promise<[TestedApplication, TestFile][]> {
  const files: [TestedApplication, TestFile][] = [];
  for (const name of application === undefined ? sources.names : [application]) {
    const source = sources.find(name);
    if (!source) continue;
    for (const file of await testFilesOf(extensions, source.found)) files.push([source, file]);
  }
  return files;
}

/** Does something with script hosts for tests and others for what they test, which end with it. */
async function onHosts(
  task: (hosts: Omit<TestFileRunDeps, "sources" | "stripper">) => Promise<void>,
): Promise<void> {
  const clock = new StageClock();
  const chance = new StageChance();
  const options = { hosts: 1, clock, log: () => {}, newSeed: chance.next };
  const tests = new ScriptHosts(options);
  const stages = new BusyScripts(new ScriptHosts(options));
  try {
    await task({ tests, stages, clock, chance });
  } finally {
    await Promise.all([tests.stop(), stages.stop()]);
  }
}
