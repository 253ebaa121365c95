import type { Limits } from "../../../core/application/settings.ts";
import { CrashCount } from "./crash_count.ts";
import { RecoveryQueue } from "./recovery_queue.ts";

/** Sandboxes and hosts that the scripts of one application may take down in a minute before each further one is closed. */
const MOST_KILLS = 6;

/** CPU time that replays may take together before more snapshots are worth their price, ms for each host. */
const COMEBACK = 25;

/** What is kept of one application's scripts together, whichever hosts they are on. */
export class ApplicationScripts {
  readonly kills = new CrashCount(undefined, MOST_KILLS);
  readonly returns = new RecoveryQueue();
  /** Bytes that the server keeps for them: events that wait, journals, snapshots. */
  #held = 0;

  constructor(private readonly all: AllScripts) {}

  /** Whether those who come back when a host has died would wait long for one another. */
  get isSlow(): boolean {
    return this.all.isSlow;
  }

  /** For how many bytes more there is room. */
  room({ held }: Limits): number {
    return held - this.#held;
  }

  /** A share for one script. */
  open(): HeldBytes {
    return new HeldBytes((bytes, replay) => {
      this.#held += bytes;
      this.all.replay += replay;
    });
  }
}

/** What the server keeps for one script, bytes. */
export class HeldBytes {
  #bytes = 0;
  #replay = 0;

  constructor(private readonly add: (bytes: number, replay: number) => void) {}

  /** `replay` is the CPU time that bringing it back takes, ms. */
  set(bytes: number, replay = 0): void {
    this.add(bytes - this.#bytes, replay - this.#replay);
    this.#bytes = bytes;
    this.#replay = replay;
  }
}

/** The allScripts of all applications. */
export class AllScripts {
  readonly #allScripts = new Map<string, ApplicationScripts>();
  /** CPU time that all replays would take, ms. */
  replay = 0;

  /** For scripts that are spread over `hosts` script hosts. */
  constructor(private readonly hosts: number) {}

  get isSlow(): boolean {
    return this.replay > COMEBACK * this.hosts;
  }

  of(application: string): ApplicationScripts {
    const found = this.#allScripts.get(application);
    if (found) return found;
    const scripts = new ApplicationScripts(this);
    this.#allScripts.set(application, scripts);
    return scripts;
  }
}
