import type { Loaded, LoadRequest } from "../wire/frame_kinds.ts";
import { PoisonedSandbox, Sandbox, type SandboxImage } from "./sandbox/sandbox.ts";

/** A version that was sent to this host, and where its sandboxes come from. */
export class HostedVersion {
  /** The sandbox in which it was validated, until somebody takes it. */
  #spare: Sandbox | undefined;
  /** What the third sandbox and those after it are copied from: most versions need one or two. */
  #image: SandboxImage | undefined;
  #sandboxes = 0;

  /** `stack` is what its sandboxes' scripts may use of the engine's stack, bytes. */
  constructor(
    private readonly request: LoadRequest,
    private readonly stack?: number,
  ) {}

  /** Loads it for the first time. Throws PoisonedSandbox. */
  async validate(): Promise<Loaded> {
    this.#spare = await Sandbox.create(this.request, this.stack);
    return this.#spare.loaded;
  }

  /** A sandbox in which nothing has run. Throws PoisonedSandbox. */
  async sandbox(): Promise<Sandbox> {
    this.#sandboxes++;
    if (this.#image) return Sandbox.copy(this.request, this.#image, this.stack);
    const sandbox = this.#spare ?? (await Sandbox.create(this.request, this.stack));
    this.#spare = undefined;
    if (!sandbox.loaded.ok) {
      throw new PoisonedSandbox(`Cannot open a sandbox: ${sandbox.loaded.message}`);
    }
    if (this.#sandboxes > 1) this.#image = sandbox.image();
    return sandbox;
  }
}
