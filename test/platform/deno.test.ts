import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { platformContract } from "../contract/platform.ts";

const server = fileURLToPath(new URL("../contract/platform_server.ts", import.meta.url));

platformContract("deno", async () => {
  const child = spawn("deno", ["run", "-A", "--no-lock", server], { stdio: ["ignore", "pipe", "inherit"] });
  const stopped = once(child, "exit");
  const [port] = await once(createInterface({ input: child.stdout }), "line");
  return { port: Number(port), stopped, kill: () => child.kill("SIGKILL") };
});
