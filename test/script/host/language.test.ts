import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stage } from "./stage.ts";

const document = readFileSync(join(import.meta.dir, "../../../docs/EXTENSIONS.md"), "utf8");
const section = document.slice(
  document.indexOf("## What a script can't do"),
  document.indexOf("Each event has limits"),
);

async function ask(expressions: readonly string[]): Promise<unknown[]> {
  const stage = await Stage.room(
    `messages: { ask: () => [${expressions.map((each) => `(() => ${each})()`)}] }`,
  );
  return (await stage.message("ask")).value as unknown[];
}

const missing = [
  "Intl",
  "URL",
  "WeakRef",
  "FinalizationRegistry",
  "SharedArrayBuffer",
  "Atomics",
  "Temporal",
  "process",
];

test("what the document says is missing is missing", async () => {
  expect(await ask(missing.map((name) => `typeof ${name}`))).toEqual(missing.map(() => "undefined"));
  for (const name of missing) expect(section).toContain(`\`${name}\``);
  expect(await ask(["typeof Uint8Array.fromBase64", "typeof Symbol.dispose"])).toEqual([
    "undefined",
    "undefined",
  ]);
});

test("what the document says is there is there", async () => {
  const there = [
    "Array.fromAsync",
    "new Map().getOrInsert",
    "Promise.try",
    "RegExp.escape",
    "Object.groupBy",
    "new Set().union",
    "[].values().map",
  ];
  expect(await ask(there.map((each) => `typeof ${each}`))).toEqual(there.map(() => "function"));
});

test("of browsers there is what the document says", async () => {
  const there = [
    "TextEncoder",
    "TextDecoder",
    "atob",
    "btoa",
    "structuredClone",
    "crypto.randomUUID",
    "crypto.getRandomValues",
    "performance.now",
    "queueMicrotask",
  ];
  expect(await ask(there.map((each) => `typeof ${each}`))).toEqual(there.map(() => "function"));
  for (const name of there) expect(section).toContain(`\`${name}\``);
});

test("there is one locale, as the document says", async () => {
  expect(
    await ask([
      `(1234567.891).toLocaleString("de-DE")`,
      `new Date(0).toLocaleTimeString("en-US", { timeZone: "Asia/Tokyo" }) === new Date(0).toLocaleTimeString()`,
      `["z", "ä", "a"].sort((one, other) => one.localeCompare(other)).join("")`,
      String.raw`/^\p{RGI_Emoji}$/v.test("👨‍👩‍👧")`,
    ]),
  ).toEqual(["1234567.891", true, "azä", false]);
});

test("syntax that the document says is missing does not load", async () => {
  for (const code of [
    "x = /(?i:a)b/",
    "x = /(?<a>x)|(?<a>y)/",
    String.raw`x = /[\p{L}--[a-z]]/v`,
    "class A { @log run() {} }",
    "class A { accessor hp = 1 }",
    "using x = 1",
  ]) {
    const loading = Stage.of({ "rooms/m.ts": `let x;\n${code};` });
    await expect(loading).rejects.toThrow(/^SyntaxError: /);
  }
});
