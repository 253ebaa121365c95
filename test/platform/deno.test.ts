import { test } from "bun:test";
import { spawn } from "node:child_process";
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
