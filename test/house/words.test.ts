/** Which words stand in the house, and which have gone. */
import { expect, test } from "bun:test";
import { code, files, lineAt, sources } from "./sources.ts";

/** Files that have to name what nobody else may. */
const self = "test/house/words.test.ts";

test("no class or variable is called by a word that says nothing", () => {
  // Of the web's own names these are in use.
  const allowed =
    /^(AbortController|\w*StreamDefaultController|MessageChannel|BroadcastChannel|timeZone\w*)$/;
  const broken = sources.flatMap(({ path, text }) =>
    [...code(text).matchAll(/\b\w*?(Manager|Controller|Service|Zone|Channel|Actor)(?![a-z])\w*/g)]
      .filter(({ 0: name }) => !allowed.test(name))
      .map(
        ({ 0: name, 1: word, index }) =>
          `${path}:${lineAt(text, index)} ${name}: "${word}" is not one of our words`,
      ),
  );
  expect(broken).toEqual([]);
});

test("no word of housing, travel, bookkeeping or weather stands for what docs/ARCHITECTURE.md names plainly", () => {
  const gone =
    /(?<![a-z])(seat|sitter|tenant|landlord|convoy|lull|ledger|course|upkeep|way.?back)s?(?![a-z])/gi;
  const broken = sources.flatMap(({ path, text }) =>
    [...apart(text).matchAll(gone)].map(
      ({ 1: word, index }) => `${path}:${lineAt(apart(text), index)} has the word "${word}"`,
    ),
  );
  expect(broken).toEqual([]);
});

test("nothing refers to a text that is not in the repository", () => {
  const everything = files(".", /\.(ts|js|go|json|md|html|css)$|^run$/).filter(({ path }) => path !== self);
  const broken = everything.flatMap(({ path, text }) =>
    [...text.matchAll(/\bDESIGN\b|\b[Tt]he (issue|design)\b(?! of)/g)].map(
      ({ 0: found, index }) => `${path}:${lineAt(text, index)} refers to ${found}`,
    ),
  );
  expect(broken).toEqual([]);
});

test("nothing names a place on one machine, or a registry", () => {
  const everything = files(".", /\.(ts|js|go|mod|work|json|jsonc|md|html|css|toml|lock|yml)$|^run$/);
  const pattern =
    /(?<![\w$.})/-])\/(?:home\/(?!ann\b)|root\/|Users\/|work\/)[\w.]+|\bregistry\.\w+\.\w+|\bnpm\.jsr\.io\b/g;
  const broken = everything
    .filter(({ path }) => path !== self)
    .flatMap(({ path, text }) =>
      [...text.matchAll(pattern)].map(
        ({ 0: found, index }) => `${path}:${lineAt(text, index)} names ${found}`,
      ),
    );
  expect(broken).toEqual([]);
});

/** A text with the words of names set apart, as in `way Back` for `wayBack`; it has the same lines. */
function apart(text: string): string {
  return text.replace(/(?<=[a-z0-9])(?=[A-Z])/g, " ").replaceAll("_", " ");
}
