import type { SourcePosition } from "../../core/source_position.ts";
import type { ModuleReport } from "./module_report.ts";

/** Who runs a source: the sandbox, or a browser, which takes it as it is but for the types. */
export type SourceUse = "script" | "page";

/** A source file for the strip process; one line of JSON on its standard input. */
export interface StripRequest {
  readonly id: number;
  readonly use: SourceUse;
  /** Path in the application's folder; its ending says what it is: `.ts`, `.js` or `.json`. */
  readonly file: string;
  readonly source: string;
}

/** The answer to a StripRequest; one line of JSON on the process's standard output. */
export type StripAnswer = { readonly id: number } & (
  | { readonly report: ModuleReport }
  /** The source can't be compiled. */
  | { readonly fault: { readonly message: string; readonly position?: SourcePosition } }
  /** The stripper itself failed, by recursion as a rule; says why. It can't be used again: the process ends. */
  | { readonly crash: string }
);

/** Returns a line of JSON, with its end. `node:readline` also ends lines at U+2028 and U+2029, which JSON leaves as they are. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  return `${text}\n`;
}
