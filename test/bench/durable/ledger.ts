/** The rooms that are killed: they keep book of all that they take, and say with each event where it stands. */

/** One event as the room tells it: to who asked, and to all. */
export interface Line {
  /** Its place among the room's events, from 1. */
  at: number;
  by: string;
  /** Its number among those of its client, from 1. */
  n: number;
  /** What chance was in it, 0 to 1. */
  luck: number;
  /** Over all events up to this one; see `sumOf`. */
  sum: number;
}

/** What a room's book holds. */
export interface Book {
  total: number;
  sum: number;
  /** The last number of each client, by name. */
  last: Record<string, number>;
  wrong: string[];
  /** Editions that the room has run, in order. */
  editions: number[];
}

/** Source of the room in one edition: a later one moves the states of the ones before, and says so in the book. */
export function ledgerRoom(edition: number): string {
  return `import { defineRoom } from "hotroom";

const EDITION = ${edition};

export default defineRoom({
  durable: true,
  state: () => ({ total: 0, sum: 0, last: {}, wrong: [], lines: [], editions: [EDITION] }),
  migrate: (state) => ({ ...state, editions: state.editions.at(-1) === EDITION ? state.editions : [...state.editions, EDITION] }),
  messages: {
    add(room, user, n) {
      const { state } = room;
      const before = state.last[user.name] ?? 0;
      if (n !== before + 1 && state.wrong.length < 50) state.wrong.push(user.name + " said " + n + " after " + before);
      state.last[user.name] = n;
      const luck = Math.random();
      state.sum = (state.sum * 31 + n * 7 + Math.floor(luck * 1000) + user.name.length) % 1000003;
      const line = { at: ++state.total, by: user.name, n, luck, sum: state.sum };
      state.lines = [...state.lines, line].slice(-20);
      room.broadcast("added", line);
      return line;
    },
    book: ({ state: { total, sum, last, wrong, editions } }) => ({ total, sum, last, wrong, editions }),
  },
});
`;
}

const APPLICATION = `import { defineApplication } from "hotroom";
export default defineApplication({ durable: true });
`;

/** How an application outlives a killed server. */
export type Mode = "relaxed" | "strict";

/** Files of the application `ledger`, by path. */
export function ledgerFiles(durable: Mode): Record<string, string> {
  return {
    "ledger/hotroom.json": JSON.stringify({
      rooms: "join",
      emptyGrace: 600_000,
      durable,
      // A busy machine makes waits and absences long.
      limits: { wait: 60_000 },
      session: { grace: 120_000, history: 5_000, historyBytes: 4 * 1024 * 1024 },
    }),
    "ledger/rooms/ledger.js": ledgerRoom(0),
    "ledger/app.js": APPLICATION,
  };
}

/** What `sum` is after one more event. */
export function sumOf(before: number, { n, luck, by }: Line): number {
  return (before * 31 + n * 7 + Math.floor(luck * 1000) + by.length) % 1_000_003;
}

/** The control: what a room's book says after these events and no others. */
export function bookOf(lines: readonly Line[]): Omit<Book, "editions"> {
  const last: Record<string, number> = {};
  let sum = 0;
  for (const line of lines) {
    sum = sumOf(sum, line);
    last[line.by] = line.n;
  }
  return { total: lines.length, sum, last, wrong: [] };
}
