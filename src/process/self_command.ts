import { fileURLToPath } from "node:url";
import { isExecutable } from "./executable.ts";
import { runtime } from "./runtime.ts";

/** What a child process of this program does: the first argument of `mod.ts`. */
export type ChildRole = "script-host" | "strip-types" | "store-writer";

/**
 * Returns the program and arguments that run this same program as a child process: the executable, or `mod.ts` on the same
 * runtime. `denoFlags` are the child's rights and V8's options on Deno, where a child without any flag of that kind would
 * get all rights; nothing is downloaded for it.
 */
export function selfCommand(role: ChildRole, denoFlags: readonly string[]): string[] {
  const { execPath } = process;
  if (isExecutable()) return [execPath, role];
  const program = fileURLToPath(new URL("../../mod.ts", import.meta.url));
  if (runtime === "bun") return [execPath, "--no-env-file", "run", program, role];
  return [execPath, "run", "--quiet", "--no-prompt", "--cached-only", ...denoFlags, program, role];
}
