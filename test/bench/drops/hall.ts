/** The room of those who come back: it numbers what it says, and keeps book of what it gets. */
export function hall(edition: number): string {
  return `import { defineRoom } from "hotroom";

const EDITION: number = ${edition};

function take(room, user, { seq, isHeld }) {
  const { last, wrong } = room.state;
  const before = last[user.id] ?? 0;
  if (seq !== before + 1 && wrong.length < 50) wrong.push([user.name, seq, before]);
  // What waits for an answer to something else is handled after its sender has gone.
  if (!user.connected && !isHeld && wrong.length < 50) wrong.push([user.name, "is away, and says", seq, room.state.here[user.id]]);
  last[user.id] = seq;
}

export default defineRoom({
  state: () => ({ said: 0, told: {}, last: {}, wrong: [], here: {}, editions: [EDITION] }),
  migrate: (state) => ({ ...state, editions: [...state.editions, EDITION].slice(-20) }),
  events: {
    join(room, user) {
      room.state.told[user.id] = 0;
      room.state.last[user.id] = 0;
      room.state.here[user.id] = true;
      room.send(user, "begins", { said: room.state.said });
    },
    leave(room, user) {
      for (const book of [room.state.told, room.state.last, room.state.here]) delete book[user.id];
    },
    disconnect(room, user) {
      if (room.state.here[user.id] !== true) room.state.wrong.push([user.name, "was away"]);
      room.state.here[user.id] = false;
    },
    reconnect(room, user) {
      if (room.state.here[user.id] !== false) room.state.wrong.push([user.name, "was here"]);
      room.state.here[user.id] = true;
    },
  },
  messages: {
    say(room, user, data) {
      const { seq } = data;
      take(room, user, data);
      room.broadcast("said", { n: ++room.state.said, seq });
      return { seq };
    },
    others(room, user, data) {
      const { seq } = data;
      take(room, user, data);
      const n = ++room.state.said;
      room.broadcast("said", { n, seq }, { except: user });
      room.send(user, "said", { n, seq });
      return { seq };
    },
    tell(room, user, data) {
      const { seq, to } = data;
      take(room, user, data);
      const listener = room.user(to);
      if (listener) room.send(listener, "told", { n: ++room.state.told[listener.id] });
      return { seq };
    },
    book(room) {
      const { said, told, last, wrong, here, editions } = room.state;
      const users = room.users.map(({ id, name, connected }) => ({
        name, connected, here: here[id], told: told[id], last: last[id],
      }));
      return { said, wrong, editions, users };
    },
  },
});
`;
}

/** What a room's book says. */
export interface Book {
  said: number;
  wrong: unknown[];
  editions: number[];
  users: { name: string; connected: boolean; here: boolean; told: number; last: number }[];
}
