import { existsSync } from "node:fs";
import { messageOf } from "../core/errors.ts";
import { printable, printableLines } from "../core/printable.ts";
import { runTests, type TestResult } from "../kit/tests.ts";
import { tethered } from "../process/parent_tether.ts";
import type { Config } from "./config.ts";

/** Which tests are run, and how it is told. */
export interface TestFlags {
  readonly application?: string | undefined;
  /** What a test's name, or its file's, must contain. */
  readonly filter?: string | undefined;
  /** One line of JSON for each test. */
  readonly json?: boolean | undefined;
}

/** Runs the tests beside scripts and prints what became of each; resolves with the exit status: 1 where one has failed, 2 where there are none to run. */
export async function test({ extensions, ceilings }: Config, flags: TestFlags): Promise<number> {
  const { application, filter, json } = flags;
  if (!existsSync(extensions)) return unusable(`there is no folder ${extensions}`);
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
    const which = filter === undefined ? "no tests" : `no test whose name, or file, has "${filter}"`;
    return unusable(`there is ${which} in ${where}`);
  }
  if (!json) console.log(`${passed} passed, ${failed} failed (${seconds(performance.now() - started)})`);
  return failed === 0 ? 0 : 1;
}

function unusable(reason: string): number {
  console.error(printableLines(`Cannot test: ${reason}.`));
  return 2;
}

function tellJson({ application, file, name, ms, failure, lines }: TestResult): void {
  const error = failure && {
    message: failure.message,
    ...(failure.position && { position: failure.position }),
    text: failure.toString(),
  };
  console.log(
    JSON.stringify({ application, file, name, passed: !failure, ms: Math.round(ms), error, lines }),
  );
}

/** Returns what prints a test under its file, and of one that has failed why, and what was logged. */
function tellText(): (result: TestResult) => void {
  let last: string | undefined;
  return ({ application, file, name, ms, failure, lines }) => {
    const title = file.startsWith(`${application}.test.`) ? file : `${application}/${file}`;
    if (title !== last) console.log(printable(title));
    last = title;
    const what = printable(name ?? "it can't be run");
    console.log(`  ${failure ? "✗" : "✓"} ${what}${ms >= SLOW_MS ? ` (${seconds(ms)})` : ""}`);
    if (!failure) return;
    console.log(indented(failure.toString()));
    if (lines.length > 0) console.log(indented(["logged:", ...lines.map(lineText)].join("\n")));
  };
}

/** From when on it is told how long a test took, ms. */
const SLOW_MS = 500;

const lineText = ({ level, text }: TestResult["lines"][number]) => `  ${level.padEnd(5)} ${text}`;

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

function indented(text: string): string {
  return printableLines(text).replace(/^/gm, "      ");
}
