/** Who reads the documents alone knows all that scripts and their tests can import, and what it has. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const folder = join(root, "src/source/editor/types");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const types = new Map(
  readdirSync(folder).map((name) => [name.replace(".d.ts", ""), readFileSync(join(folder, name), "utf8")]),
);
/** What `hotroom.d.ts` exports of others. */
const parts = [...(types.get("hotroom") ?? "").matchAll(/^export type \* from "\.\/(\w+)\.d\.ts"/gm)].map(
  ([, name = ""]) => name,
);

const exportsOf = (text: string) =>
  [...text.matchAll(/^export (?:declare )?(?:function|interface|type|const) (\w+)/gm)].map(
    ([, name = ""]) => name,
  );

/** Names of all members of exported interfaces and object types, with what they are of. */
function membersOf(text: string): { owner: string; member: string }[] {
  return [...text.matchAll(/^export (?:interface|type) (\w+)[^{;]*\{\n([\s\S]*?)^\}/gm)].flatMap(
    ([, owner = "", body = ""]) =>
      [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(<]/gm)].map(([, member = ""]) => ({
        owner,
        member,
      })),
  );
}

/** All that stands in code in a document, in a line or in a block. */
const codeOf = (document: string) =>
  [...read(document).matchAll(/^```[\s\S]*?^```|`[^`\n]+`/gm)].map(([text]) => text).join("\n");

describe.each([
  ["hotroom", ["docs/EXTENSIONS.md", "docs/OPERATIONS.md"], [...parts, "hotroom"]],
  ["hotroom/test", ["docs/TESTING.md"], ["test"]],
])("what %s exports", (_, documents, files) => {
  const text = files.map((name) => types.get(name) ?? "").join("\n");
  const code = documents.map(codeOf).join("\n");
  const isNamed = (name: string) => new RegExp(`\\b${name}\\b`).test(code);

  test(`is named in ${documents[0]}`, () => {
    const names = exportsOf(text);
    expect(names.length).toBeGreaterThan(5);
    const first = codeOf(documents[0] ?? "");
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(first))).toEqual([]);
  });

  test(`has nothing that ${documents.join(" and ")} leave out`, () => {
    const members = membersOf(text).filter(
      ({ owner, member }) => owner !== "StandardSchemaV1" && member !== "toString",
    );
    expect(members.length).toBeGreaterThan(10);
    expect(members.filter(({ member }) => !isNamed(member))).toEqual([]);
  });
});

test("docs/EXTENSIONS.md names each key of a definition", () => {
  const text = types.get("hotroom") ?? "";
  const keys = [...text.matchAll(/^ {2}(\w+)\??[:(]/gm)].map(([, key = ""]) => key);
  const code = codeOf("docs/EXTENSIONS.md");
  expect(new Set(keys).size).toBeGreaterThan(10);
  expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(code))).toEqual([]);
});
