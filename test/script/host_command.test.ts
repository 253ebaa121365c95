import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { hostCommand, hostEnvironment } from "../../src/script/host_command.ts";

test("a script host gets what its runtime needs of the environment, and nothing else", () => {
  const env = hostEnvironment({ PATH: "/bin", HOME: "/home/ann", DATABASE_URL: "secret", TMPDIR: undefined });
  expect(env).toMatchObject({ PATH: "/bin", HOME: "/home/ann" });
  expect(Object.keys(env).sort()).toEqual(["BUN_JSC_maxPerThreadStackUsage", "HOME", "NO_COLOR", "PATH"]);
});

test("a script host is this same program, started by the same runtime", () => {
  const { command } = hostCommand();
  expect(command[0]).toBe(process.execPath);
  expect(command.at(-1)).toBe("script-host");
  expect(existsSync(command.at(-2) ?? "")).toBe(true);
});
