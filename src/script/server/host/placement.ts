import type { Version } from "../../../core/ports/build.ts";
import type { Host } from "./host.ts";
import { LoadedVersion } from "../sandbox/loaded_version.ts";
import type { Slot, SlotOwner } from "../sandbox/slot.ts";

/** Chooses the host and the sandbox of each script. */
export class Placement {
  #lastId = 0;
  readonly #stages = new WeakMap<LoadedVersion, LoadedVersion>();

  constructor(readonly hosts: readonly Host[]) {}

  /** A frame id for a version or a sandbox; never used twice. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** The host with the least work. */
  idlest(): Host {
    return best(this.hosts, (host) => host.burden);
  }

  /**
   * A slot on the host with the fewest scripts, in a sandbox of `version` with room left, else in a new one. `apart`
   * keeps the sandbox for this one script: an application's extension, or one that is suspected.
   */
  slot(version: LoadedVersion, owner: SlotOwner, apart: boolean): Slot {
    const host = best(this.hosts, ({ scripts }) => scripts);
    const capacity = apart ? 1 : version.build.settings.roomsPerSandbox;
    const shared = capacity > 1 ? host.sandboxWithRoom(version) : undefined;
    return (shared ?? host.open(this.nextId(), version, capacity)).slot(owner);
  }

  /** The same version for rehearsals: it shares no sandbox with live scripts. */
  stage(version: LoadedVersion): LoadedVersion {
    let stage = this.#stages.get(version);
    if (!stage) {
      stage = new LoadedVersion(this.nextId(), version.build, version.extension, version.rooms);
      this.#stages.set(version, stage);
    }
    return stage;
  }

  unload(version: Version): void {
    const stage = this.#stages.get(version as LoadedVersion);
    for (const host of this.hosts) {
      host.unload(version as LoadedVersion);
      if (stage) host.unload(stage);
    }
  }
}

/** The host that is up and has the least of something. */
function best(hosts: readonly Host[], amount: (host: Host) => number): Host {
  let found: Host | undefined;
  for (const host of hosts) {
    if (!found || (host.isUp && !found.isUp)) found = host;
    else if (host.isUp === found.isUp && amount(host) < amount(found)) found = host;
  }
  if (!found) throw new Error("Cannot place a script: there are no hosts.");
  return found;
}
