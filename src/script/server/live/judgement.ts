import { eventOf, refusedOutcome } from "../../wire/answer/failure.ts";
import type { Keeping } from "../durable/keeping.ts";
import type { Roster } from "../recovery/roster.ts";
import type { SnapshotPolicy } from "../recovery/snapshot_policy.ts";
import type { SnapshotWishes } from "../rehearsal/snapshot_wishes.ts";
import type { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { EventQueue } from "../share/event_queue.ts";
import type { OutcomeDelivery } from "./outcome_delivery.ts";
import type { ScriptVersions } from "./script_versions.ts";

/** The life of a script as who judges it sees it. */
export interface Judged {
  readonly version: LoadedVersion;
  readonly isOnTrial: boolean;
  readonly isClosed: boolean;
  readonly snapshots: SnapshotPolicy;
  readonly keeping: Keeping;
  /** Counts that the script took a sandbox down. Returns true if that was once too often, and the script has failed. */
  countCrash(reason: string): boolean;
  /** Goes on in another version, or fails: the script can't be brought back in this one. */
  giveUp(message: string): void;
}

/** What follows from a judgement. */
export interface JudgementDeps {
  readonly events: EventQueue;
  readonly roster: Roster;
  readonly wishes: SnapshotWishes;
  readonly versions: ScriptVersions;
  readonly delivery: OutcomeDelivery;
}

/** Judges what was proven to have taken the sandbox of one script down. */
export class Judgement {
  constructor(
    private readonly script: Judged,
    private readonly deps: JudgementDeps,
  ) {}

  /** Judges what brings the script back, what was asked for besides, and its oldest event. Returns true if nothing is left to bring back. */
  judge(): boolean {
    const { script } = this;
    const { versions, wishes, delivery } = this.deps;
    const verdict = script.snapshots.convictedReplay(!script.isOnTrial);
    script.keeping.look();
    if (verdict !== undefined) {
      script.giveUp(`Cannot bring ${delivery.title} back: ${verdict}.`);
      return true;
    }
    const snapshot = script.snapshots.convictedSnapshot(script.version);
    for (const verdict of [snapshot, versions.interrupt(), wishes.convicted()]) {
      if (verdict !== undefined && script.countCrash(verdict)) return true;
    }
    return this.#judgeEvent();
  }

  /** Judges the oldest event. If it is guilty it fails, with the state before it, unless another version is to handle it. */
  #judgeEvent(): boolean {
    const { script } = this;
    const { events, roster, versions, delivery } = this.deps;
    const call = events.first;
    const verdict = call?.suspicion?.verdict;
    if (!call || verdict === undefined) return false;
    if (script.isOnTrial || versions.takesOver(call.task)) {
      call.suspicion?.acquit();
      if (script.countCrash(verdict)) return true;
      const reason = `${eventOf(call.task)}: ${verdict}`;
      if (script.isOnTrial) return versions.passBy(reason);
      const outcome = refusedOutcome(script.version.build.version, call.task, verdict, "host");
      versions.leave({ call, outcome, reason });
      return true;
    }
    if (call.task.kind === "directory") {
      // None of its code is the application's: it is told again, or the script fails, but never goes on without it.
      call.suspicion?.acquit();
      return script.countCrash(verdict);
    }
    events.answered();
    roster.note(call.task, false);
    const rest = script.snapshots.unhandled(call);
    if (rest) script.keeping.keepRest(rest);
    versions.unhandled(call);
    delivery.refuse(call, verdict, "host");
    return script.isClosed || script.countCrash(verdict);
  }
}
