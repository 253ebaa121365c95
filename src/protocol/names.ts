/**
 * The rule that names of users, rooms, room types, message types and applications follow. `__proto__` is no name;
 * `constructor` is one, so whoever looks names up uses a Map or own properties.
 */

/** The rule as a sentence, for error messages. */
export const nameRule =
  "A name has 1 to 64 characters, starts with a letter or digit, goes on with letters, marks, digits, spaces and _.:@#'/+-, and does not end with a space.";

/** The rule. One alternative for each end: without backtracking over 64 characters, and `u` counts code points. */
export const namePattern =
  /^[\p{L}\p{Nd}](?:[\p{L}\p{M}\p{Nd} _.:@#'/+-]{0,62}[\p{L}\p{M}\p{Nd}_.:@#'/+-])?$/u;

/** Most names: ASCII letters and digits with `_` or `-`; it saves the Unicode tables on the hot path. */
export const plainNamePattern = /^[A-Za-z0-9](?:[\w-]{0,63})$/;

/** Names that come from file names (applications, room types): the rule without `/` and space. */
const fileName = /[ /]/;

/** Whether `text` may name a user, a room or a message type; a `string` is all it takes, so that callers check the type. */
export function isName(text: string): boolean {
  return plainNamePattern.test(text) || namePattern.test(text);
}

/** Whether `text` may name an application or a room type, which come from file names. */
export function isFileName(text: string): boolean {
  return isName(text) && !fileName.test(text);
}
