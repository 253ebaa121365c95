import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { spawnCommand, hostEnvironment } from "../../../src/script/server/process/spawn_command.ts";
import { deep } from "./fixtures/deep.ts";

const main = fileURLToPath(new URL("./fixtures/stack.ts", import.meta.url));
const env = hostEnvironment(process.env, true);
const native = Number(env.BUN_JSC_maxPerThreadStackUsage) / 1024;

/** The compilers whose native frames are the largest. */
const runtimes: Record<string, { command: string[]; env: Record<string, string> }> = {
  "Bun's baseline compiler": { command: ["bun", main], env: { BUN_JSC_useOMGJIT: "0" } },
  "Deno's baseline compiler": {
    command: [
      "deno",
      "run",
      "-A",
      "--no-lock",
      "--node-modules-dir=manual",
      `--v8-flags=--stack-size=${native},--liftoff-only`,
      main,
    ],
    env: {},
  },
};

for (const [name, { command, env: added }] of Object.entries(runtimes)) {
  const [program = "", ...args] = command;
  const title = `every kind of recursion in a script host is an error that its event can have, by ${name}`;
  test.skipIf(!Bun.which(program))(
    title,
    () => {
      const { stdout, stderr, status } = spawnSync(program, args, { env: { ...env, ...added } });
      expect([status, stderr.toString()]).toEqual([0, ""]);
      const outcomes: Record<string, unknown> = JSON.parse(stdout.toString());
      for (const kind of Object.keys(deep)) {
        expect([kind, outcomes[kind]]).toEqual([kind, ["ok", "handler_failed", "ok"]]);
      }
    },
    60_000,
  );
}

test("a script host is started with the native stack that was measured", () => {
  const started = spawnCommand();
  expect(started.env.BUN_JSC_maxPerThreadStackUsage).toBe(String(native * 1024));
  expect(started.env.HOTROOM_SCRIPT_STACK).toBe(env.HOTROOM_SCRIPT_STACK);
});
