/** Sources that are made to take a parser, or whoever reads its answer, as long as they can. */

/** UTF-16 units of a source that is just within the limit. */
const SIZE = 511 * 1024;

/** As many of a text as fit. */
const filled = (text: string) => text.repeat(Math.floor(SIZE / text.length));

/** As many numbered texts as fit. */
function numbered(text: (number: number) => string): string {
  const parts: string[] = [];
  for (let size = 0, number = 0; size < SIZE - 100; number++) {
    const part = text(number);
    parts.push(part);
    size += part.length;
  }
  return parts.join("");
}

/** One source in an application of its own. */
export interface SourceAttack {
  readonly name: string;
  /** Text by path in the application's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** What the error says. */
  readonly must: RegExp;
}

const app = (ending: "js" | "ts", source: string) => ({ [`app.${ending}`]: source });
const json = (name: string, text: string) => ({ "app.js": "export default 1;", [name]: text });
const tooSlow = /takes longer than 5000 ms/;
const deep = /nested too deeply/;
const invalid = /./;

/** All of them. None may become a version. */
export const sourceAttacks: readonly SourceAttack[] = [
  { name: "comments that are never closed", files: app("js", filled("a/*")), must: invalid },
  { name: "comments that are never closed, typed", files: app("ts", filled("a/*")), must: invalid },
  { name: "parentheses", files: app("js", filled("(")), must: deep },
  { name: "parentheses, typed", files: app("ts", filled("(")), must: deep },
  { name: "slashes", files: app("js", filled("/")), must: invalid },
  { name: "regular expressions", files: app("js", `x=${filled("/(a)/;x=")}1`), must: invalid },
  { name: "regular expressions that never end", files: app("js", filled("/[")), must: invalid },
  {
    name: "groups of one regular expression",
    files: app("js", `let a = /${numbered((n) => `(?<a${n}>)`)}/;`),
    must: invalid,
  },
  { name: "angles", files: app("js", filled("<")), must: invalid },
  { name: "angles, typed", files: app("ts", filled("a<b>(")), must: invalid },
  { name: "templates in templates", files: app("js", filled("`${")), must: deep },
  { name: "templates that never end", files: app("js", filled("`a")), must: invalid },
  { name: "a long template", files: app("js", `let a = \`${filled("x").slice(9)}`), must: invalid },
  {
    name: "arrows that may be conditions",
    files: app("ts", `let a = ${"a ? (b) : c => ".repeat(40)}1;`),
    must: tooSlow,
  },
  {
    name: "variables",
    files: app(
      "js",
      numbered((n) => `let a${n};`),
    ),
    must: invalid,
  },
  { name: "labels", files: app("js", `${numbered((n) => `a${n}:`)};`), must: invalid },
  { name: "imports", files: app("js", filled('import"a";')), must: /Cannot import "a"/ },
  {
    name: "an import without end",
    files: app("js", `import "${filled("../").slice(20)}a"`),
    must: /Cannot import/,
  },
  {
    name: "one line with an error at its end",
    files: app("js", `${filled("a;").slice(8)}b c`),
    must: invalid,
  },
  {
    name: "lines with an error in the last",
    files: app("ts", `${filled("\n").slice(8)}b c`),
    must: /Expected/,
  },
  { name: "data of brackets", files: json("a.json", filled("[")), must: /Invalid JSON/ },
  {
    name: "data with an error at its end",
    files: json("a.json", `{${filled('"a":1,')}}`),
    must: /Invalid JSON/,
  },
  { name: "settings of brackets", files: json("hotroom.json", "[".repeat(60_000)), must: /Invalid JSON/ },
  {
    name: "settings with a long value",
    files: json("hotroom.json", `{"rooms":"${"x".repeat(60_000)}"}`),
    must: /^rooms: .{0,300}$/,
  },
  {
    name: "settings with a long key",
    files: json("hotroom.json", `{"${"x".repeat(60_000)}":1}`),
    must: /^x{100}.{0,200}no such setting\.$/,
  },
];
