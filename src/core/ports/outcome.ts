import type { Effect } from "./effect.ts";
import type { DataText, JsonText } from "./event.ts";
import type { SourcePosition } from "../source_position.ts";
import type { MemoryShortage } from "./memory_shortage.ts";

/** A limit that cut a handler short; `host` stands for one that had to be killed with its script host or sandbox. */
export type BrokenLimit = "cpu" | "memory" | "output" | "stack" | "state" | "host";

/** Why a handler did not succeed. */
export interface ScriptFailure {
  /** `refused` is the script's own will; `handler_failed` is a throw or a limit; `busy` is a queue that is full, or slow; `not_saved` a store that fails. */
  code: "refused" | "no_handler" | "invalid_data" | "handler_failed" | "busy" | "not_saved";
  /** For the client: never contains host error text. */
  message: string;
  /** For the client, of `refused`: what the script has added to its reason. */
  data?: JsonText;
  /** For the log: message, and stack in source coordinates. */
  detail?: string;
  position?: SourcePosition;
  /** Set where a limit cut the handler short. */
  limit?: BrokenLimit;
  /** Set, with the limit `memory`, where all sandboxes of the application, or of the host, had taken it. */
  shortage?: MemoryShortage;
  /** Set where there was no script to handle it, as where `state()` failed: `Subject.failed` tells of that. */
  hasNoScript?: true;
}

/** What became of one event. */
export interface Outcome {
  /** Name of the version that handled it. */
  readonly version: string;
  /** The handler's result where it returned one: JSON, or, of a message, bytes as text. */
  readonly value?: DataText;
  readonly failure?: ScriptFailure;
  /** CPU time that it took, ms: measured for many events together and split, so true on average. */
  readonly cpu?: number;
  /** Empty for a failed event, but for its `log` effects. */
  readonly effects: readonly Effect[];
}
