import type { Application } from "../../application/application.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Room } from "../../room/room.ts";
import { LoadSamples } from "./load_samples.ts";
import { type RoomRow, rowOf } from "./room_row.ts";
import type { SortKey, TableQuery } from "./table_query.ts";

/** How many times as long as looking through all rooms has taken it is before that is done again: 1 % of a core. */
const REST = 100;
/** Versions and types that are counted by name. */
const MOST_COUNTED = 100;

/** What a table shows: some rooms, and how many there are of which kind. */
export interface TableView {
  readonly total: number;
  readonly matching: number;
  /** How many rooms there are by type, and by the version that they run. */
  readonly types: Readonly<Record<string, number>>;
  readonly versions: Readonly<Record<string, number>>;
  readonly rows: readonly RoomRow[];
}

interface Ranking extends Omit<TableView, "rows"> {
  readonly rooms: readonly Room[];
}

/**
 * The rooms of an application as one person looks at them. Which are shown is found out by looking through all of them, as often as
 * that costs little; what is shown of them is always of now.
 */
export class RoomTable {
  readonly #loads: LoadSamples;
  #ranking: Ranking | undefined;
  #rankAt = 0;

  /** `application` returns the one that runs at the moment. */
  constructor(
    private readonly application: () => Application | undefined,
    readonly query: TableQuery,
    private readonly clock: Clock,
  ) {
    this.#loads = new LoadSamples(clock);
  }

  /** Returns what there is now; undefined where the application does not run. */
  view(): TableView | undefined {
    const application = this.application();
    if (!application) return undefined;
    const begun = this.clock.monotonic();
    if (!this.#ranking || begun >= this.#rankAt) {
      this.#ranking = this.#rank(application);
      const end = this.clock.monotonic();
      this.#rankAt = end + (end - begun) * REST;
    }
    const { rooms, ...counts } = this.#ranking;
    const shown = rooms.filter((room) => room.state !== "closed");
    return { ...counts, rows: shown.map((room) => rowOf(room, this.#loads.of(room))) };
  }

  #rank({ rooms }: Application): Ranking {
    const types = new Map<string, number>();
    const versions = new Map<string, number>();
    const found: Room[] = [];
    for (const room of rooms.values()) {
      count(types, room.type);
      count(versions, room.extension.version);
      if (this.#fits(room)) found.push(room);
    }
    const { offset, limit } = this.query;
    return {
      total: rooms.size,
      matching: found.length,
      types: Object.fromEntries(types),
      versions: Object.fromEntries(versions),
      rooms: this.#sorted(found).slice(offset, offset + limit),
    };
  }

  #fits(room: Room): boolean {
    const { search, type, version, why } = this.query;
    if (type !== undefined && room.type !== type) return false;
    if (version !== undefined && room.extension.version !== version) return false;
    if (why !== undefined && room.extension.standing !== why) return false;
    return search === undefined || room.name.toLowerCase().includes(search);
  }

  #sorted(rooms: Room[]): Room[] {
    const { sort, descending } = this.query;
    const sign = descending ? -1 : 1;
    // Rooms are in the order in which they were made, and a sort leaves those that are alike in it.
    if (sort === "created") return descending ? rooms.reverse() : rooms;
    if (sort === "name") return rooms.sort((a, b) => (a.name < b.name ? -sign : sign));
    const keyed = rooms.map((room) => ({ room, key: this.#keyOf(room, sort) }));
    return keyed.sort((a, b) => (a.key - b.key) * sign).map(({ room }) => room);
  }

  #keyOf(room: Room, sort: Exclude<SortKey, "name" | "created">): number {
    const { extension } = room;
    switch (sort) {
      case "users":
        return room.members.size;
      case "watchers":
        return room.watchers.size;
      case "load":
        return this.#loads.of(room) ?? 0;
      case "cpu":
        return extension.usage.cpu;
      case "memory":
        return extension.script.sandbox?.memory ?? 0;
      case "waiting":
        return extension.script.waiting;
      case "events":
        return extension.usage.events;
      case "failures":
        return extension.usage.failed;
    }
  }
}

function count(counts: Map<string, number>, name: string): void {
  const before = counts.get(name);
  if (before !== undefined || counts.size < MOST_COUNTED) counts.set(name, (before ?? 0) + 1);
}
