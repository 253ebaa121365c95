import { expect, test } from "bun:test";
import { fileNameFault, isFileName, isName, nameProblem } from "../../src/protocol/names.ts";

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
  "O’Brien", // as iOS writes it
  "ʻOkina ‘n’ Roll",
  "Col·legi",
  "キム・ヨナ",
  "Jean‐Luc",
  "Meyer–Landrut",
  "Anne\u2011Marie", // with a hyphen that breaks no line
  "J‧K‧羅琳",
  "ジャン＝リュック",
  "ジャン゠リュック",
  "〇七",
  "李〇",
  "ג׳ורג׳",
  "צה״ל",
  "می\u200cخواهم", // Persian, with a non-joiner
  "क्\u200dष", // a mark, a joiner, a letter
  `a${"’".repeat(62)}z`,
  `𝒷${"\u200c𝒷".repeat(31)}𝒷`,
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
  "’a",
  "a’",
  "a·",
  "・a",
  "a–",
  "a\u2011",
  "‧a",
  "a＝",
  "׳a",
  "〇\u200d〇",
  "–",
  "\u200da",
  "a\u200c",
  "a\u200c\u200db", // two that can't be seen
  "a\u200d ", // nor beside what is no letter
  "1\u200d2",
  "a_\u200db",
  `a${"’".repeat(63)}z`,
  `${"\u200c𝒷".repeat(32)}𝒷`,
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
  expect(
    ["a b", "a/b", "../a", "__proto__", "", "..", "O’Brien", "می\u200cخواهم", "〇", "ג׳"].some(isFileName),
  ).toBe(false);
  expect(["a b", "O’Brien", "a\u200cb", "_a"].map(fileNameFault)).toEqual([
    "has U+0020 inside",
    "has ’ (U+2019) inside",
    "has U+200C inside",
    "begins with _ (U+005F)",
  ]);
});

test.each([
  ["", "it is empty"],
  ["_a", "it begins with _ (U+005F)"],
  ["\u0301a", "it begins with U+0301"],
  ["a😀", "it ends with 😀 (U+1F600)"],
  ["a😀b", "it has 😀 (U+1F600) inside"],
  ["ab ", "it ends with U+0020"],
  ["ab’", "it ends with ’ (U+2019)"],
  ["a\u202eb", "it has U+202E inside"],
  ["a\ud800", "it ends with U+D800"],
  ["a\u200c\u200db", "it has U+200C inside"],
  ["a_\u200db", "it has U+200D inside"],
  ["a\u200d", "it ends with U+200D"],
  ["a".repeat(65), "it has more than 64 characters"],
  [`${"𝒷".repeat(64)}😀`, "it has more than 64 characters"],
  [`😀${"a".repeat(65)}`, "it begins with 😀 (U+1F600)"],
])("[P30] the answer shows what is wrong with %j: %s", (text, why) => {
  expect(nameProblem(text)).toContain(` is not a valid name: ${why}. A name has 1 to 64 characters`);
});

test("[P30] what is said to be wrong with a text is wrong with it", () => {
  const letters = ["a", "é", "\u0301", "_", " ", "’", "\u200c", "\u200d", "😀", "1"];
  const texts = letters.flatMap((a) =>
    letters.flatMap((b) => letters.flatMap((c) => letters.map((d) => a + b + c + d))),
  );
  const wrong = texts.filter((text) => !isName(text) && nameProblem(text).includes("more than"));
  expect(wrong).toEqual([]);
});

test("names of 64 characters and long texts that are almost names take no exponential time", () => {
  expect(isName("a ".repeat(50_000))).toBe(false);
  expect(isName(`${"a".repeat(63)} `)).toBe(false);
  for (const part of ["a\u200c", "\u200c", "’", "é\u200d "]) {
    const text = part.repeat(50_000);
    expect(isName(text)).toBe(false);
    expect(nameProblem(text).length).toBeLessThan(600);
  }
});
