import { BuildError, messageOf } from "../../../core/errors.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { HostLink } from "../process/host_link.ts";
import type { HostSandboxes } from "../sandbox/host_sandboxes.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { Validation } from "../sandbox/validation.ts";
import type { FairQueue } from "../share/fair_queue.ts";
import type { HostFrames } from "./host_frames.ts";

/**
 * Hands what waits for a host to its process. All frames are encoded before anything is noted as handed over: a frame may be
 * too large, and what is noted is waited for.
 */
export class HandOver {
  constructor(
    private readonly queue: FairQueue,
    private readonly sandboxes: HostSandboxes,
    private readonly frames: HostFrames,
    private readonly clock: Clock,
    /** Called for a sandbox whose batch can't be sent; the sandbox has it in hand until it rejects it. */
    private readonly failed: (sandbox: Sandbox, reason: string) => void,
  ) {}

  /** Hands over what is next, for as long as the process takes more. Returns true if that was anything. */
  to(link: HostLink): boolean {
    let hasHanded = false;
    while (link.isWritable) {
      const next = this.queue.next();
      if (!next) break;
      const isHanded = next instanceof Validation ? this.#load(next, link) : this.#batch(next, link);
      hasHanded ||= isHanded;
    }
    return hasHanded;
  }

  #load(load: Validation, link: HostLink): boolean {
    let frame: Uint8Array;
    try {
      frame = this.frames.load(load);
    } catch (error) {
      load.fail(new BuildError(`${load.build.application} can't be loaded: ${messageOf(error)}`));
      return false;
    }
    this.queue.handed(load);
    link.send(frame);
    return true;
  }

  #batch(sandbox: Sandbox, link: HostLink): boolean {
    const batch = sandbox.take();
    if (!batch) return false;
    const { version, isCreated, application } = sandbox;
    const frames: Uint8Array[] = [];
    try {
      if (!isCreated && !this.sandboxes.knows(version.id)) frames.push(this.frames.learn(version));
      if (!isCreated) frames.push(this.frames.make(sandbox));
      frames.push(this.frames.batch(sandbox, batch, this.clock.now()));
      const limit = this.sandboxes.memory.news(application, sandbox.limits);
      if (limit) frames.unshift(this.frames.memory(limit));
    } catch (error) {
      this.failed(sandbox, messageOf(error));
      return false;
    }
    this.sandboxes.learned(version.id);
    sandbox.isCreated = true;
    this.queue.handed(sandbox);
    for (const frame of frames) link.send(frame);
    const at = this.clock.monotonic();
    for (const { call, muted } of batch.posted) {
      if (muted) continue;
      call.handedAt = at;
      call.trace?.handed(call, sandbox.host.id);
    }
    return true;
  }
}
