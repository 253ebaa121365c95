import type { Applications } from "../application/applications.ts";
import { HotroomError } from "../errors.ts";
import type { Build } from "../ports/build.ts";
import type { Clock } from "../ports/clock.ts";
import type { Scripts } from "../ports/scripts.ts";
import type { RehearsalReport } from "../version/rehearsal_report.ts";
import { rehearse } from "../version/rehearse.ts";

/** What trials need beside the applications. */
export interface TrialDeps {
  readonly clock: Clock;
  readonly scripts: Pick<Scripts, "load" | "unload">;
  readonly builds: {
    /** Builds an application as it would be with other files, by path; rejects with BuildError. */
    build(application: string, files: Readonly<Record<string, string>>): Promise<Build>;
  };
}

/** Rehearses edits that are not saved; for each application one at a time. */
export class EditTrials {
  readonly #busy = new Set<string>();

  constructor(
    private readonly applications: Pick<Applications, "find">,
    private readonly deps: TrialDeps,
  ) {}

  /**
   * Tries an application with other files on copies of its rooms. Rejects with HotroomError: `application_unavailable`, `busy`, and
   * BuildError.
   */
  async rehearse(name: string, files: Readonly<Record<string, string>>): Promise<RehearsalReport> {
    const application = this.applications.find(name);
    if (!application)
      throw new HotroomError("application_unavailable", `Cannot rehearse "${name}": it does not run.`);
    if (this.#busy.has(name))
      throw new HotroomError("busy", `Cannot rehearse "${name}": another edit is being rehearsed.`);
    this.#busy.add(name);
    const { scripts, clock } = this.deps;
    try {
      const version = await scripts.load(await this.deps.builds.build(name, files));
      try {
        return await rehearse(application, version, clock.now());
      } finally {
        scripts.unload(version);
      }
    } finally {
      this.#busy.delete(name);
    }
  }
}
