import type { HostSandboxes } from "../sandbox/host_sandboxes.ts";
import type { Confinement } from "./confinement.ts";

/** What a crash counts as, ms in which everybody else waits: that it was because of what ran is probable only. */
const CRASH_HOLD_UP_MS = 300;

/** Which applications may be together on one host: those that keep it from the others, or fill it, are to leave. */
export class Company {
  constructor(
    private readonly sandboxes: HostSandboxes,
    private readonly confinement: Confinement | undefined,
    /** Whether it is the host of the applications that are confined. */
    private readonly isApart: boolean,
  ) {}

  /** Returns true if an application must not be on this host. */
  isAstray(application: string): boolean {
    const { confinement } = this;
    return confinement !== undefined && confinement.isConfined(application) !== this.isApart;
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
