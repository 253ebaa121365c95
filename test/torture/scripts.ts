/** All hostile scripts, by what they misuse, with what must happen to each. */
import type { Hostile } from "./hostile.ts";
import { escapes } from "./scripts/escapes.ts";
import { floods } from "./scripts/floods.ts";
import { loops } from "./scripts/loops.ts";
import { memory } from "./scripts/memory.ts";
import { natives } from "./scripts/natives.ts";
import { prototypes } from "./scripts/prototypes.ts";
import { recursion } from "./scripts/recursion.ts";
import { texts } from "./scripts/texts.ts";
import { values } from "./scripts/values.ts";

export const tables: Readonly<Record<string, readonly Hostile[]>> = {
  loops,
  natives,
  memory,
  recursion,
  floods,
  values,
  texts,
  prototypes,
  escapes,
};
