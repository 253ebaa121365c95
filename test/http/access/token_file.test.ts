import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/core/ports/clock.ts";
import { TokenFile } from "../../../src/http/access/token_file.ts";

const folder = mkdtempSync(join(tmpdir(), "hotroom-tokens-"));
const path = join(folder, "tokens.json");
const [ann, bob] = ["a-token-of-anns-own", "a-token-of-bobs-own"];
const listOf = (...tokens: string[]) => JSON.stringify(tokens.map((token) => ({ token, scopes: ["read"] })));

let opened: TokenFile | undefined;
afterEach(() => opened?.close());

async function open(text = listOf(ann, bob)) {
  const lines: string[] = [];
  let heard = Promise.withResolvers<void>();
  writeFileSync(path, text);
  opened = await TokenFile.open(path, systemClock, (level, line) => {
    lines.push(`${level} ${line}`);
    heard.resolve();
    heard = Promise.withResolvers();
  });
  opened.watch();
  const has = async (token: string) => (await opened?.current())?.grantOf(token) !== undefined;
  return { lines, has, next: () => heard.promise };
}

test("a token that is taken out ends at once, and a new one begins, however the file is written", async () => {
  const { has } = await open();
  expect([await has(ann), await has(bob)]).toEqual([true, true]);
  writeFileSync(path, listOf(ann));
  expect([await has(ann), await has(bob)]).toEqual([true, false]);
  // As long, and within the same moment.
  writeFileSync(join(folder, "next"), listOf(bob));
  renameSync(join(folder, "next"), path);
  expect([await has(ann), await has(bob)]).toEqual([false, true]);
});

test("what asks while the file is being looked at gets what it says then", async () => {
  const { has } = await open();
  const before = has(bob);
  writeFileSync(path, listOf(ann));
  const after = has(bob);
  await before;
  expect(await after).toBe(false);
});

test("a broken file, and none, leave the tokens that were there, and are told once", async () => {
  const { has, lines } = await open();
  writeFileSync(path, `[{"token":"${bob}"`);
  expect([await has(ann), await has(bob), await has(bob)]).toEqual([true, true, true]);
  expect(lines).toEqual([
    `error Cannot use the tokens in ${path}: it is not JSON. Those that it had before are taken until it can be used.`,
  ]);
  unlinkSync(path);
  expect([await has(ann), await has(ann)]).toEqual([true, true]);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain("ENOENT");
  writeFileSync(path, listOf(bob));
  expect([await has(ann), await has(bob)]).toEqual([false, true]);
  expect(lines[2]).toBe(`info The tokens in ${path} are taken over: 1.`);
  expect(lines.join("")).not.toContain(bob);
});

test("an edit is taken over though nobody asks", async () => {
  const { lines, next } = await open();
  const told = next();
  writeFileSync(path, "[]");
  await told;
  expect(lines).toEqual([`info The tokens in ${path} are taken over: 0.`]);
});

test("a file that can't be used is none to begin with", async () => {
  const openAt = (place: string) => TokenFile.open(place, systemClock, () => {});
  await expect(openAt(join(folder, "none"))).rejects.toMatchObject({ code: "bad_tokens" });
  await expect(openAt(folder)).rejects.toThrow("it is no file");
  writeFileSync(path, " ".repeat(64 * 1024 + 1));
  await expect(openAt(path)).rejects.toThrow("it has more than 65536 bytes.");
  writeFileSync(path, "{}");
  await expect(openAt(path)).rejects.toThrow("it must be a list");
});

process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
