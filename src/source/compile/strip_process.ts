import { createInterface } from "node:readline";

/** A source file for the strip process; one line of JSON on its standard input. */
export interface StripRequest {
  id: number;
  file: string;
  source: string;
}

/** The answer to a StripRequest; one line of JSON on the process's standard output. */
export type StripAnswer = { id: number } & (
  | { code: string }
  /** The source can't be stripped; `line` and `column` as amaro counts them, from 1 and from 0. */
  | { fault: { message: string; line: number; column: number } }
  /** The stripper itself failed, by recursion as a rule. It can't be used again: the process ends. */
  | { crash: string }
);

/** One line of JSON: `node:readline` also ends lines at U+2028 and U+2029, which JSON leaves as they are. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  return `${text}\n`;
}

/** What amaro throws: a plain object. */
interface AmaroError {
  message: string;
  startLine: number;
  startColumn: number;
}

/**
 * The strip process: removes types from one source after the other until its standard input ends. It is a process
 * of its own because what it parses is not trusted: 1,000 nested parentheses leave amaro's WebAssembly memory broken
 * for every later call, and `let a = ` with twenty times `a ? (b) : c => ` takes it 1.8 s, each further one doubling that.
 */
export async function main(): Promise<void> {
  const { transformSync } = await import("amaro");
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    const { id, file, source } = JSON.parse(line) as StripRequest;
    let answer: StripAnswer;
    try {
      answer = { id, code: transformSync(source, { mode: "strip-only", filename: file }).code };
    } catch (error) {
      const { message, startLine, startColumn } = error as AmaroError;
      answer =
        error instanceof Error || startLine === undefined
          ? { id, crash: String(message ?? error) }
          : { id, fault: { message, line: startLine, column: startColumn } };
    }
    await new Promise((resolve) => process.stdout.write(jsonLine(answer), resolve));
    if ("crash" in answer) process.exit(1);
  }
}
