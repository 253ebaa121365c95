import type { Version } from "../../../core/ports/build.ts";
import type { MemoryShortage } from "../../../core/ports/memory_shortage.ts";
import type { ConfinedHost } from "./confined_host.ts";
import type { Confinement } from "./confinement.ts";
import type { Host } from "./host.ts";
import { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Slot, SlotOwner, SlotSandbox } from "../sandbox/slot.ts";

/** What a script needs of a sandbox. */
export interface Need {
  /** Whether it shares it with none: an application's extension, or a script that is suspected. */
  readonly ownSandbox: boolean;
  /** Whether it may have company after all where the application's memory is short. */
  readonly mayShare?: boolean;
  /** Where it was until now and has left something of its memory unused; it goes back there if that has others in it still. */
  readonly former?: SlotSandbox | undefined;
  /** About how much memory it uses, as far as that is known; bytes. */
  readonly bytes?: number;
}

/** Chooses the host and the sandbox of each script. */
export class Placement {
  #lastId = 0;
  readonly #rehearsed = new WeakMap<LoadedVersion, LoadedVersion>();

  /** `confinement` says which applications must be on the host `apart`. */
  constructor(
    readonly hosts: readonly Host[],
    private readonly confinement?: Confinement,
    private readonly apart?: ConfinedHost,
  ) {}

  /** Returns a frame id for a version or a sandbox; never the same twice. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** Returns the host with the least work among those that an application may be on. */
  idlest(application: string): Host {
    return best(this.#hostsOf(application), (host) => host.burden);
  }

  /**
   * Returns a slot on the host with the fewest scripts, in a sandbox of `version` with room left or in a new one. The script may
   * live already: where memory is short it is found a place all the same.
   */
  place(
    version: LoadedVersion,
    owner: SlotOwner,
    { ownSandbox, mayShare = false, bytes = 0, former }: Need,
  ): Slot {
    if (!ownSandbox && former?.version === version && former.isOpen) return former.addSlot(owner, bytes);
    const { application, settings } = version.build;
    const hosts = this.#hostsOf(application);
    const roomy = hosts.filter((each) => each.sandboxes.shortage(version, bytes) === undefined);
    const host = best(roomy.length > 0 ? roomy : hosts, ({ scripts }) => scripts);
    const isAlone = ownSandbox && !(mayShare && host.sandboxes.shortage(version, bytes) !== undefined);
    const capacity = isAlone ? 1 : settings.roomsPerSandbox;
    const shared = capacity > 1 ? host.sandboxes.withRoom(version, bytes) : undefined;
    return (shared ?? host.open(this.nextId(), version, capacity)).addSlot(owner, bytes);
  }

  /** Returns whose memory is too short for one more room of a version; undefined if there is enough on a host. */
  shortage(version: LoadedVersion): MemoryShortage | undefined {
    const found = this.#hostsOf(version.build.application).map((host) => host.sandboxes.shortage(version, 0));
    return found.includes(undefined) ? undefined : found[0];
  }

  /** Returns the same version for rehearsals, which share no sandbox with live scripts. */
  forRehearsals(version: LoadedVersion): LoadedVersion {
    const found = this.#rehearsed.get(version);
    if (found) return found;
    const copy = new LoadedVersion(this.nextId(), version.build, version.extension, version.rooms);
    this.#rehearsed.set(version, copy);
    return copy;
  }

  /** Has all hosts forget a version once no sandbox of it is left. */
  unload(version: Version): void {
    const rehearsed = this.#rehearsed.get(version as LoadedVersion);
    const apart = this.apart?.running;
    for (const host of apart ? [...this.hosts, apart] : this.hosts) {
      host.unload(version as LoadedVersion);
      if (rehearsed) host.unload(rehearsed);
    }
  }

  #hostsOf(application: string): readonly Host[] {
    const isApart = this.apart && this.confinement?.isConfined(application);
    return isApart ? [this.apart.use()] : this.hosts;
  }
}

/** Returns the host with the smallest `amount` among those that are up, or among all if none is. */
function best(hosts: readonly Host[], amount: (host: Host) => number): Host {
  let found: Host | undefined;
  for (const host of hosts) {
    if (!found || (host.isUp && !found.isUp)) found = host;
    else if (host.isUp === found.isUp && amount(host) < amount(found)) found = host;
  }
  if (!found) throw new Error("Cannot place a script: there are no hosts.");
  return found;
}
