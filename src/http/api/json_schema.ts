import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";

/** Returns a schema as JSON Schema, by what may be sent; rules that it has no words for are left out. */
export function schemaOf(schema: v.GenericSchema): object {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    target: "draft-2020-12",
    errorMode: "ignore",
    typeMode: "input",
  });
  return rest;
}
