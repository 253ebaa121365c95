import { expect, test } from "bun:test";
import { flagOf, readConfig, variableOf } from "../../src/cli/config.ts";
import { defaultOf, serverSettings, settingKeys } from "../../src/cli/server_settings.ts";

test.each(settingKeys)(
  "%s has a flag and a variable that nothing else has, and a default in words",
  (key) => {
    const others = settingKeys.filter((other) => other !== key);
    expect(others.map(flagOf)).not.toContain(flagOf(key));
    expect(others.map(variableOf)).not.toContain(variableOf(key));
    const value = readConfig({}, {})[key];
    if (value !== undefined) expect(defaultOf(key)).toBe(String(value));
    else expect(serverSettings[key]).toHaveProperty("standard", defaultOf(key));
  },
);

test("a value is the same as a flag, a variable and a key of the file", () => {
  const written = { port: "0", spare: "false", inboundRate: "7", logLevel: "debug" };
  const environment = Object.fromEntries(
    Object.entries(written).map(([key, value]) => [variableOf(key), value]),
  );
  expect(readConfig(written, {})).toMatchObject({ port: 0, spare: false, inboundRate: 7, logLevel: "debug" });
  expect(readConfig({}, environment)).toEqual(readConfig(written, {}));
});
