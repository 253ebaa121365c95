/** The commands of Go, for the tests of the client in Go. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { files, root } from "../house/sources.ts";

/** The client's module. */
export const folder = join(root, "src/client/go");

/** Where Debian has the module's one dependency; `.ci/go.work` puts it in the place of a download. */
const DEBIAN = "/usr/share/gocode/src/github.com/gorilla/websocket";

/** Why this machine can't test the client; undefined if it can. */
export function whyNot(): string | undefined {
  if (!Bun.which("go")) return "there is no go on the PATH";
  const [, major, minor] =
    spawnSync("go", ["version"], { encoding: "utf8" }).stdout.match(/ go(\d+)\.(\d+)/) ?? [];
  return Number(major) === 1 && Number(minor) < 19 ? `go is 1.${minor}, older than 1.19` : undefined;
}

/** What one test of Go came to; without a name it is its package, which may not have compiled. */
export interface GoResult {
  test: string;
  action: "pass" | "fail" | "skip";
  output: string;
}

/** Runs `go`; resolves with its exit code and all that it wrote. */
export async function go(args: string[], env: Record<string, string> = {}) {
  const work = existsSync(DEBIAN) ? { GOWORK: join(root, ".ci/go.work"), GOPROXY: "off" } : { GOWORK: "off" };
  const child = spawn("go", args, {
    cwd: folder,
    env: { ...process.env, GOFLAGS: "", ...work, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, stdout, stderr };
}

/** Runs the tests whose names match, with the race detector where there is a compiler for it. */
export async function goTest(pattern: string, env: Record<string, string> = {}): Promise<GoResult[]> {
  const race = Bun.which("gcc") ? ["-race"] : [];
  const args = ["test", "-json", "-count=1", ...race, "-run", pattern, "./..."];
  const { code, stdout, stderr } = await go(args, env);
  const results = new Map<string, GoResult>();
  for (const line of stdout.split("\n").filter((each) => each.startsWith("{"))) {
    const { Action, Test, Package, Output } = JSON.parse(line);
    // The output of a part of a test is shown with the test's.
    const name = Test?.split("/")[0] ?? Package;
    const result = results.get(name) ?? { test: name, action: "pass", output: "" };
    if (Output) result.output += Output;
    if ((Action === "fail" || Action === "skip") && (Test ?? Package) === name) result.action = Action;
    results.set(name, result);
  }
  const found = [...results.values()];
  if (code !== 0 && !found.some(({ action }) => action === "fail"))
    throw new Error(`Cannot run the tests of Go:\n${stderr}${stdout}`);
  return found.map((result) => ({ ...result, output: result.output + stderr }));
}

/** Names of the tests in the module's sources that match. */
export function testsNamed(pattern: RegExp): string[] {
  return files("src/client/go", /_test\.go$/)
    .flatMap(({ text }) => [...text.matchAll(/^func (Test\w+)\(\w+ \*testing\.T\)/gm)])
    .map(([, name = ""]) => name)
    .filter((name) => pattern.test(name));
}
