/**
 * What the server and a script host say to each other over the pipe, frame by frame. The payload of a frame (`frame.ts`)
 * is UTF-8 text but for a batch (`batch/batch.ts`) and an answer (`answer/answer.ts`). The id names a sandbox, or a version
 * for `load`, `loaded` and `unload`.
 */
import type { Limits } from "../../core/application/settings.ts";
import type { Definition } from "../../core/ports/build.ts";
import type { SourcePosition } from "../../core/source_position.ts";

/** Payload of the `progress` frame that tells that a sandbox has been made: no script has the number 0. */
export const MADE = "[0,0]";

/** Kinds of frames to a script host. */
export const ToHost = {
  /** Id: version. Payload: JSON `LoadRequest`. Answered by `loaded`. */
  load: 1,
  /** Id: a new sandbox. Payload: JSON `{ "version": <id of a loaded version> }`. Not answered. */
  sandbox: 2,
  /** Id: sandbox. Payload: a batch. Answered by `answer` or `poisoned`. */
  batch: 3,
  /** Id: sandbox; its memory is dropped whole. Not answered. */
  drop: 4,
  /** Id: version; no sandbox of it is left. Not answered. */
  unload: 5,
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
  /**
   * Id: sandbox. Payload: JSON `[script, seq]` of the event that runs now; sent from the interrupt handler at most every 50 ms.
   * Or `MADE`, before its first batch.
   */
  progress: 6,
  /** Id: 0. Payload: JSON `{ "pid": n }`; the first frame of a host. */
  ready: 7,
} as const;

/** What a host needs to make sandboxes of one version. */
export interface LoadRequest {
  application: string;
  /** Name of the version, `v17·3fa9c1`. */
  version: string;
  /** `[path, JavaScript]` of every file. */
  files: [string, string][];
  /** Path of the application's extension. */
  extension?: string;
  /** `[type, path]` of every room type. */
  rooms: [string, string][];
  limits: Limits;
  /** Set where the version was validated by another host already: nothing is run, `loaded` comes at once. */
  trusted?: boolean;
}

/** The answer to `load`: definitions, or why there is none. */
export type Loaded =
  | {
      ok: true;
      extension?: Definition;
      rooms: [string, Definition][];
    }
  | { ok: false; message: string; position?: SourcePosition };

/** Why a sandbox was dropped by its host, and at which event where that is known. */
export interface Poisoned {
  reason: string;
  /** `[script, seq]` of the event that ran. */
  culprit?: [number, number];
  /** µs of CPU time that it has used since its last answer. */
  cpu?: number;
}
