import { expect, test } from "bun:test";
import { lineAt } from "../../../src/core/source_position.ts";
import { reportOn } from "../../../src/source/compile/module_report.ts";
import { endlessCode, failingCode } from "./fixtures/failing_code.ts";
import { limits, loadRequest, open, Stage } from "./stage.ts";

const compiled = (source: string) => reportOn("a.js", source).code;

/** A module of a function that fails, and the line and column of what does. */
function module(body: string) {
  const source = `export default async function (u, o, id) {${body}\n}\n`;
  const [before = ""] = source.split("▶");
  const lines = before.split("\n");
  return { source: source.replace("▶", ""), line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

/** A stage with a room whose messages call the functions, by their numbers. */
async function stageOf(bodies: readonly string[], changes = {}): Promise<Stage> {
  const files = bodies.map((body, index) => [`lib/${index}.js`, compiled(module(body).source)]);
  const imports = bodies.map((_, index) => `import f${index} from "../lib/${index}.js";`);
  const messages = bodies.map((_, index) => `${index}: () => f${index}(undefined, {}, (x) => x)`);
  const room = `${imports.join("")}import { defineRoom } from "hotroom";
    export default defineRoom({ messages: { ${messages.join()} } });`;
  const stage = await Stage.of({ "rooms/m.ts": room, ...Object.fromEntries(files) }, changes);
  await stage.play(open());
  return stage;
}

/** The lines of code that never run and that are named in an error's detail. */
function neverNamed(source: string, file: string, detail: string): string[] {
  const named = [...detail.matchAll(new RegExp(`${file}:(\\d+):`, "g"))];
  return named
    .map(([, line]) => lineAt(source, Number(line)) ?? "")
    .filter((line) => line.includes("// never"));
}

test("an error is told at the line of what failed", async () => {
  const cases = Object.entries(failingCode);
  const stage = await stageOf(cases.map(([, body]) => body));
  const wrong: unknown[] = [];
  for (const [index, [name, body]] of cases.entries()) {
    const { source, line } = module(body);
    const { failure, status } = await stage.message(String(index));
    const file = `lib/${index}.js`;
    expect([name, status]).toEqual([name, "handler_failed"]);
    const told = failure?.position;
    if (told?.file !== file || told.line !== line) wrong.push({ name, line, told, detail: failure?.detail });
    expect([name, ...neverNamed(source, file, failure?.detail ?? "")]).toEqual([name]);
  }
  expect(wrong).toEqual([]);
});

test("an endless loop is told at a line that it runs", async () => {
  const cases = Object.entries(endlessCode);
  const stage = await stageOf(
    cases.map(([, body]) => body),
    { limits: { ...limits, cpuPerEvent: 20 } },
  );
  for (const [index, [name, body]] of cases.entries()) {
    const { source } = module(body);
    const { failure } = await stage.message(String(index));
    const file = `lib/${index}.js`;
    expect([name, failure?.limit, failure?.position?.file]).toEqual([name, "cpu", file]);
    expect([name, ...neverNamed(source, file, failure?.detail ?? "")]).toEqual([name]);
    expect(failure?.position?.line).toBeGreaterThan(1);
  }
});

test("an error of the top level is told at the line of what failed", async () => {
  const cases: [source: string, message: string, line: number, column: number][] = [
    ["const o = {};\nif (o.a) { o.b(); }\n\nconst b = o.x.y;", "cannot read property 'y' of undefined", 4, 1],
    ["const o = {};\nexport const b = missing;", "missing is not defined", 2, 1],
    ["const o = {};\nexport const b = {\n  a: 1,\n  b: o.x.y,\n};", "cannot read property 'y'", 4, 6],
    ["const a = 1;\nif (a > 1) {\n  a.b();\n}\nfor (;;);\na.c();", "Loading took longer", 5, 1],
    ["let a = 1;\nwhile (a) {\n  a++;\n  if (a < 0) a.b();\n}", "Loading took longer", 2, 1],
  ];
  for (const [source, message, line, column] of cases) {
    const files = { "rooms/m.ts": compiled(source) };
    const loaded = await new Stage().load(loadRequest(files, { limits: { ...limits, load: 50 } }));
    expect(loaded).toMatchObject({ ok: false, message: expect.stringContaining(message) });
    expect(loaded).toMatchObject({ position: { file: "rooms/m.ts", line, column } });
  }
});

test("columns and every frame are those of the source", async () => {
  const body = `
    const inner = (x) => {
      const 名 = "😀"; ▶return nothing(x, "é",
        id(1));
    };
    const outer = (
      x,
    ) => x.map(
      inner,
    );
    return id(
      outer([
        id(1),
      ]),
    );`;
  const { line, column } = module(body);
  const stage = await stageOf([body]);
  const { failure } = await stage.message("0");
  expect(failure?.position).toEqual({ file: "lib/0.js", line, column });
  expect(failure?.detail?.split("\n")).toEqual([
    "ReferenceError: nothing is not defined",
    `    at inner (lib/0.js:${line}:${column})`,
    "    at map (native)",
    "    at outer (lib/0.js:8:12)",
    "    at default (lib/0.js:12:7)",
    "    at 0 (rooms/m.ts:2:57)",
  ]);
});

test("a loop behind an await is told at its line, and nothing of it with the next event", async () => {
  const source = `import { defineRoom } from "hotroom";
function lost() {}
export default defineRoom({
  messages: {
    async later() {
      await null;
      for (;;) lost();
    },
    async never() {
      await null;
      await new Promise(() => {});
    },
  },
});`;
  // What a cold engine needs to come there is more than an event has by itself.
  const slow = { limits: { ...limits, cpuPerEvent: 100 } };
  const stage = await Stage.of({ "rooms/m.ts": compiled(source) }, slow);
  await stage.play(open());
  const [later, never] = [await stage.message("later"), await stage.message("never")];
  expect(later.failure).toMatchObject({ limit: "cpu", position: { line: 7 } });
  expect(never.failure?.detail).toContain("did not settle");
});
