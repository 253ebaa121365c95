/** `bun run bench drops` says how it ended, and fails where it did not end well. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { processTree } from "./process_tree.ts";

setDefaultTimeout(60_000);

/** A bench that is begun, and what it has said. */
function begin(...args: string[]) {
  const main = join(import.meta.dir, "main.ts");
  const child = spawn(process.execPath, ["run", main, "drops", "--clients", "4", ...args]);
  let said = "";
  let heard = () => {};
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      said += chunk;
      heard();
    });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const says = (text: string) =>
    new Promise<void>((resolve) => {
      heard = () => said.includes(text) && resolve();
      heard();
    });
  return { pid: child.pid as number, child, says, ended, said: () => said };
}

test("it fails where its server ends", async () => {
  const bench = begin("--minutes", "10");
  await bench.says("4 clients have come in");
  const [, server] = processTree(bench.pid);
  process.kill(server as number, "SIGKILL");
  expect(await bench.ended).toBe(1);
  expect(bench.said()).toContain("The run could not be finished: The server has ended.");
});

test("it says that it was ended", async () => {
  const bench = begin("--minutes", "10");
  await bench.says("4 clients have come in");
  bench.child.kill("SIGTERM");
  expect(await bench.ended).toBe(143);
  expect(bench.said()).toMatch(/drops was ended by SIGTERM after \d+ s/);
});
