import { expect, test } from "bun:test";
import { parse } from "acorn";
import { transformSync } from "amaro";
import { restoredSemicolons } from "../../../src/source/rewrite/restored_semicolons.ts";

const stripped = (source: string) =>
  restoredSemicolons(source, transformSync(source, { mode: "strip-only" }).code);

/** Statements that leave nothing behind. */
const statements = [
  "type X = number",
  "type X = { a: 1; b: 2 }",
  "type X = (a: 1) => '日本; 😀'",
  "interface X { a: 1; b: 2 }",
  "declare const x: 1",
  "declare function x(): void",
  "declare class X { a: 1; }",
  "declare enum X { a }",
  "declare module 'x' {}",
  "declare global {}",
  "namespace N { export type A = 1; }",
  "import type { A } from 'x'",
  "export type { A } from 'x'",
  "export type * from 'x'",
  "export interface X {}",
  "export declare const x: 1",
  "function over(a: 1): { a: 1; b: 2 }\nfunction over() {}\ntype X = 1",
];
const nextStatements = ["(g)()", "[1].x", "`a`.x", "/re/.x", "+x", "-x", "++x", "x.y"];

/** Members of an abstract class that leave nothing behind. */
const members = [
  "declare y: 1",
  "declare readonly y: { a: 1; b: 2 }",
  "private declare y: 1",
  "abstract y: 1",
  "abstract y(): 1",
  "abstract get y(): 1",
  "y(a: 1): void",
  "static [i: string]: any",
];
const nextMembers = ["[k] = 2", "[k]() {}", "*gen() {}", "in = 3", "instanceof = 3", "z = 2", "#p = 3"];

const ends = ["\n", ";\n", "\n;", " ;", " // c;\n;", " /* c; */ ;/* d */ ", "\n/* c */\n"];

/** What a module means, written the same way whoever wrote it: without places, and without empty statements. */
function meaning(code: string): string {
  return JSON.stringify(parse(code, { ecmaVersion: "latest", sourceType: "module" }), (key, value) => {
    if (["start", "end", "raw"].includes(key)) return undefined;
    if (value?.type === "TemplateLiteral") return { type: "Literal", value: value.quasis[0].value.cooked };
    return Array.isArray(value) ? value.filter((each) => each?.type !== "EmptyStatement") : value;
  });
}

function expectSameMeaning(source: string): void {
  // Bun's own transpiler prints the code anew, so it keeps every separation.
  const printed = new Bun.Transpiler({ loader: "ts", trimUnusedImports: false }).transformSync(source);
  const code = stripped(source);
  expect(code).toHaveLength(source.length);
  expect([source, meaning(code)]).toEqual([source, meaning(printed)]);
}

test("an erased statement leaves its neighbours two statements", () => {
  for (const erased of statements) {
    for (const end of ends) {
      for (const next of nextStatements) expectSameMeaning(`let b = f\n${erased}${end}${next}`);
    }
  }
});

test("an erased member leaves its neighbours two members", () => {
  for (const erased of members) {
    for (const end of ends) {
      for (const next of nextMembers)
        expectSameMeaning(`abstract class A { x = 1\n ${erased}${end} ${next} }`);
    }
  }
});

test("erased modifiers leave two members", () => {
  for (const modifier of ["public", "private", "protected", "readonly", "public readonly"]) {
    for (const next of ["[k] = 2", "z = 2"]) {
      expectSameMeaning(`class A { x = 1\n ${modifier} ${next} }`);
    }
  }
  expectSameMeaning("class A { x = 1\n private *gen() {} }");
});

test("types inside of expressions and parameters get no semicolon", () => {
  for (const source of [
    "f(a as { a: 1; b: 2 }, b)",
    "(a as\n  { a: 1; b: 2 }\n)[0]",
    "const x = a satisfies { a: 1; b: 2 }\n;[1].x",
    "f<{ a: 1; b: 2 }>(1)",
    "f<\n  A\n>\n(1)",
    "function f(\n  this: A,\n  [a]: number[]\n) {}",
    "import {\n  type A,\n  b\n} from 'x'",
    "let a:\n  | { a: 1; b: 2 }\n  | number\n= (1)",
    "class A<\n  T\n>\n  implements B, C\n{}",
    "const f = (\n  a: { a: 1; b: 2 },\n  [b]: 1[]\n) => a!\n[0]",
  ]) {
    expect(stripped(source)).toBe(transformSync(source, { mode: "strip-only" }).code);
  }
});

test("the semicolon stands where it stood", () => {
  expect(stripped("const end = reset\ntype Done = () => void\n;(function () {})()")).toBe(
    "const end = reset\n                      \n;(function () {})()",
  );
});

test("a source that is full of blanks, comments and declarations takes no longer than it is long", () => {
  for (const fill of ["// a\n", "/* */ ", "/////", "  ", "x = 1\n declare y: 1\n"]) {
    const source = `${fill.repeat(20_000)}\nx\n declare y: 1\n[k]`;
    const code = source.replaceAll("declare y: 1", "            ");
    expect(restoredSemicolons(source, code)).toHaveLength(source.length);
  }
});
