import * as v from "valibot";

const field = v.object({
  name: v.string(),
  type: v.picklist(["text", "number", "flag", "choice"]),
  isOptional: v.optional(v.boolean()),
  choices: v.optional(v.array(v.union([v.string(), v.number(), v.boolean()]))),
});

/** Messages that clients may send. */
export const takenMessages = v.array(
  v.object({
    type: v.string(),
    fields: v.optional(
      v.pipe(v.array(field), v.description("Absent where a form can't be made of the schema.")),
    ),
  }),
);
