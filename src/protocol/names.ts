/**
 * The rule that names of users, rooms, room types, message types and applications follow. `__proto__` is not a
 * name; `constructor` is one, so whoever looks names up uses a Map or own properties.
 */

/** Longest name, characters (code points). */
const MAX_NAME_LENGTH = 64;
/** How much of what is no name an error quotes, UTF-16 units. */
const QUOTED_LENGTH = 64;

/** The rule as a sentence, for error messages. */
export const nameRule =
  "A name has 1 to 64 characters, starts with a letter or digit, goes on with letters, marks, digits, spaces, _.:@#'/+- and ’‘·‧・゠＝‐‑–, has joiners only between letters, and ends with none of the latter, nor with a space.";

/**
 * The rule: at most 64 code points, which `u` counts. What phones write in place of ' and -, and between the parts of foreign
 * names, stands inside only (U+2019 and U+2018, U+00B7, U+2027, U+30FB, U+30A0 and U+FF1D, U+2010, U+2011 and U+2013), and so does
 * a space. The zero of Han (U+3007), to Unicode a number, is a letter; the two marks of Hebrew (U+05F3, U+05F4) are its
 * apostrophes, also at the end. A joiner (U+200C, U+200D), which can't be seen, stands between two letters or marks: so it is never
 * at an end, and never beside another. It is written with escapes, since the prelude gets its source.
 */
export const namePattern =
  /^(?!.{0,62}(?:[\u200c\u200d](?![\p{L}\p{M}])|[^\p{L}\p{M}][\u200c\u200d]))[\p{L}\p{Nd}\u3007](?:[\p{L}\p{M}\p{Nd}\u3007\u05f3\u05f4 _.:@#'/+\-\u2019\u2018\u00b7\u2027\u30fb\u30a0\uff1d\u2010\u2011\u2013\u200c\u200d]{0,62}[\p{L}\p{M}\p{Nd}\u3007\u05f3\u05f4_.:@#'/+-])?$/u;

/** Most names: ASCII letters and digits with `_` or `-`; it spares them the Unicode tables. */
export const plainNamePattern = /^[A-Za-z0-9](?:[\w-]{0,63})$/;

/** What names that come from files (of applications and room types) must not hold besides. */
const notInFileNames =
  /[ /\u3007\u05f3\u05f4\u2019\u2018\u00b7\u2027\u30fb\u30a0\uff1d\u2010\u2011\u2013\u200c\u200d]/u;

/** Returns true if `text` may name a user, a room or a type of message. */
export function isName(text: string): boolean {
  return plainNamePattern.test(text) || namePattern.test(text);
}

/** Returns true if `text` may name an application or a room type, whose names come from files. */
export function isFileName(text: string): boolean {
  return isName(text) && !notInFileNames.test(text);
}

/** Returns why `text` is no name, with the character to blame and the rule: `"a😀" is not a valid name: it ends with 😀 (U+1F600). …`. */
export function nameProblem(text: string): string {
  const shown = text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH - 1)}…` : text;
  return `${JSON.stringify(shown)} is not a valid name: it ${faultOf(text)}. ${nameRule}`;
}

/** Returns what keeps `text` from being the name of a file: `has · (U+00B7) inside`. */
export function fileNameFault(text: string): string {
  const found = isName(text) ? notInFileNames.exec(text)?.[0] : undefined;
  return found === undefined ? faultOf(text) : `has ${characterShown(found)} inside`;
}

function faultOf(text: string): string {
  const characters = [...text.slice(0, 2 * MAX_NAME_LENGTH)].slice(0, MAX_NAME_LENGTH);
  const [first, ...rest] = characters;
  if (first === undefined) return "is empty";
  if (!isName(first)) return `begins with ${characterShown(first)}`;
  const whole = characters.join("").length === text.length;
  for (const [at, character] of rest.entries()) {
    // A joiner takes its neighbours' measure; all else is tried between two letters.
    const [before, after] = isJoiner(character) ? [characters[at], rest[at + 1] ?? ""] : ["a", "a"];
    const isLast = whole && at === rest.length - 1;
    if (isName(`a${before}${character}${after}a`) && !(isLast && !isName(`a${character}`))) continue;
    return `${isLast ? "ends with" : "has"} ${characterShown(character)}${isLast ? "" : " inside"}`;
  }
  return `has more than ${MAX_NAME_LENGTH} characters`;
}

function isJoiner(character: string): boolean {
  return character === "\u200c" || character === "\u200d";
}

/** Returns a character by its number, and itself where it can be seen alone. */
function characterShown(character: string): string {
  const number = `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0")}`;
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? `${character} (${number})` : number;
}
