import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { spawnCommand, hostEnvironment } from "../../../../src/script/server/process/spawn_command.ts";

test("a script host gets what its runtime needs of the environment, and nothing else", () => {
  const env = hostEnvironment(
    { PATH: "/bin", HOME: "/home/ann", DATABASE_URL: "secret", TMPDIR: undefined },
    false,
  );
  const options = {
    BUN_JSC_maxNumWasmFastMemories: "1000",
    BUN_JSC_thresholdForOMGOptimizeAfterWarmUp: "500000",
  };
  expect(env).toEqual({ PATH: "/bin", HOME: "/home/ann", NO_COLOR: "1", ...options });
});

test("scripts may recurse deeper in a process with a larger stack, which only a roomy system is asked for", () => {
  const roomy = hostEnvironment({}, true);
  const plain = Object.keys(hostEnvironment({}, false));
  const more = Object.keys(roomy).filter((name) => !plain.includes(name));
  expect(more.sort()).toEqual(["BUN_JSC_maxPerThreadStackUsage", "HOTROOM_SCRIPT_STACK"]);
});

test("a script host is this same program, started by the same runtime", () => {
  const { command } = spawnCommand();
  expect(command).toContain(process.execPath);
  expect(command.at(-1)).toBe("script-host");
  expect(existsSync(command.at(-2) ?? "")).toBe(true);
});
