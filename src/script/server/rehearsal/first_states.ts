import type { FirstStateFault } from "../../../core/ports/scripts.ts";
import { Status } from "../../wire/answer/answer.ts";
import { reasonOf } from "../../wire/answer/failure.ts";
import { newSeed } from "../../wire/batch/seed.ts";
import { openTask } from "../../wire/batch/task.ts";
import type { Host } from "../host/host.ts";
import { Call } from "../sandbox/call.ts";
import { LoadedVersion } from "../sandbox/loaded_version.ts";
import { TrialRun } from "./trial_run.ts";

/** Definitions of a version whose first state is looked at. */
const MOST_DEFINITIONS = 64;

/** A version that waits for its turn. */
interface Trial {
  readonly version: LoadedVersion;
  readonly resolve: (fault: FirstStateFault | undefined) => void;
}

/**
 * Makes first states by the definitions of versions, of one version after the other, on a host that runs no live script: an endless loop
 * in one holds up nobody, and takes nobody down.
 */
export class FirstStates {
  /** The newest version of each application that waits. */
  readonly #waiting = new Map<string, Trial>();
  #isAtWork = false;

  constructor(
    /** Returns a host without live scripts for an application; undefined if none is free. */
    private readonly hostFor: (application: string) => Host | undefined,
    private readonly nextId: () => number,
  ) {}

  /** Resolves as `Scripts.firstStateFault`. */
  faultOf(version: LoadedVersion): Promise<FirstStateFault | undefined> {
    const { application } = version.build;
    return new Promise((resolve) => {
      this.#waiting.get(application)?.resolve(undefined);
      this.#waiting.delete(application);
      this.#waiting.set(application, { version, resolve });
      if (!this.#isAtWork) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isAtWork = true;
    // Those that are added meanwhile come behind.
    for (const [application, { version, resolve }] of this.#waiting) {
      this.#waiting.delete(application);
      // A host that can't be kept alive tells nothing of the script.
      resolve(await this.#try(version).catch(() => undefined));
    }
    this.#isAtWork = false;
  }

  async #try({ build, extension, rooms }: LoadedVersion): Promise<FirstStateFault | undefined> {
    const { application } = build;
    const host = this.hostFor(application);
    if (!host) return undefined;
    // Not the one of live scripts, which this host may come to have: none of them is to share its sandbox.
    const version = new LoadedVersion(this.nextId(), build, extension, rooms);
    const types = [...(extension ? [null] : []), ...rooms.keys()].slice(0, MOST_DEFINITIONS);
    const calls = types.map((type) => {
      const room = type === null ? {} : { room: { name: type, type } };
      const seeds = { seed: newSeed(), ownSeed: newSeed() };
      return new Call(openTask({ application, ...room, ...seeds, version: build.version }));
    });
    const trial = new TrialRun(
      { place: (_, owner) => host.open(this.nextId(), version, 1).addSlot(owner, 0) },
      version,
    );
    try {
      const results = await trial.run(calls.map((call) => ({ call })));
      if ("verdict" in results)
        return { type: types[calls.indexOf(results.call)] ?? null, reason: results.verdict };
      const failed = results.findIndex(({ status }) => status === Status.handler_failed);
      if (failed < 0) return undefined;
      return { type: types[failed] ?? null, reason: reasonOf(results[failed]?.outcome.failure) };
    } finally {
      host.unload(version);
    }
  }
}
