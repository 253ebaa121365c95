import type { MemoryShortage } from "../../../core/ports/memory_shortage.ts";
import type { SandboxesView } from "../../../core/ports/scripts.ts";
import type { HostMemory } from "../memory/host_memory.ts";
import type { MemoryCount } from "../memory/memory_count.ts";
import type { LoadedVersion } from "./loaded_version.ts";
import type { Sandbox } from "./sandbox.ts";

/** The sandboxes of one host, and the versions that its process knows. */
export class HostSandboxes {
  readonly #sandboxes = new Map<number, Sandbox>();
  readonly #ofVersion = new Map<LoadedVersion, Set<Sandbox>>();
  /** Frame ids of the versions that the process knows. */
  readonly #known = new Set<number>();
  /** Versions that the process is to forget when their last sandbox has gone. */
  readonly #unloading = new Set<LoadedVersion>();

  /** `memory` is what they take. */
  constructor(readonly memory: HostMemory) {}

  get size(): number {
    return this.#sandboxes.size;
  }

  get(id: number): Sandbox | undefined {
    return this.#sandboxes.get(id);
  }

  /** Returns the sandboxes that the process was told to make of the version with that frame id. */
  created(version: number): Sandbox[] {
    return this.all().filter((sandbox) => sandbox.version.id === version && sandbox.isCreated);
  }

  all(): Sandbox[] {
    return [...this.#sandboxes.values()];
  }

  /** Returns what the sandboxes of one application take. */
  view(application: string): SandboxesView {
    const own = this.all().filter((sandbox) => sandbox.application === application);
    return { count: own.length, memory: own.reduce((sum, { memory }) => sum + memory, 0) };
  }

  /** Returns true if there are sandboxes of other applications. */
  hasOthers(application: string): boolean {
    for (const sandbox of this.#sandboxes.values()) if (sandbox.application !== application) return true;
    return false;
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

  /** Returns a sandbox of a version that takes a script which uses about `bytes`; undefined if there is none. */
  withRoom(version: LoadedVersion, bytes: number): Sandbox | undefined {
    for (const sandbox of this.#ofVersion.get(version) ?? []) if (sandbox.hasRoom(bytes)) return sandbox;
    return undefined;
  }

  /** Returns what counts the memory of a version's sandboxes. */
  count({ build }: LoadedVersion): MemoryCount {
    return this.memory.of(build.application);
  }

  /** Returns whose memory is too short for a new sandbox of a version with a script that uses about `bytes`; undefined if none is. */
  shortage({ build }: LoadedVersion, bytes: number): MemoryShortage | undefined {
    return this.memory.shortage(build.application, build.settings.limits, bytes);
  }

  /** Returns true if the process knows the version with that frame id. */
  knows(version: number): boolean {
    return this.#known.has(version);
  }

  /** Notes that the process knows the version with that frame id. */
  learned(version: number): void {
    this.#known.add(version);
  }

  /** Notes that the process does not know the version with that frame id after all. */
  forgot(version: number): void {
    this.#known.delete(version);
  }

  /** Notes that a version is not wanted any more. Returns true if the process is to forget it now. */
  unload(version: LoadedVersion): boolean {
    if (this.#ofVersion.has(version)) {
      this.#unloading.add(version);
      return false;
    }
    this.#unloading.delete(version);
    return this.#known.delete(version.id);
  }

  /** Returns true if a version is to be unloaded as soon as no sandbox of it is left. */
  isUnloading(version: LoadedVersion): boolean {
    return this.#unloading.has(version);
  }

  /** Forgets what the process knows: it is another one now. */
  forgetVersions(): void {
    this.#known.clear();
    this.#unloading.clear();
    this.memory.forgetNews();
  }
}
