import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { hostCommand, hostEnvironment } from "../../src/script/host_command.ts";

test("a script host gets what its runtime needs of the environment, and nothing else", () => {
  const env = hostEnvironment(
    { PATH: "/bin", HOME: "/home/ann", DATABASE_URL: "secret", TMPDIR: undefined },
    false,
  );
  expect(env).toEqual({ PATH: "/bin", HOME: "/home/ann", NO_COLOR: "1" });
});

test("scripts may recurse deeper in a process with a larger stack, which only a roomy system is asked for", () => {
  const roomy = hostEnvironment({}, true);
  expect(Object.keys(roomy).sort()).toEqual([
    "BUN_JSC_maxPerThreadStackUsage",
    "HOTROOM_SCRIPT_STACK",
    "NO_COLOR",
  ]);
  expect(hostEnvironment({}, false)).toEqual({ NO_COLOR: "1" });
});

test("a script host is this same program, started by the same runtime", () => {
  const { command } = hostCommand();
  expect(command).toContain(process.execPath);
  expect(command.at(-1)).toBe("script-host");
  expect(existsSync(command.at(-2) ?? "")).toBe(true);
});
