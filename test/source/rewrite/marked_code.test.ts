import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";
import { positionsOf } from "../../../src/core/source_position.ts";
import { reportOn } from "../../../src/source/compile/module_report.ts";

const root = join(import.meta.dir, "../../..");
const marked = (source: string) => reportOn("a.js", source).code;

type Tree = Record<string, unknown> & { type?: string };

const isNumber = (node: unknown, raw: string) => (node as Tree | undefined)?.raw === raw;
const isZeros = (node: unknown) => {
  const { operator, left, right } = node as Tree;
  return operator === "|" && isNumber(left, "0") && isNumber(right, "0");
};
const isMark = ({ type, expression }: Tree) =>
  type === "EmptyStatement" ||
  (type === "ExpressionStatement" && (isNumber(expression, "0") || isNumber(expression, "null")));

/** A syntax tree without marks and places. */
function unmarked(node: unknown): unknown {
  if (Array.isArray(node)) return node.filter((each) => !each || !isMark(each)).map(unmarked);
  if (typeof node !== "object" || node === null || node instanceof RegExp) return String(node);
  const { type, test, consequent, alternate } = node as Tree;
  if (type === "ConditionalExpression") {
    if (isNumber(test, "0") && isZeros(consequent)) return unmarked(alternate);
    const isBefore = isNumber(test, "1") || isNumber(test, "'1'");
    if (isBefore && isZeros(alternate)) return unmarked(consequent);
  }
  const parts = Object.entries(node).filter(([key]) => !["start", "end", "shorthand"].includes(key));
  return Object.fromEntries(parts.map(([key, value]) => [key, unmarked(value)]));
}

const tree = (code: string) => unmarked(parse(code, { ecmaVersion: "latest", sourceType: "module" }));

function expectSameTree(name: string, source: string): void {
  const code = marked(source);
  const map = positionsOf(code) === "" ? 0 : 1;
  expect([name, code.split("\n").length]).toEqual([name, source.split("\n").length + map]);
  expect([name, JSON.stringify(tree(code))]).toEqual([name, JSON.stringify(tree(source))]);
}

test("marks change nothing of what a module means, and no line", () => {
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  for (const folder of ["src", "extensions", "node_modules/acorn/dist"]) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!/\.(ts|m?js)$/.test(name) || /\.d\.m?ts$/.test(name)) continue;
      const source = readFileSync(join(root, folder, name), "utf8");
      expectSameTree(name, name.endsWith(".ts") ? transpiler.transformSync(source) : source);
    }
  }
});

test("marks stand where any expression may stand, and nowhere else", () => {
  const sources = {
    "a method keeps its object": "(\n a\n  .b)(\n 1);\n(a\n.b)`x`;",
    "references stay references": "delete (\na\n.b);\ntypeof (\nmissing);\n(a\n.b) = 1;\n(a\n.b)++;",
    "optional chains end together": "const x = a\n  ?.b\n  .c\n  .d(\n 1,\n e.f);",
    "statements without semicolons stay apart":
      "const a = b\nfoo\n  .bar\n  .baz()\nlet c = 1\nlist\n.map(\nx)\n.y()",
    "words are not glued":
      "if (a)\n  return_();\nfor (const x of[\na.b]) ;\nfunction f() {\n if (a)\n return!b.c;\n return`x`.y; }",
    "directives come first": 'function f() {\n "use strict";\n return a.b; }',
    "names come from what is assigned":
      "const a = {\n b:\n () => 1,\n c:\n class {},\n d:\n (function () {}) };\n({ e = \n class { [\nx.y] = 1 } } = f);",
    "a shorthand is a key and a value": "const a = {\n b,\n c: 1,\n __proto__,\n };",
    "sequences stay whole": "a[\nb.c,\nd.e];\nfor (;; a.b,\nc.d) {\ne.f,\ng.h }\n(\na.b, c.d\n).e;",
    "spread, yield, await": "async function* f() {\n g(\n a.b,\n ...c.d,\n yield e.f,\n await h.i\n) }",
    patterns:
      "const {\n a = b.c,\n [d.e]: f = g(\nh.i),\n ...j\n} = k,\n [l = m.n] = o;\nfor (const { p: { q } } of r) {\ns() }",
    classes:
      "class A extends (\nb.c) {\n d = e.f;\n static g = h.i;\n [j.k]() {}\n static {\n l.m }\n #n = 1;\n o(p = q.r) { return #n in\n p }\n accessor\n }",
    operators: "const a = b.c\n && d.e\n || (f.g\n ?? h.i)\n ** 2\n + -j.k;\nl ||=\n m.n;",
    modules:
      "import a, { b } from 'c';\nexport * from 'd';\nexport { a };\nexport const e = f.g;\nexport default\n h.i;",
  };
  for (const [name, source] of Object.entries(sources)) expectSameTree(name, source);
});

test("what does not parse, or is nested too deeply, is left as it is", () => {
  const broken = "const a = ;";
  expect(marked(broken)).toBe(broken);
  const sum = `export default ${"a + ".repeat(200_000)}a;`;
  expect(marked(sum)).toBe(sum);
});

test("the map says where the author has it", () => {
  const code = marked('let a;\nif (a) a.b();\nconst c = "é"; const d = {\n  e: a.b };');
  expect(code.split("\n").slice(0, 4)).toEqual([
    "let a;",
    " 0;if (a) a.b();",
    'const c = "é";  0;const d = {',
    "  e:  0?0| 0:a.b };",
  ]);
  // What was put in stands for what is behind it; then columns count on. An é takes two of the engine's.
  expect(positionsOf(code)).toBe(";2,1=1,4+1;3,14+13,17=16,20+16;4,6=6,14+6");
});
