import type { Loaded, LoadRequest } from "../wire/frame_kinds.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import { PoisonedSandbox } from "./poisoned_sandbox.ts";
import { Sandbox, type SandboxImage } from "./sandbox/sandbox.ts";

/** A version that was sent to this host: its sandboxes come from here. */
export class HostedVersion {
  /** The sandbox in which the version was validated, until somebody takes it. */
  #validated: Sandbox | undefined;
  /** What the third sandbox and those after it are copied from: most versions need one or two. */
  #image: SandboxImage | undefined;
  #sandboxes = 0;

  /**
   * `stack` is what scripts in its sandboxes may use of the engine's stack, bytes; `budget` is that of the application's
   * sandboxes.
   */
  constructor(
    private readonly request: LoadRequest,
    private readonly budget: MemoryBudget,
    private readonly stack?: number,
  ) {}

  /** Loads the version for the first time and returns how that went. Throws PoisonedSandbox. */
  async validate(): Promise<Loaded> {
    this.#validated = await Sandbox.create(this.request, this.stack, this.budget);
    return this.#validated.loaded;
  }

  /** Returns a sandbox in which nothing has run. Throws PoisonedSandbox. */
  async sandbox(): Promise<Sandbox> {
    this.#sandboxes++;
    if (this.#image) return Sandbox.copy(this.request, this.#image, this.stack, this.budget);
    const sandbox = this.#validated ?? (await Sandbox.create(this.request, this.stack, this.budget));
    this.#validated = undefined;
    if (!sandbox.loaded.ok) {
      throw new PoisonedSandbox(`Cannot open a sandbox: ${sandbox.loaded.message}`);
    }
    if (this.#sandboxes > 1) this.#image = sandbox.image();
    return sandbox;
  }

  /** Gives the memory back that nobody has taken: the version is not wanted any more. */
  close(): void {
    this.#validated?.close();
    this.#validated = undefined;
  }
}
