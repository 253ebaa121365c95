import type { Build, Version } from "./build.ts";
import type { Script, Subject } from "./script.ts";

/** What the sandboxes of one application take on all script hosts. */
export interface SandboxesView {
  readonly count: number;
  /** Bytes. */
  readonly memory: number;
}

/** The sandboxed side, as the core sees it; implemented by `script/`. */
export interface Scripts {
  /** Loads and validates a build: parse, link, run the top level, validate the default exports. Throws BuildError with the position. */
  load(build: Build): Promise<Version>;
  /** Opens a script for a room (or the extension) of a loaded version; events may be dispatched at once. */
  open(version: Version, subject: Subject): Script;
  /** Forgets a version that no script runs any more. */
  unload(version: Version): void;
  /** For start-up output and the API. */
  hosts(): readonly HostView[];
  /** For the API. */
  sandboxes(application: string): SandboxesView;
  /** Lets what is dispatched finish, then ends the host processes. */
  stop(): Promise<void>;
}

/** One script host as the API shows it. */
export interface HostView {
  readonly id: number;
  readonly pid: number | null;
  readonly state: "starting" | "ready" | "busy" | "dead";
  readonly sandboxes: number;
  readonly scripts: number;
  readonly restarts: number;
  /** Set where it runs no scripts: it is there to take the place of one that dies, and to validate new builds. */
  readonly spare?: boolean;
}
