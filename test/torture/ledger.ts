/** The application that the fuzz plays with: its rooms keep book of all they handle and say what they find wrong. */

/** What a room's book holds at the end. */
export interface Book {
  total: number;
  joins: number;
  leaves: number;
  /** Ids of who is in the room by the events, and by `room.users`. */
  members: string[];
  users: string[];
  /** The last number of each user, by id. */
  last: Record<string, number>;
  /** Versions that handled events, in order. */
  versions: number[];
  wrong: string[];
}

/** Source of one version. */
export function ledger(version: number): string {
  return `import { defineRoom } from "hotroom";

const version: number = ${version};

export default defineRoom({
  state: () => ({ total: 0, joins: 0, leaves: 0, members: [], fans: [], last: {}, versions: [version], wrong: [] }),
  migrate: (state) => ({ ...state, versions: state.versions.at(-1) === version ? state.versions : [...state.versions, version] }),
  events: {
    join(room, user) {
      const { state } = room;
      state.joins += 1;
      if (state.members.includes(user.id)) state.wrong.push(user.id + " joined twice");
      state.members.push(user.id);
    },
    leave(room, user) {
      const { state } = room;
      state.leaves += 1;
      if (!state.members.includes(user.id)) state.wrong.push(user.id + " left without having joined");
      state.members = state.members.filter((id) => id !== user.id);
    },
    watch(room, user) {
      const { state } = room;
      if (state.fans.includes(user.id)) state.wrong.push(user.id + " watched twice");
      state.fans.push(user.id);
    },
    unwatch(room, user) {
      const { state } = room;
      if (!state.fans.includes(user.id)) state.wrong.push(user.id + " went without having watched");
      state.fans = state.fans.filter((id) => id !== user.id);
    },
  },
  messages: {
    say(room, user, n) {
      const { state } = room;
      const last = state.last[user.id] ?? 0;
      if (n !== last + 1) state.wrong.push(user.id + " said " + n + " after " + last);
      if (!state.members.includes(user.id)) state.wrong.push(user.id + " said something from outside");
      if (room.watchers !== state.fans.length) state.wrong.push(room.watchers + " watch, not " + state.fans.length);
      state.last[user.id] = n;
      state.total += 1;
      room.broadcast("said", { at: state.total, by: user.id, n, version });
      return state.total;
    },
    kick(room, user, name) {
      room.kick(name, "Out.");
    },
    book: (room) => ({ ...room.state, users: room.users.map((user) => user.id) }),
  },
});
`;
}

/** Edits that must change nothing; the number is that of the version that they would be. */
export const broken: readonly ((version: number) => string)[] = [
  (version) => `${ledger(version)} }`,
  (version) => `throw new Error("at the top level");\n${ledger(version)}`,
  (version) => `import "./nowhere.ts";\n${ledger(version)}`,
  (version) => `for (;;);\n${ledger(version)}`,
  (version) => ledger(version).replace("export default", "export const lost ="),
  (version) =>
    ledger(version).replace(
      "migrate: (state) =>",
      "migrate: (state) => { throw new Error('no'); }, unused: (state) =>",
    ),
  (version) =>
    ledger(version).replace(
      "migrate: (state) => ({",
      "migrate: (state) => ({ bad: (() => { throw new Error('no'); })(), ",
    ),
];
