import type { RunningServer } from "../servers.ts";

/** The rate of frames that a connection has by default, which the bench turns off: for attacks that send all that they can. */
export const RATE = ["--inbound-rate", "50", "--inbound-burst", "100", "--inbound-bytes", "4194304"];

/** What an attack has to work with. */
export interface Target {
  readonly port: number;
  /** The folder that the server serves. */
  readonly folder: string;
}

/** One way to lean on the server, while a victim of another application is measured. */
export interface Attack {
  readonly name: string;
  /** The attacker's applications: source by path in the extensions folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Flags of the server beside the bench's own. */
  readonly flags?: readonly string[];
  /** Most file descriptors that the server may have. */
  readonly descriptors?: number;
  /** How long the attack goes on before the victim is measured, ms: where a defence is to notice it first. */
  readonly warmUp?: number;
  /** What the victim's p99 may be: so many times its quiet value, and this more; else what all attacks may. */
  readonly most?: { readonly times: number; readonly moreMs: number };
  /** Whether the victim is a room of the attacked application itself, `shared`. */
  readonly isShared?: boolean;
  /** Attacks until the process ends; resolves once the attack is under way. Runs in a process of its own. */
  begin(target: Target): Promise<void>;
}

/** A server under attack. */
export type Attacked = Pick<RunningServer, "port" | "cpu" | "memory">;
