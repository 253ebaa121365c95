import { existsSync } from "node:fs";
import { messageOf } from "../../core/errors.ts";
import { printableLines } from "../../core/printable.ts";
import { runTests } from "../../kit/tests.ts";
import { tethered } from "../../process/parent_tether.ts";
import { seconds, tellJson, tellText } from "./test_output.ts";
import type { Config } from "../config.ts";

/** Which tests are run, and how it is told. */
export interface TestFlags {
  readonly application?: string | undefined;
  /** What a test's name, or its file's, must contain. */
  readonly filter?: string | undefined;
  /** One line of JSON for each test. */
  readonly json?: boolean | undefined;
}

/**
 * Runs the tests beside scripts and prints what became of each; resolves with the exit status: 1 where one has failed, 2 where there are
 * none to run.
 */
export async function test({ extensions, ceilings }: Config, flags: TestFlags): Promise<number> {
  const { application, filter, json } = flags;
  if (!existsSync(extensions)) return unusable(`there is no folder ${extensions}.`);
  const started = performance.now();
  let passed = 0;
  let failed = 0;
  const tell = json ? tellJson : tellText();
  try {
    await runTests({ extensions, ceilings, application, filter, tether: tethered }, (result) => {
      if (result.failure) failed++;
      else passed++;
      tell(result);
    });
  } catch (error) {
    return unusable(messageOf(error));
  }
  if (passed + failed === 0) {
    const where = application === undefined ? extensions : `application "${application}" of ${extensions}`;
    const which = filter === undefined ? "is no test" : `is no test whose name, or file, has "${filter}"`;
    return unusable(`there ${which} in ${where}.`);
  }
  if (!json) console.log(`${passed} passed, ${failed} failed (${seconds(performance.now() - started)})`);
  return failed === 0 ? 0 : 1;
}

function unusable(reason: string): number {
  console.error(printableLines(`Cannot test: ${reason}`));
  return 2;
}
