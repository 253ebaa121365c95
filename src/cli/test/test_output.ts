import { printable } from "../../core/printable.ts";
import type { TestResult } from "../../kit/test_file_run.ts";

/** From when on it is told how long a test took, ms. */
const SLOW_MS = 500;

/** Prints what became of a test as a line of JSON. */
export function tellJson({ application, file, name, ms, failure, lines }: TestResult): void {
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
export function tellText(): (result: TestResult) => void {
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

const lineText = ({ level, text }: TestResult["lines"][number]) => `  ${level.padEnd(5)} ${text}`;

/** Returns a time of so many ms in words. */
export const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `      ${line.split("\t").map(printable).join("\t")}`)
    .join("\n");
}
