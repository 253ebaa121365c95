import type { Version } from "./build.ts";
import type { JsonText, ScriptEvent } from "./event.ts";
import type { Outcome } from "./outcome.ts";
import type { RehearsalResult } from "./rehearsal.ts";
import type { Timeline } from "./timeline.ts";
import type { ScriptJournal } from "./script_journal.ts";
import type { EventTrace } from "../trace/event_trace.ts";

/** That it shows later whether an event whose handler has succeeded has really happened. */
export interface Reservation {
  /** How many of its effects are carried out at once. */
  readonly first: number;
  /** Is called when they have been; resolves with whether the others are carried out, too. Must not reject. */
  settle(): Promise<boolean>;
}

/** Whose script it is: what the script needs to be set up, and who hears what becomes of its events. */
export interface Subject {
  readonly application: string;
  /**
   * Name and type of the room, and how many users it was made for, absent where its definition decides; absent for the application's
   * extension.
   */
  readonly room?: { readonly name: string; readonly type: string; readonly maxUsers?: number };
  /** How many users one effect may be sent to; absent where that are few. */
  readonly reach?: number;
  /**
   * Called for each dispatched event before `outcome`, with all of its effects. Returns whether they are carried out; a reservation
   * where that shows later: then the script's later events go on meanwhile.
   */
  decide(event: ScriptEvent, outcome: Outcome): boolean | Reservation;
  /**
   * Called for each dispatched event, in order of dispatch; this is where effects are applied. Of many effects these are the
   * first ones, and `more` is called with the others.
   */
  outcome(event: ScriptEvent, outcome: Outcome): void;
  /** Called with the next effects, and nothing else, of the event whose outcome was told last; the loop may have turned meanwhile. */
  more(event: ScriptEvent, outcome: Outcome): void;
  /**
   * A first event, of the script or of one of its handlers, failed in the version named `failed`. The script has gone back to the
   * version before, with the state that it has there, and handles the event there. Called before that event's `outcome`.
   */
  rolledBack(failed: string, reason: string): void;
  /**
   * The script can't go on: it was killed too often, or can't be brought back; the subject closes. `killer` says that it took
   * down what it ran in. Called at most once.
   */
  failed(message: string, killer: boolean): void;
}

/** What is kept with an event of a durable script. */
export interface KeptAs {
  /** What the core knows it again by; comes back in `KeptEvent.origin`. */
  readonly origin?: JsonText;
  /**
   * That it was handled before the server ended, and only the first effects, so many, were carried out: it has that number and time, and
   * the others are.
   */
  readonly again?: { readonly seq: number; readonly time: number; readonly effects: number };
}

/** Where a script runs, and what waits for it. */
export interface ScriptView {
  /** Events that the script has not answered yet. */
  readonly waiting: number;
  /** Id of its script host; absent while it has none. */
  readonly host?: number;
  /** Its sandbox, which it may share: bytes of memory, and scripts in it. */
  readonly sandbox?: { readonly memory: number; readonly scripts: number };
  /** Set while it waits for its turn to come back, since the server was started again. */
  readonly isComingBack?: true;
}

/** The live script of one room, or of an application's extension: it is what gets events. */
export interface Script {
  readonly view: ScriptView;
  /** Name of the version that handles the next event. */
  readonly version: string;
  /**
   * Queues one event; `subject.outcome` is called with its outcome, then `done`. Never throws, and calls neither before it
   * returns. `kept` is for events of durable scripts, `trace` for those that are followed.
   */
  dispatch(event: ScriptEvent, done?: (outcome: Outcome) => void, kept?: KeptAs, trace?: EventTrace): void;
  /**
   * Moves to another loaded version between two events, state carried over; resolves with the CPU time that it took, ms.
   * Rejects with a HotroomError where `migrate` or setting up failed; the script then goes on in its old version.
   */
  swap(version: Version): Promise<number>;
  /**
   * Goes back to a version. If the script came from it a short while ago, it gets the state that it had then, and the events
   * since are run again with their effects muted; otherwise this is a `swap`.
   */
  goBack(version: Version): Promise<number>;
  /** Forgets the state that it had before its last swap, unless no event has been handled since. */
  settle(): void;
  /**
   * Tries a version on a copy, in sandboxes where nothing that it does counts: `migrate` of the state as it is now, then
   * `migrate` of the last snapshot and the events since. Rejects with a HotroomError where it can't be tried.
   */
  rehearse(version: Version): Promise<RehearsalResult>;
  /** Returns what it has come by to where it is now; undefined while that is not at hand. */
  timeline(): Timeline | undefined;
  /** Resolves with its state between two events. Rejects with HotroomError: `room_closed`, `state_not_written`. */
  readState(): Promise<JsonText>;
  /**
   * Is durable by this journal from now on, which begins with what brings it back at this moment; without one it is durable no more. What
   * was answered before is carried out first. Called where another version than before says so.
   */
  keep(journal: ScriptJournal | undefined): void;
  /**
   * Forgets the script at once: what it has answered and what was not saved has not happened, and what is not answered gets `busy`. For
   * durable scripts whose journal is of no use any more.
   */
  abandon(reason: string): void;
  /** Forgets the script after the events dispatched so far; dispatches after it are answered with `handler_failed`. */
  close(): void;
}
