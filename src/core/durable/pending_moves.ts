import type { JsonText } from "../ports/event.ts";
import type { DurablePlace } from "./durable_place.ts";

/** What distinguishes moves among what is pending. */
const PREFIX = "move ";

/** That a script wants a user to be in a room. */
export interface PendingMove {
  /** Id of the user. */
  readonly user: string;
  readonly room: string;
  /** Name of the room that it leaves for that; absent where it leaves none. */
  readonly from?: string;
  readonly data?: JsonText;
  readonly hops: number;
}

/** The moves of users that scripts have asked for and that are neither done nor refused: kept until they are. */
export class PendingMoves {
  #lastId = 0;
  /** By id; those that were under way when the server ended. */
  readonly #kept = new Map<string, PendingMove>();

  constructor(
    private readonly place: DurablePlace,
    items: ReadonlyMap<string, JsonText> = new Map(),
  ) {
    for (const [key, text] of items) {
      if (!key.startsWith(PREFIX)) continue;
      const id = key.slice(PREFIX.length);
      this.#kept.set(id, JSON.parse(text));
      this.#lastId = Math.max(this.#lastId, Number(id));
    }
  }

  /** Keeps a move; returns its id. */
  add(move: PendingMove): string {
    const id = String(++this.#lastId);
    this.place.put("pending", PREFIX + id, JSON.stringify(move));
    return id;
  }

  /** Notes that a move is done, or could not be. */
  done(id: string): void {
    this.place.delete("pending", PREFIX + id);
  }

  /** Returns a move that was under way when the server ended, once; undefined where it was not. */
  take(id: string): PendingMove | undefined {
    const move = this.#kept.get(id);
    this.#kept.delete(id);
    return move;
  }

  /** Returns those that were under way to a room, each once. */
  takeAll(room: string): [id: string, PendingMove][] {
    const found = [...this.#kept].filter(([, move]) => move.room === room);
    for (const [id] of found) this.#kept.delete(id);
    return found;
  }

  /** Returns the rooms that moves were under way to. */
  rooms(): Set<string> {
    return new Set(Array.from(this.#kept.values(), ({ room }) => room));
  }
}

/** Returns what is kept with the join of a move. */
export function originOfMove(id: string): JsonText {
  return JSON.stringify({ move: id });
}

/** Returns the id of the move that a join is part of; undefined where it is of none. */
export function moveOf(origin: JsonText | undefined): string | undefined {
  return origin?.startsWith('{"move":') ? JSON.parse(origin).move : undefined;
}
