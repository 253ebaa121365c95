/**
 * What the server and a script host tell each other over the pipe, frame by frame. The payload of a frame (`frame.ts`)
 * is UTF-8 text, except for that of a batch (`batch/batch.ts`) and an answer (`answer/answer.ts`). The id is that of a sandbox;
 * of a version for `load`, `loaded` and `unload`.
 */
import type { Limits } from "../../core/application/settings.ts";
import type { Definition, PackageImport } from "../../core/ports/build.ts";
import type { SourcePosition } from "../../core/source_position.ts";

/** Payload of the `progress` frame for a sandbox that was made; no script has the number 0. */
export const MADE = "[0,0]";

/** Kinds of frames to a script host. */
export const ToHost = {
  /** Id: version. Payload: JSON `LoadRequest`. Answered by `loaded`. */
  load: 1,
  /** Id: a new sandbox. Payload: JSON `{ "version": <id of a loaded version> }`. Not answered. */
  sandbox: 2,
  /** Id: sandbox. Payload: a batch. Answered by `answer` or `poisoned`. */
  batch: 3,
  /** Id: sandbox, whose memory is dropped. Not answered. */
  drop: 4,
  /** Id: version, of which no sandbox is left. Not answered. */
  unload: 5,
  /** Id: 0. Payload: JSON `MemoryLimit`, which holds for the batches that follow. Not answered. */
  memory: 6,
} as const;

/** Kinds of frames to the server. */
export const ToServer = {
  /** Id: version. Payload: JSON `Loaded`. */
  loaded: 1,
  /** Id: sandbox. Payload: an answer. Batches of one sandbox are answered in order. */
  answer: 3,
  /**
   * Id: sandbox. Payload: JSON `Poisoned`. The sandbox is gone; its unanswered batches have had no effect, and the
   * host ignores further batches for it until the server opens another.
   */
  poisoned: 4,
  /** Id: sandbox, which holds much memory for nothing where that is scarce. No payload. */
  grown: 5,
  /**
   * Id: sandbox. Payload: JSON `[script, seq]` of the event that runs now, sent from the interrupt handler every 50 ms at most;
   * or `MADE`, before the first batch.
   */
  progress: 6,
  /** Id: 0. Payload: JSON `{ "pid": n }`. The first frame of a host. */
  ready: 7,
} as const;

/** What a host needs to make sandboxes of one version. */
export interface LoadRequest {
  application: string;
  /** Name of the version, `v17·3fa9c1`. */
  version: string;
  /** `[path, JavaScript]` of every file. */
  files: [string, string][];
  /** Imports that lead to files of packages; absent where there are none. */
  imports?: readonly PackageImport[];
  /** Path of the application's extension. */
  extension?: string;
  /** `[type, path]` of every room type. */
  rooms: [string, string][];
  limits: Limits;
  /** What scripts read as `app.config` and `app.env`; absent for `{}`. */
  config?: unknown;
  env?: Record<string, string>;
  /** Set if another host has validated the version already: nothing is run, and `loaded` comes at once. */
  trusted?: boolean;
}

/** What the sandboxes of an application may take in this host, bytes; there is no limit until the first of these. */
export interface MemoryLimit {
  application: string;
  most: number;
  /** What those of all applications may take together; absent without a limit. */
  all?: number;
}

/** The answer to `load`: the definitions of the version, or why it can't be loaded. */
export type Loaded =
  | {
      ok: true;
      extension?: Definition;
      rooms: [string, Definition][];
    }
  | { ok: false; message: string; position?: SourcePosition };

/** Why a host has dropped a sandbox. */
export interface Poisoned {
  reason: string;
  /** `[script, seq]` of the event that ran, if that is known. */
  culprit?: [number, number];
  /** CPU time that the sandbox has used since its last answer, µs. */
  cpu?: number;
  /** Set if it was full: that may be why, and its scripts may need no more than less company. */
  full?: boolean;
}
