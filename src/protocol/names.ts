/**
 * The rule that names of users, rooms, room types, message types and applications follow. `__proto__` is not a
 * name; `constructor` is one, so whoever looks names up uses a Map or own properties.
 */

/** The rule as a sentence, for error messages. */
export const nameRule =
  "A name has 1 to 64 characters, starts with a letter or digit, goes on with letters, marks, digits, spaces and _.:@#'/+-, and does not end with a space.";

/** The rule: at most 64 code points, which `u` counts; the last one is no space. */
export const namePattern =
  /^[\p{L}\p{Nd}](?:[\p{L}\p{M}\p{Nd} _.:@#'/+-]{0,62}[\p{L}\p{M}\p{Nd}_.:@#'/+-])?$/u;

/** Most names: ASCII letters and digits with `_` or `-`; it spares them the Unicode tables. */
export const plainNamePattern = /^[A-Za-z0-9](?:[\w-]{0,63})$/;

/** What names that come from files (of applications and room types) must not hold besides. */
const notInFileNames = /[ /]/;

/** Returns true if `text` may name a user, a room or a type of message. */
export function isName(text: string): boolean {
  return plainNamePattern.test(text) || namePattern.test(text);
}

/** Returns true if `text` may name an application or a room type, whose names come from files. */
export function isFileName(text: string): boolean {
  return isName(text) && !notInFileNames.test(text);
}
