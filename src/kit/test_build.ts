import { realpath, stat } from "node:fs/promises";
import * as v from "valibot";
import { settingsOf, settingsSchema } from "../core/application/settings.ts";
import type { Build } from "../core/ports/build.ts";
import { Builder } from "../source/compile/builder.ts";
import type { Stripper } from "../source/compile/stripper.ts";
import type { TestedApplication } from "./sources/tested_application.ts";
import { readTestFile, type TestFile } from "./test_files.ts";

const MIB = 1024 * 1024;

/** What code of tests may take: more than scripts, since nobody waits for it, and not everything. */
const limits = {
  cpuPerEvent: 1000,
  cpuHard: 3000,
  load: 2000,
  memory: 256 * MIB,
  message: 16 * MIB,
  output: 16 * MIB,
  log: 256 * 1024,
};

/** The module whose default export is the script of the tests; no file of an application has such a name. */
const ENTRY = ".hotroom/entry.test.js";

/** Resolves with a file of tests as a version that script hosts load. Rejects with BuildError. */
export async function buildTests(
  application: TestedApplication,
  file: TestFile,
  stripper: Stripper,
): Promise<Build> {
  const { found } = application;
  const text = await readTestFile(file);
  const sources = await application.sources();
  const files = new Map([...sources.files, [file.path, text]]);
  const settings = settingsOf(v.parse(settingsSchema, { limits }), false);
  const { size } = await stat(file.absolute);
  // Also what imports packages is looked for among the files.
  const written = { path: file.path, absolute: await realpath(file.absolute), size, stamp: "" };
  const { build } = await new Builder(stripper).build(
    { ...found, files: [...found.files, written] },
    { ...sources, files },
  );
  // Tests are promises, whatever their file looks like: async.
  const entry = `import ${JSON.stringify(`../${file.path}`)}; export { default } from "hotroom/test"; // async`;
  const modules = new Map([...build.files, [ENTRY, entry]]);
  // With a name of its own: what its script hosts know of the application itself is not of the tests.
  const name = `${found.name}/${file.path}`;
  return { ...build, settings, application: name, files: modules, extension: ENTRY, rooms: new Map() };
}
