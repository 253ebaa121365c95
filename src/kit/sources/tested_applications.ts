import type { Ceilings } from "../../core/application/ceilings.ts";
import { HotroomError } from "../../core/errors.ts";
import type { Stripper } from "../../source/compile/stripper.ts";
import { discover } from "../../source/find/discovery.ts";
import { TestedApplication } from "./tested_application.ts";

/** The applications of a folder, as tests have them. */
export class TestedApplications {
  private constructor(private readonly byName: ReadonlyMap<string, TestedApplication>) {}

  /** Resolves with those of a folder. Rejects with the file system's error. */
  static async of(folder: string, stripper: Stripper, ceilings: Ceilings): Promise<TestedApplications> {
    const found = await discover(folder);
    const named = found.map((each) => [each.name, new TestedApplication(each, stripper, ceilings)] as const);
    return new TestedApplications(new Map(named));
  }

  /** Their names, sorted. */
  get names(): string[] {
    return [...this.byName.keys()];
  }

  /** Returns one by name; undefined where there is none. */
  find(name: string): TestedApplication | undefined {
    return this.byName.get(name);
  }

  /** Returns the error that says that there is none of a name. */
  missing(name: string): HotroomError {
    const known = this.names.map((each) => `"${each}"`).join(", ");
    const message = `There is no application "${name}", only ${known || "none"}.`;
    return new HotroomError("application_not_found", message);
  }
}
