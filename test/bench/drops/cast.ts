import type { CrowdPlan } from "./crowd.ts";
import type { Tally } from "./tally.ts";

/** What the clients of a run are made of. */
export type CastKind = "frames" | "chromium" | "go";

/** What a cast plays. */
export interface Play {
  /** Port of the server. */
  readonly port: number;
  readonly application: string;
  readonly plan: CrowdPlan;
}

/** A crowd, wherever it runs: its steps in their order, each of which resolves when all of it has taken it. */
export interface Cast {
  enter(): Promise<void>;
  talk(): Promise<void>;
  hush(): Promise<void>;
  settle(): Promise<void>;
  audit(): Promise<void>;
  leave(): Promise<void>;
  /** May be asked at any time. */
  tally(): Promise<Tally>;
  /** Ends what it runs in. */
  close(): Promise<void>;
}
