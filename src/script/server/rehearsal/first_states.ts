import type { Clock } from "../../../core/ports/clock.ts";
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

/** How often a host is waited for, and how long each time, ms: the spare one starts a while after the first script, or is starting anew. */
const MOST_WAITS = 20;
const WAIT_MS = 500;

/** Where first states are made. */
export interface FirstStatesDeps {
  /** Returns true if scripts of an application may be tried on such a host now. */
  readonly isPossible: (application: string) => boolean;
  /** Returns a host without live scripts; undefined if there is none now. */
  readonly free: () => Host | undefined;
  /** Whether there is one once the spare host is up. */
  readonly hasSpare: boolean;
  readonly nextId: () => number;
  readonly clock: Pick<Clock, "after">;
}

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

  constructor(private readonly deps: FirstStatesDeps) {}

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

  async #host(application: string): Promise<Host | undefined> {
    const { isPossible, free, hasSpare, clock } = this.deps;
    for (let waits = 0; isPossible(application); waits++) {
      const host = free();
      if (host || !hasSpare || waits === MOST_WAITS) return host;
      await new Promise<void>((resolve) => clock.after(WAIT_MS, resolve));
    }
    return undefined;
  }

  async #try({ build, extension, rooms }: LoadedVersion): Promise<FirstStateFault | undefined> {
    const { application } = build;
    const types = [...(extension ? [null] : []), ...rooms.keys()].slice(0, MOST_DEFINITIONS);
    // An application of nothing but pages: a run of no calls would never end, and whatever waits behind it neither.
    if (types.length === 0) return undefined;
    const host = await this.#host(application);
    if (!host) return undefined;
    // Not the one of live scripts, which this host may come to have: none of them is to share its sandbox.
    const version = new LoadedVersion(this.deps.nextId(), build, extension, rooms);
    const calls = types.map((type) => {
      const room = type === null ? {} : { room: { name: type, type } };
      const seeds = { seed: newSeed(), ownSeed: newSeed() };
      return new Call(openTask({ application, ...room, ...seeds, version: build.version }));
    });
    const trial = new TrialRun(
      { place: (_, owner) => host.open(this.deps.nextId(), version, 1).addSlot(owner, 0) },
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
