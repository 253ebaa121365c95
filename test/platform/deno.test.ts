import { expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Subject } from "../contract/driver.ts";
import { platformContract } from "../contract/platform.ts";
import type { Limits } from "../contract/platform_server.ts";

const server = fileURLToPath(new URL("../contract/platform_server.ts", import.meta.url));

async function start(limits: Limits = {}): Promise<Subject> {
  const child = spawn("deno", ["run", "-A", server, JSON.stringify(limits)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stopped = once(child, "exit");
  const [port] = await once(createInterface({ input: child.stdout }), "line");
  return { port: Number(port), stopped, kill: () => child.kill("SIGKILL") };
}

if (Bun.which("deno")) platformContract("deno", start);
else test.skip("platform deno: skipped, there is no deno on the PATH", () => {});

test.skipIf(!Bun.which("deno"))("platform deno keeps nothing of requests that were answered", () => {
  const script = fileURLToPath(new URL("./answered_requests.ts", import.meta.url));
  const run = spawnSync("deno", ["run", "-A", "--v8-flags=--expose-gc", script], { encoding: "utf8" });
  // The last answer may still be under way.
  expect({ ...run, left: Number(run.stdout) <= 2 }).toMatchObject({ status: 0, left: true });
});
