import { messageOf } from "../../../core/errors.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { JsonText } from "../../../core/ports/event.ts";
import type { Log } from "../../../core/ports/log.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import type { ScriptRequest } from "../../wire/batch/batch.ts";
import type { Placement } from "../host/placement.ts";
import type { Journal } from "../recovery/journal.ts";
import { TrialRun } from "../rehearsal/trial_run.ts";
import { Call } from "../sandbox/call.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";

/** Between two proofs there is so much time at least, ms; and so many times as much as the replay takes of CPU time. */
const PAUSE_MS = 10_000;
const PAUSE_FACTOR = 100;
/** CPU time of a replay that is too long to be proved, ms; and text of its journal, UTF-16 units. */
const LONG_MS = 250;
const LONG_UNITS = 1024 * 1024;

/** What a proof is made with. */
export interface ProofsDeps {
  readonly placement: Placement;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Proves now and then that a durable script can be brought back: what led to a snapshot is run again beside it, from the snapshot before on,
 * and must lead there. Nothing of it reaches anybody, and the snapshot stands whatever comes of it.
 */
export class Proofs {
  #isRunning = false;
  #nextAt = 0;

  constructor(private readonly deps: ProofsDeps) {}

  /** Proves a snapshot, to which `journal` has led in `version`; unless one was proved a short while ago, or that takes long. */
  offer(script: ScriptRequest, version: LoadedVersion, journal: Journal, snapshot: JsonText): void {
    const now = this.deps.clock.monotonic();
    if (this.#isRunning || now < this.#nextAt) return;
    if (journal.incomplete !== undefined || journal.isForeign) return;
    if (journal.cost > LONG_MS || journal.weight > LONG_UNITS || journal.entries.length === 0) return;
    this.#isRunning = true;
    this.#nextAt = now + Math.max(PAUSE_MS, PAUSE_FACTOR * journal.cost);
    void this.#prove(script, version, journal, snapshot).finally(() => {
      this.#isRunning = false;
    });
  }

  async #prove(
    script: ScriptRequest,
    version: LoadedVersion,
    journal: Journal,
    snapshot: JsonText,
  ): Promise<void> {
    const { placement } = this.deps;
    const [open, ...pieces] = journal.opening.copy().calls;
    if (!open) return;
    const muted = [...pieces, ...journal.entries.map(({ call }) => call.copy())];
    const last = new Call({ kind: "snapshot" });
    try {
      const trial = new TrialRun(placement, placement.forRehearsals(version));
      const all = [{ call: open }, ...muted.map((call) => ({ call, muted: true })), { call: last }];
      const results = await trial.run(all);
      if ("verdict" in results) return this.#tell(script, version, results.verdict);
      const outcome = results.at(-1)?.outcome;
      if (outcome?.value === snapshot) return;
      const isOther = outcome?.value !== undefined;
      this.#tell(script, version, isOther ? "it leads to another one" : reasonOf(outcome?.failure));
    } catch (error) {
      this.#tell(script, version, messageOf(error));
    }
  }

  #tell({ application, room }: ScriptRequest, { build }: LoadedVersion, why: string): void {
    const title = room ? `room "${room.name}"` : `application "${application}"`;
    const message = `Cannot lead ${title} to its state by running its events again: ${why}. The state as it is stays.`;
    const fields = { application, ...(room ? { room: room.name } : {}), version: build.version };
    this.deps.log("error", message, fields);
  }
}
