/** The compiler tests this file, by `bun run types`: what editors are told of settings is what the server takes. */
import { expect, test } from "bun:test";
import {
  limitsSchema,
  type SettingsInput,
  sessionSchema,
  settingsSchema,
} from "../../../src/core/application/settings.ts";
import { authSchema, jwtSchema } from "../../../src/core/auth/auth_settings.ts";
import { apiTypes } from "../../../src/source/editor/api_types.ts";
import type { Settings } from "../../../src/source/editor/types/settings.d.ts";

/** Takes what fits both ways, to the last optional key. */
export function both(
  input: Whole<SettingsInput>,
  settings: Whole<Settings>,
): [Whole<Settings>, Whole<SettingsInput>] {
  return [input, settings];
}

/** A type with every key of it required, those within it too. */
type Whole<T> = {
  -readonly [Key in keyof T]-?: NonNullable<T[Key]> extends object
    ? Whole<NonNullable<T[Key]>>
    : NonNullable<T[Key]>;
};

test("editors know every setting", () => {
  const known = [...(apiTypes["settings.d.ts"] ?? "").matchAll(/^ {2}(\w+)\?:/gm)].map(([, key]) => key);
  const schemas = [settingsSchema, sessionSchema, limitsSchema, authSchema, jwtSchema];
  const keys = schemas.flatMap(({ entries }) => Object.keys(entries));
  // The one that must be there.
  expect([...known, "algorithms"].toSorted()).toEqual(keys.toSorted());
});
