import type { SandboxesView } from "../../../core/ports/scripts.ts";
import type { LoadedVersion } from "./loaded_version.ts";
import type { Sandbox } from "./sandbox.ts";

/** The sandboxes of one host, and the versions that its process knows. */
export class HostSandboxes {
  readonly #sandboxes = new Map<number, Sandbox>();
  readonly #ofVersion = new Map<LoadedVersion, Set<Sandbox>>();
  /** Versions that the process has; those to forget when their last sandbox has gone. */
  readonly #known = new Set<number>();
  readonly #unloading = new Set<LoadedVersion>();

  get size(): number {
    return this.#sandboxes.size;
  }

  get(id: number): Sandbox | undefined {
    return this.#sandboxes.get(id);
  }

  /** Those of the version with that frame id which the process has been told of. */
  created(version: number): Sandbox[] {
    return this.all().filter((sandbox) => sandbox.version.id === version && sandbox.created);
  }

  all(): Sandbox[] {
    return [...this.#sandboxes.values()];
  }

  /** What those of one application take. */
  view(application: string): SandboxesView {
    const own = this.all().filter((sandbox) => sandbox.application === application);
    return { count: own.length, memory: own.reduce((sum, { memory }) => sum + memory, 0) };
  }

  add(sandbox: Sandbox): void {
    const { version } = sandbox;
    this.#sandboxes.set(sandbox.id, sandbox);
    const siblings = this.#ofVersion.get(version);
    if (siblings) siblings.add(sandbox);
    else this.#ofVersion.set(version, new Set([sandbox]));
    this.#unloading.delete(version);
  }

  remove(sandbox: Sandbox): void {
    this.#sandboxes.delete(sandbox.id);
    const siblings = this.#ofVersion.get(sandbox.version);
    if (siblings?.delete(sandbox) && siblings.size === 0) this.#ofVersion.delete(sandbox.version);
  }

  /** One of that version that takes one more script. */
  withRoom(version: LoadedVersion): Sandbox | undefined {
    for (const sandbox of this.#ofVersion.get(version) ?? []) if (sandbox.hasRoom) return sandbox;
    return undefined;
  }

  /** Notes that the process knows a version; tells whether that is new. */
  know(version: number): boolean {
    const isNew = !this.#known.has(version);
    this.#known.add(version);
    return isNew;
  }

  /** Notes that the process does not know a version after all. */
  unlearn(version: number): void {
    this.#known.delete(version);
  }

  /** Notes that a version is not wanted any more; tells whether the process is to forget it now. */
  unload(version: LoadedVersion): boolean {
    if (this.#ofVersion.has(version)) {
      this.#unloading.add(version);
      return false;
    }
    this.#unloading.delete(version);
    return this.#known.delete(version.id);
  }

  /** Whether a version is to be unloaded that a sandbox of it was left of. */
  isUnloading(version: LoadedVersion): boolean {
    return this.#unloading.has(version);
  }

  /** The process is another one, which knows nothing. */
  forgetVersions(): void {
    this.#known.clear();
    this.#unloading.clear();
  }
}
