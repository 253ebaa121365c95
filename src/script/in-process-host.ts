import type { HostLink, HostListener } from "./host-link.ts";

/** A script host in this process, for tests: no process can be killed here, so nothing stops a script that hangs. */
export class InProcessHost implements HostLink {
  readonly pid = null;
  readonly isWritable = true;
  constructor(readonly listener: HostListener) {}
  send(_frame: Uint8Array): void {}
  cpu(): undefined {}
  kill(): void {}
  end(): void {}
}
