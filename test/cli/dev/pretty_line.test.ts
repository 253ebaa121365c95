import { expect, test } from "bun:test";
import { join, relative } from "node:path";
import { prettyLines } from "../../../src/cli/dev/pretty_line.ts";

const extensions = join(import.meta.dir, "../../../extensions");
const line = prettyLines(extensions, false);
const shown = (text: string) => line("info", text, { application: "echo" }, new Date(0)).replace(/^.*• /, "");

test("places in files are told as paths from here, the first ones of a line", () => {
  const path = relative(process.cwd(), join(extensions, "echo.ts"));
  expect(shown("no at echo.ts:3:7, nor none.ts:1:2")).toBe(`echo no at ${path}:3:7, nor none.ts:1:2`);
  expect(shown("echo.ts:1 ".repeat(9)).split(path)).toHaveLength(9);
});

test("a line that a script made long is written whole, and nobody waits for it", () => {
  const text = "-a".repeat(2_000_000);
  expect(shown(text)).toBe(`echo ${text}`);
});

test("a line of what is followed has its id before the message", () => {
  expect(line("debug", "join is saved.", { application: "echo", trace_id: "8563" }, new Date(0))).toEndWith(
    "debug echo 8563 join is saved.",
  );
});
