import { expect, test } from "bun:test";
import { isFileName, isName } from "../../src/protocol/names.ts";

const names = [
  "a",
  "7",
  "lobby",
  "room-1",
  "a_b.c:d@e#f'g/h+i",
  "Zoë",
  "名前",
  "Привет",
  "नमस्ते",
  "٣",
  "two words",
  "constructor",
  "toString",
  "e\u0301", // a mark after its letter
  "𝒜𝒷", // letters outside the BMP
  "a".repeat(64),
  `a${"𝒷".repeat(63)}`, // 64 characters in 127 units
];

const others = [
  "",
  " ",
  " a",
  "a ",
  "a\n",
  "a\u00a0b", // a space, but not the space
  "__proto__",
  "_a",
  "-a",
  ".hidden",
  "/a",
  "\u0301a", // a mark without a letter
  "a\tb",
  "a\0b",
  'a"b',
  "a\\b",
  "a<b",
  "a\u200bb", // zero width space
  "a\u202eb", // right-to-left override
  "a\ud800",
  "\ud800",
  "😀",
  "a😀",
  "a".repeat(65),
  `a${"𝒷".repeat(64)}`,
  "é".repeat(65),
];

test.each(names)("[P30] %j is a name", (name) => {
  expect(isName(name)).toBe(true);
});

test.each(others)("[P30] %j is no name", (text) => {
  expect(isName(text)).toBe(false);
});

test("[P30] the quick test for plain names says the same as the rule for every pair of ASCII characters", () => {
  const rule = /^[a-zA-Z0-9](?:[a-zA-Z0-9 _.:@#'/+-]*[a-zA-Z0-9_.:@#'/+-])?$/;
  for (let first = 0; first < 128; first++) {
    for (let second = 0; second < 128; second++) {
      const text = String.fromCharCode(first, second);
      if (isName(text) !== rule.test(text)) throw new Error(`${JSON.stringify(text)}: ${isName(text)}`);
    }
  }
});

test("[P31] names that come from file names have no space and no slash", () => {
  expect(["chat", "room-type_2", "ключ"].every(isFileName)).toBe(true);
  expect(["a b", "a/b", "../a", "__proto__", "", ".."].some(isFileName)).toBe(false);
});

test("names of 64 characters and long texts that are almost names take no exponential time", () => {
  expect(isName("a ".repeat(50_000))).toBe(false);
  expect(isName(`${"a".repeat(63)} `)).toBe(false);
});
