import type { Random } from "../../torture/random.ts";
import type { Faults } from "./faults.ts";
import type { Book } from "./hall.ts";
import type { Hearing } from "./hearing.ts";

/** How a link ends: closed in order, cut off, or dead without a word. */
export type End = "fin" | "rst" | "silence";

/** What the clients of a crowd share. */
export interface Stage {
  readonly faults: Faults;
  readonly random: Random;
  /** Hears how long it took from the begin of a connection until what was missed was there, ms. */
  resumed(ms: number): void;
}

/** One client of a crowd, whatever it is made of. It checks what it hears, and notes each fault. */
export interface Talker {
  readonly name: string;
  /** What it hears of its rooms, by name, for as long as it is in them. */
  readonly rooms: ReadonlyMap<string, Hearing>;
  /** Requests without an answer. */
  readonly waiting: number;
  readonly isAway: boolean;
  login(): Promise<void>;
  join(room: string): Promise<void>;
  leave(room: string): Promise<void>;
  /** Sends a frame to a room, numbered; with a reply unless `asks` is false. */
  say(room: string, type: string, data?: object, asks?: boolean): void;
  ping(): void;
  book(room: string): Promise<Book>;
  /** Returns whom it takes for a member of a room, and whether for here. */
  users(room: string): Iterable<readonly [name: string, isHere: boolean]>;
  /** Loses its connection, and is away for so long at least. */
  drop(end: End, ms: number): void;
  /** Leaves for good; or just goes, so that the server finds out. */
  end(code: 1000 | undefined): void;
}
