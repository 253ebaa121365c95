/**
 * The matrix: every end-to-end suite runs on Bun and on Deno, and on the executable where that may differ from Bun: in what is built
 * in, how processes start, and once through everything. `HOTROOM_E2E=bun,deno` selects; what this machine can't run is skipped by name.
 */
import { afterAll, describe, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { stopAll } from "./harness.ts";

export type Runtime = "bun" | "deno" | "executable";

const root = join(import.meta.dir, "../..");
const executable = join(root, "build", process.platform === "win32" ? "hotroom.exe" : "hotroom");

function newestChange(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

/** The executable, compiled at most once for the sources as they are. Throws with the compiler's output. */
function compiled(): string {
  const sources = ["mod.ts", "package.json", "bun.lock", "src"].map((name) => newestChange(join(root, name)));
  if (existsSync(executable) && statSync(executable).mtimeMs > Math.max(...sources)) return executable;
  const result = spawnSync(process.execPath, ["run", "compile"], { cwd: root, encoding: "utf8" });
  if (result.status !== 0)
    throw new Error(`Cannot compile the executable:\n${result.stdout}${result.stderr}`);
  return executable;
}

/** Command and first arguments that run the server with a runtime. */
export function commandOf(runtime: Runtime): [string, ...string[]] {
  const entry = join(root, "mod.ts");
  if (runtime === "bun") return [process.execPath, "run", entry];
  if (runtime === "deno") return ["deno", "run", "-A", "--config", join(root, "deno.json"), entry];
  return [compiled()];
}

function whyNot(runtime: Runtime): string | undefined {
  const selected = (process.env.HOTROOM_E2E ?? "bun,deno,executable").split(",");
  if (!selected.includes(runtime)) return `not in HOTROOM_E2E=${process.env.HOTROOM_E2E}`;
  if (runtime === "deno" && !Bun.which("deno")) return "there is no deno on the PATH";
  return undefined;
}

/** Defines `suite` once for each runtime and for the executable; see `onEachRuntime`. */
export function onEachRuntimeAndExecutable(topic: string, suite: (runtime: Runtime) => void): void {
  onEachRuntime(topic, suite, ["bun", "deno", "executable"]);
}

/**
 * Defines `suite` once for Bun and Deno, or for those that are given; servers that it started are gone when it ends,
 * however it ends.
 */
export function onEachRuntime(
  topic: string,
  suite: (runtime: Runtime) => void,
  runtimes: readonly Runtime[] = ["bun", "deno"],
): void {
  // It holds for one file. Processes start in these suites, and much else may run on the machine.
  setDefaultTimeout(60_000);
  for (const runtime of runtimes) {
    const reason = whyNot(runtime);
    if (reason) {
      test.skip(`${topic}, on ${runtime}: skipped, ${reason}`, () => {});
      continue;
    }
    describe(`${topic}, on ${runtime}`, () => {
      afterAll(stopAll);
      suite(runtime);
    });
  }
}
