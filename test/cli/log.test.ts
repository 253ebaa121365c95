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

test("the id of what is followed stands before the message", () => {
  const { lines, log } = make("text");
  log("info", "hello", { application: "chat", version: "v1·3fa9c1", trace_id: "4bf9", span_id: "00f0" });
  expect(lines[0]).toMatch(/ INFO {2}chat v1·3fa9c1 4bf9 hello\n$/);
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

test("what a line is about can't forge one either, and neither can what turns the direction of writing", () => {
  const { lines, log } = make("text");
  const application = "a\n12:00:00.000 ERROR\tforged";
  log("error", "one\r\ntwo\rthree\u202e\u2028four", { application, version: "\u001b[2J" });
  expect(lines[0]?.replace(/^\S+ /, "")).toBe(
    "ERROR a\\u000a12:00:00.000 ERROR\\u0009forged \\u001b[2J one\n    two\\u000dthree\\u202e\\u2028four\n",
  );
});

test("a json line says the same without a character that some readers end lines at, or that steers a terminal", () => {
  const { lines, log } = make("json");
  const message = '\u2028{"level":"error"}\u0085\u009b2J\u202e\u007f\n';
  log("info", message, { application: "\u2029" });
  expect(lines[0]).toMatch(/^[\x20-\x7e]+\n$/);
  expect(JSON.parse(lines[0] as string)).toMatchObject({ message, application: "\u2029" });
});
