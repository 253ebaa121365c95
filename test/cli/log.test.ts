import { expect, test } from "bun:test";
import { createLog } from "../../src/cli/log.ts";

function make(format: "text" | "json", level: "debug" | "info" | "warn" | "error" = "info") {
  const lines: string[] = [];
  return { lines, log: createLog({ format, level, write: (line) => lines.push(line) }) };
}

test("a line about a room names application, room and version", () => {
  const { lines, log } = make("text");
  log("info", "hello", { application: "chat", room: "lobby", version: "v1·3fa9c1" });
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}chat\/lobby v1·3fa9c1 hello\n$/);
});

test("json lines carry every field", () => {
  const { lines, log } = make("json");
  log("warn", "careful", { application: "chat", version: "v1·3fa9c1", extra: 7 });
  const { time, ...rest } = JSON.parse(lines[0] as string);
  expect(new Date(time).getTime()).toBeGreaterThan(0);
  expect(rest).toEqual({
    level: "warn",
    application: "chat",
    version: "v1·3fa9c1",
    extra: 7,
    message: "careful",
  });
});

test("lines under the level are not written", () => {
  const { lines, log } = make("text", "warn");
  log("debug", "a");
  log("info", "b");
  log("warn", "c");
  log("error", "d");
  expect(lines.map((line) => line.trim().split(" ").at(-1))).toEqual(["c", "d"]);
});

test("text from scripts can't forge a line or steer a terminal", () => {
  const { lines, log } = make("text");
  log("info", "one\n12:00:00.000 ERROR forged\u001b[31m\u0007\u009b", { application: "chat" });
  const [first, second] = (lines[0] as string).split("\n");
  expect(first).toEndWith("chat one");
  expect(second).toBe("    12:00:00.000 ERROR forged\\u001b[31m\\u0007\\u009b");
});
