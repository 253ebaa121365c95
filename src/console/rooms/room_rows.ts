import { batch, signal } from "@preact/signals";
import type { RoomRow } from "../../core/view/table/room_row.ts";
import { api } from "../server/ask.ts";
import { follow } from "../server/stream.ts";

/** Which rooms, in which order. */
export interface RoomFilter {
  readonly search: string;
  readonly type: string;
  readonly sort: string;
  readonly order: "asc" | "desc";
}

interface RoomsEvent {
  readonly total?: number;
  readonly matching?: number;
  readonly types?: Readonly<Record<string, number>>;
  readonly order?: readonly string[];
  readonly changed?: readonly (Partial<RoomRow> & { readonly name: string })[];
}

/** Rows that are asked for at once, around what is seen. */
const PAGE = 150;
/** By how many rows the page that is asked for moves. */
const STEP = 50;

/** The rooms of an application that are in sight, live: of ten thousand it knows those that somebody looks at. */
export class RoomRows {
  readonly total = signal(0);
  readonly matching = signal(0);
  readonly types = signal<Readonly<Record<string, number>>>({});
  /** Rows from `offset` on. */
  readonly rows = signal<readonly RoomRow[]>([]);
  readonly offset = signal(0);
  readonly isLoaded = signal(false);
  readonly problem = signal("");
  #filter: RoomFilter = { search: "", type: "", sort: "name", order: "asc" };
  #offset = 0;
  #known = new Map<string, RoomRow>();
  #order: readonly string[] = [];
  #end: (() => void) | undefined;

  constructor(private readonly application: string) {}

  /** Looks at other rooms, from the first on. */
  filter(filter: RoomFilter): void {
    this.#filter = filter;
    this.#offset = 0;
    this.#follow();
  }

  /** Sees to it that the row at an index is there, with some around it. */
  lookAt(index: number): void {
    const offset = Math.max(0, Math.floor((index - STEP) / STEP) * STEP);
    if (offset === this.#offset) return;
    this.#offset = offset;
    this.#follow();
  }

  /** Ends following. */
  close(): void {
    this.#end?.();
  }

  #follow(): void {
    this.#end?.();
    const { search, type, sort, order } = this.#filter;
    const offset = this.#offset;
    const query = new URLSearchParams({ sort, order, offset: String(offset), limit: String(PAGE) });
    if (search !== "") query.set("search", search);
    if (type !== "") query.set("type", type);
    const address = `${api(this.application, "live")}?${query}`;
    let isFirst = true;
    this.#end = follow(
      () => {
        // A stream that begins anew tells all anew.
        isFirst = true;
        return address;
      },
      {
        rooms: (event: RoomsEvent) => {
          if (isFirst) this.#known = new Map();
          isFirst = false;
          this.#take(event, offset);
        },
      },
      ({ message }) => {
        this.problem.value = message;
      },
    );
  }

  #take({ total, matching, types, order, changed = [] }: RoomsEvent, offset: number): void {
    for (const row of changed) this.#known.set(row.name, { ...this.#known.get(row.name), ...row } as RoomRow);
    if (order) {
      this.#order = order;
      const kept = new Set(order);
      for (const name of this.#known.keys()) if (!kept.has(name)) this.#known.delete(name);
    }
    batch(() => {
      this.problem.value = "";
      this.isLoaded.value = true;
      if (total !== undefined) this.total.value = total;
      if (matching !== undefined) this.matching.value = matching;
      if (types) this.types.value = types;
      this.offset.value = offset;
      this.rows.value = this.#order.flatMap((name) => this.#known.get(name) ?? []);
    });
  }
}
