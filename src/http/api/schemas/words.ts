import * as v from "valibot";
import { isName, nameProblem } from "../../../protocol/names.ts";

/** A name of a room, a type or a message. */
export const name = v.pipe(
  v.string(),
  v.check(
    (text) => isName(text),
    ({ input }) => nameProblem(input),
  ),
  v.description("A name: 1 to 64 characters, letters, digits and some others."),
);

/** A whole number, 0 or more. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Milliseconds since the epoch. */
export const time = v.pipe(v.number(), v.description("Milliseconds since the epoch."));

/** Data of scripts: any JSON, which may be left out. */
export const data = v.optional(v.pipe(v.unknown(), v.description("Any JSON.")));

/** Where something stands in an author's source. */
export const position = v.object({ file: v.string(), line: count, column: count });

/** What every failure looks like. */
export const problemAnswer = v.object({
  error: v.object({ code: v.string(), message: v.string(), data }),
});

const MOST_OF_PAGE = 1000;
const USUAL_OF_PAGE = 100;
const limitRule = `it must be a whole number, 1 to ${MOST_OF_PAGE}`;

/** What the query of a list has that comes in pages. */
export const pageQuery = {
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,4}$/, limitRule),
      v.transform(Number),
      v.minValue(1, limitRule),
      v.maxValue(MOST_OF_PAGE, limitRule),
    ),
    String(USUAL_OF_PAGE),
  ),
  cursor: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(256),
      v.description("`next` of the page before; none for the first page."),
    ),
  ),
};

/** What a page ends with where there is another one. */
export const next = v.optional(
  v.pipe(v.string(), v.description("Cursor of the next page; absent on the last.")),
);
