import type { Ceilings } from "../../core/application/ceilings.ts";
import { BuildError } from "../../core/errors.ts";
import type { Builder } from "../compile/builder.ts";
import type { FoundApplication } from "../find/found_application.ts";
import { readSources } from "../read/sources.ts";
import type { Change } from "./tracked_application.ts";

/** Resolves with the next version of an application that is not watched, which `find` returns, or with what is wrong with it. Never rejects. */
export async function builtChange(
  application: string,
  find: () => FoundApplication,
  builder: Builder,
  ceilings: Ceilings,
): Promise<Change> {
  try {
    const found = find();
    const sources = await readSources(found, ceilings);
    return { kind: "changed", application, ...(await builder.build(found, sources)) };
  } catch (error) {
    return { kind: "broken", application, error: BuildError.of(error) };
  }
}
