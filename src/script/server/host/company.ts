import type { HostSandboxes } from "../sandbox/host_sandboxes.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Confinement } from "./confinement.ts";

/** Why scripts leave a host on which their application must not be. */
const ASTRAY = "its application has another script host";

/** What a crash counts as, ms in which everybody else waits: that it was because of what ran is probable only. */
const CRASH_HOLD_UP_MS = 300;

/** Which applications may be together on one host: those that keep it from the others, or fill it, are to leave. */
export class Company {
  constructor(
    private readonly sandboxes: HostSandboxes,
    private readonly confinement: Confinement | undefined,
    /** Whether it is the host of the applications that are confined. */
    private readonly isApart: boolean,
    /** Tells the log something of a sandbox. */
    private readonly tell: (sandbox: Sandbox, text: string) => void,
  ) {}

  /** Returns true if an application must not be on this host. */
  isAstray(application: string): boolean {
    const { confinement } = this;
    return confinement !== undefined && confinement.isConfined(application) !== this.isApart;
  }

  /**
   * Has the scripts of a sandbox leave it, if their application must not be here or if they are better off in another one; `hasGrown` says
   * that it holds much memory for nothing.
   */
  review(sandbox: Sandbox, hasGrown = false): void {
    if (this.isAstray(sandbox.application)) return sandbox.leave(ASTRAY);
    const why = sandbox.leaveIfOutgrown(hasGrown);
    if (why !== undefined) this.tell(sandbox, `is replaced: it holds ${why}.`);
  }

  /** Notes that an application kept the host for `ms` of CPU time, from others if there are any. */
  heldUp(application: string, ms: number): void {
    if (this.isApart || this.sandboxes.hasOthers(application)) this.confinement?.heldUp(application, ms);
  }

  /** Notes that the process has crashed while it ran an application. */
  crashed(application: string): void {
    this.heldUp(application, CRASH_HOLD_UP_MS);
  }

  /** Has the application that takes most of the host's memory leave, if that is nearly all, and there are others. */
  look(): void {
    const { memory } = this.sandboxes;
    const application = this.isApart ? undefined : memory.crowding();
    if (application === undefined || !this.sandboxes.hasOthers(application)) return;
    this.confinement?.crowded(application, () => memory.isLarge(application));
  }
}
