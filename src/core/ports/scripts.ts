import type { Build, Version } from "./build.ts";
import type { MemoryShortage } from "./memory_shortage.ts";
import type { Script, Subject } from "./script.ts";
import type { ScriptJournal } from "./script_journal.ts";

/** What the sandboxes of one application take on all script hosts. */
export interface SandboxesView {
  readonly count: number;
  /** Their memory, bytes. */
  readonly memory: number;
}

/** What scripts gave up in order to stop in time. */
export interface GivenUp {
  /** Events that were not handled. */
  readonly events: number;
  /** Script hosts that did not end by themselves. */
  readonly hosts: number;
}

/** What an application takes of the server beside its sandboxes. */
export interface ShareView {
  /** Time that the server has spent on what its scripts asked for, with what it wrote to sockets, ms. */
  readonly delivery: number;
  /** Whether its scripts must be on a script host apart from those of the others, because they held those up. */
  readonly confined: boolean;
}

/** A definition by which no new room can be opened. */
export interface FirstStateFault {
  /** The room type; null for the application's extension. */
  readonly type: string | null;
  /** What its `state()` came to, with the place where it is known. */
  readonly reason: string;
}

/** What runs scripts, as the core sees it; implemented by `script/`. */
export interface Scripts {
  /**
   * Loads and validates a build: its modules are parsed, linked and run, its default exports checked. Rejects with BuildError,
   * with the position where it is known.
   */
  load(build: Build): Promise<Version>;
  /**
   * Opens a script for a room (or the extension) of a loaded version; events may be dispatched at once. With a journal it is durable: it
   * comes back by what was kept, and nothing of an event is carried out before it is saved.
   */
  open(version: Version, subject: Subject, journal?: ScriptJournal): Script;
  /**
   * Makes a first state by each definition of a loaded version, where no live script is held up by it. Resolves with the first that
   * gives none; undefined if each gives one, or if nobody can tell now, as while no script host is free. Never rejects.
   */
  firstStateFault(version: Version): Promise<FirstStateFault | undefined>;
  /** Returns whose memory is too short for one more room of a version; undefined if there is enough. */
  shortage(version: Version): MemoryShortage | undefined;
  /** Forgets a version that no script runs any more. */
  unload(version: Version): void;
  /** Returns the script hosts, for the log and the API. */
  hosts(): readonly HostView[];
  /** Returns what an application's sandboxes take, for the API. */
  sandboxes(application: string): SandboxesView;
  /** Returns what an application takes of the server itself, for the API. */
  share(application: string): ShareView;
  /**
   * Lets the events that were dispatched finish, then ends the host processes, within `ms` all in all. Resolves when they have
   * ended.
   */
  stop(ms?: number): Promise<GivenUp>;
}

/** One script host as the API shows it. */
export interface HostView {
  readonly id: number;
  readonly pid: number | null;
  readonly state: "starting" | "ready" | "busy" | "dead";
  readonly sandboxes: number;
  readonly scripts: number;
  readonly restarts: number;
  /** Set if it runs no scripts: it validates new builds, and takes the place of a host that dies. */
  readonly spare?: boolean;
  /** Set if it runs the scripts of applications that are confined. */
  readonly confined?: boolean;
}
