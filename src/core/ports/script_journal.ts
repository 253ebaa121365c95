import type { DirectoryUpdate, JsonText, ScriptEvent } from "./event.ts";

/** An event that a durable script has handled, as it is kept. */
export interface KeptEvent {
  /** Number of the event in its script. */
  readonly seq: number;
  /** Time that its handler saw, ms since the epoch. */
  readonly time: number;
  readonly event: ScriptEvent;
  /** Status that it came to, one of the wire's `Status`. */
  readonly status: number;
  /** Set if another version than the script's answered it. */
  readonly isForeign?: true;
  /** What the core has given with the event, to know it again. */
  readonly origin?: JsonText;
}

/** What opens a durable script as it was at its last snapshot. */
export interface KeptOpening {
  /** Name and content hash of the version. */
  readonly version: string;
  readonly hash: string;
  /** Body of the task that opens it. */
  readonly request: JsonText;
  readonly hasSnapshot: boolean;
  /** Who was there. */
  readonly updates: readonly DirectoryUpdate[];
  /** Hash of the state in the snapshot; absent where there is none. */
  readonly stateHash?: string;
}

/** A durable script as it is kept. */
export interface KeptScript {
  /** What its chance follows from. */
  readonly seed: string;
  /** The highest number that an event of it has had. */
  readonly lastSeq: number;
  readonly opening: KeptOpening;
  /** Events since, which are run again, muted. */
  readonly events: readonly KeptEvent[];
}

/** What is not saved yet. */
export interface Unsaved {
  /** Hears, once, what has become of it. */
  settled(isSaved: boolean): void;
}

/** Where the journal of one durable script is kept; implemented by the core, called by the script side. */
export interface ScriptJournal {
  /** What the script comes back by; absent for a new one. */
  readonly kept?: KeptScript;
  /**
   * The script begins again by this: nothing that was noted before is needed any more. Called only when all that was added before has been
   * settled.
   */
  begin(script: KeptScript): void;
  /**
   * Notes an event that was answered. `unsaved` hears of it after those of earlier calls: true when it is committed, false where it can't
   * be, and then has not happened.
   */
  add(event: KeptEvent, unsaved: Unsaved): void;
  /** Takes back the kept event of that number: it is not to be run again. */
  remove(seq: number): void;
  /** The first effects of an event have been carried out, so many; all and everything else of it where `effects` is absent. */
  delivered(seq: number, effects?: number): void;
  /** Why nothing can be saved at the moment; undefined where it can. */
  readonly problem: string | undefined;
}
