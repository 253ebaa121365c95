import { ReadRecords } from "../history/frame_record.ts";
import type { Build } from "../ports/build.ts";
import type { JsonText } from "../ports/event.ts";
import type { ItemKind, KeptItem, KeptRecord, Place } from "../ports/journal_store.ts";
import type { Standing } from "../version/versions.ts";

/** Reads the events of a script that are kept. */
export type ReadEvents = (at: Place) => Promise<readonly KeptRecord[]>;

/** The items of one place as they were kept: of an application, or of one of its rooms. */
export class KeptPlace {
  readonly #items = new Map<ItemKind, Map<string, JsonText>>();

  constructor(
    readonly at: Place,
    private readonly read: ReadEvents,
  ) {}

  add({ item, key, value }: KeptItem): void {
    const all = this.#items.get(item) ?? new Map();
    this.#items.set(item, all.set(key, value));
  }

  /** Returns the items of a kind, by key. */
  all(item: ItemKind): ReadonlyMap<string, JsonText> {
    return this.#items.get(item) ?? new Map();
  }

  /** Returns an item of which there is one; undefined where it is not kept. */
  one(item: ItemKind): JsonText | undefined {
    return this.all(item).get("");
  }

  /** Returns the events that its script has handled since its snapshot. */
  events(): Promise<readonly KeptRecord[]> {
    return this.read(this.at);
  }
}

/** How an application was. */
export interface KeptState {
  /** Name and content hash of the version that new rooms get. */
  readonly version: string;
  readonly hash: string;
  readonly standing: Standing;
  /** When that went live, ms since the epoch. */
  readonly since: number;
  /** Set as long as its rooms move to that version: how many were to, and the content hash of the version that was live before. */
  readonly moving?: { readonly rooms: number; readonly from?: string };
  /** Name of the newest version that was loaded. */
  readonly lastVersion: string;
  /** Highest number that a user has had. */
  readonly lastUserId: number;
  /** Content hashes that are not loaded again, with the names that they had. */
  readonly quarantined: readonly (readonly [hash: string, version: string])[];
}

/** All that is kept of one application. */
export class KeptApplication {
  /** The application's own. */
  readonly place: KeptPlace;
  /** By name. */
  readonly rooms = new Map<string, KeptPlace>();
  readonly state: KeptState | undefined;
  /** Frames that its users may have missed. */
  readonly frames = new ReadRecords();

  constructor(
    readonly name: string,
    items: readonly KeptItem[],
    read: ReadEvents,
  ) {
    this.place = new KeptPlace({ application: name }, read);
    for (const item of items) this.#placeOf(item, read).add(item);
    const state = this.place.one("application");
    if (state !== undefined) this.state = JSON.parse(state);
  }

  /** The content hashes of the versions that are kept. */
  get versions(): string[] {
    return [...this.place.all("version").keys()];
  }

  /** Returns a version that is kept; undefined where it is not. */
  version(hash: string): Build | undefined {
    const text = this.place.all("version").get(hash);
    return text === undefined ? undefined : readBuild(text);
  }

  /** What is kept of each user, by id. */
  get users(): ReadonlyMap<string, JsonText> {
    return this.place.all("user");
  }

  #placeOf({ at }: KeptItem, read: ReadEvents): KeptPlace {
    if (at.room === undefined) return this.place;
    const found = this.rooms.get(at.room);
    if (found) return found;
    const made = new KeptPlace(at, read);
    this.rooms.set(at.room, made);
    return made;
  }
}

/** Returns the build that was written. */
function readBuild(text: JsonText): Build {
  const { files, sources, rooms, ...rest } = JSON.parse(text);
  return { ...rest, files: new Map(files), sources: new Map(sources), rooms: new Map(rooms) };
}
